import { DuctsError } from "./ductsError.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";

/**
 * Checks an event that a call names: a key, or an id, which is an integer and not negative. A key that the map of events
 * does not have reads as undefined in JavaScript, so this is where a misspelt `EVENT.KEY` ends.
 *
 * @param isId Whether a text is no key, but must hold an id.
 * @throws TypeError for anything else.
 */
export function checkEvent(event: unknown, isId = false): void {
  const isText = typeof event === "string";
  const id = isText && event.trim() ? Number(event) : event;
  if (isText && !isId ? event : Number.isSafeInteger(id) && (id as number) >= 0) return;
  throw new TypeError(`${isText ? JSON.stringify(event) : String(event)} is not ${isId ? "" : "the key or "}the id of an event. Is its key misspelt?`);
}

/**
 * The id of an event.
 *
 * @throws DuctsError `KeyError` where the server has no event of the key.
 */
export function eventIdOf(event: string | number, events: Readonly<Record<string, number>>): number {
  if (typeof event === "number") return event;
  if (!Object.hasOwn(events, event)) throw new DuctsError("KeyError", `The server has no event ${event}.`);
  return events[event] as number;
}

/**
 * Refuses a message that the server would not take, before it is sent: the server would close the connection for it.
 *
 * @throws DuctsError `ValueError`.
 */
export function checkSize(size: number, wsd: Readonly<ServiceDiscovery> | null | undefined): void {
  const limit = wsd?.max_message_size ?? Infinity;
  if (size > limit) throw new DuctsError("ValueError", `The message has ${size} bytes, and the server takes at most ${limit} (its option max_message_size).`);
}

/**
 * Checks how many items of a stream may be on their way.
 *
 * @throws RangeError for what is no integer from 1 to 2^31 - 1.
 */
export function checkWindow(window: number): void {
  if (!Number.isInteger(window) || window < 1 || window > 0x7fffffff) throw new RangeError(`The window ${window} is not an integer from 1 to 2147483647.`);
}

import { DuctsError } from "./ductsError.js";

/**
 * Checks an event that a call names: a key, or an id, which is an integer and not negative. A key that the map of events
 * does not have reads as undefined in JavaScript, so this is where a misspelt `EVENT.KEY` ends.
 *
 * @throws TypeError for anything else.
 */
export function checkEvent(event: unknown): void {
  if (typeof event === "string" ? event !== "" : Number.isSafeInteger(event) && (event as number) >= 0) return;
  const shown = typeof event === "string" ? '""' : String(event);
  throw new TypeError(`${shown} is neither the key nor the id of an event. Is the key misspelt?`);
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
 * Checks the id of an event where keys are no events: an integer, or a text that holds one, and not negative.
 *
 * @throws TypeError for anything else.
 */
export function checkEventId(id: unknown): void {
  const isText = typeof id === "string" && id.trim() !== "";
  if ((isText || typeof id === "number") && Number.isSafeInteger(Number(id)) && Number(id) >= 0) return;
  throw new TypeError(`${typeof id === "string" ? JSON.stringify(id) : String(id)} is not the id of an event. Is its key misspelt?`);
}

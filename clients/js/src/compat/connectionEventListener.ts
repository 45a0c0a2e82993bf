import type { DuctConnectionEvent } from "./ductConnectionEvent.js";

type Listener = (event: DuctConnectionEvent) => void;

/** Functions that are told what the connection does. Set them by assignment or with `on`. */
export class ConnectionEventListener {
  /** The socket is open. */
  onopen: Listener = () => {};
  /** The socket is closed. */
  onclose: Listener = () => {};
  /** The connection failed. */
  onerror: Listener = () => {};
  /** A message came; called before it is read. */
  onmessage: Listener = () => {};

  /**
   * Sets one function for one or more names.
   *
   * @throws ReferenceError for a name that is none of the four.
   */
  readonly on = (names: string | readonly string[], listener: Listener): void => {
    const functions = this as unknown as Record<string, Listener>;
    for (const name of typeof names === "string" ? [names] : names) {
      if (!(name in this)) throw new ReferenceError(`[${name}] in ConnectionEventListener`);
      functions[name] = listener;
    }
  };
}

import type { DuctConnectionEvent } from "./ductConnectionEvent.js";
import { DuctEventListener } from "./ductEventListener.js";

type Listener = (event: DuctConnectionEvent) => void;

/** Functions that are told what the connection does. Set them by assignment or with `on`. */
export class ConnectionEventListener extends DuctEventListener<Listener> {
  /** The socket is open. */
  onopen: Listener = () => {};
  /** The socket is closed. */
  onclose: Listener = () => {};
  /** The connection failed. */
  onerror: Listener = () => {};
  /** A message came; called before it is read. */
  onmessage: Listener = () => {};
}

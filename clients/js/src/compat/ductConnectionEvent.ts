import { DuctEvent } from "./ductEvent.js";

/** What the functions of a `ConnectionEventListener` are given. */
export class DuctConnectionEvent extends DuctEvent {
  /**
   * @param state The function's name: `onopen`, `onclose`, `onerror` or `onmessage`.
   * @param source The WebSocket's event, or the error.
   */
  constructor(
    readonly state: string,
    readonly source: any,
  ) {
    super();
  }
}

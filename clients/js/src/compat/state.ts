/** The values of `Duct.state`: those of a WebSocket's `readyState`, and -1 where there is no socket. */
export const State = Object.freeze({
  CLOSE: -1,
  OPEN_CONNECTING: 0,
  OPEN_CONNECTED: 1,
  OPEN_CLOSING: 2,
  OPEN_CLOSED: 3,
});

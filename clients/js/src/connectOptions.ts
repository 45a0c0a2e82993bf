import type { ReconnectOptions } from "./reconnectOptions.js";
import type { WebSocketConstructor } from "./webSocketLike.js";

/** How to connect. */
export interface ConnectOptions {
  /** Further query parameters of service discovery; handlers read them as `session.Query`. */
  params?: Readonly<Record<string, string | number | boolean>>;
  /**
   * The user's access token, or a function that gives it: asked anew for each service discovery, that is for each session, and
   * to renew the user's rights before they expire. It is sent as `Authorization: Bearer` with service discovery only; the
   * session remembers the user. A function may take as long as `connectTimeout`. An empty one is not sent. A text cannot be
   * renewed: when its rights expire, the session ends.
   */
  token?: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** Further headers of service discovery; a browser's WebSocket has none. */
  headers?: Readonly<Record<string, string>>;
  /** Whether, and how, a lost connection is regained. Default: true. */
  reconnect?: boolean | ReconnectOptions;
  /** Milliseconds that one attempt to connect may take. Default: 10000, a few round trips over the worst of links. */
  connectTimeout?: number;
  /**
   * Milliseconds for which opening is tried again while the server, or a proxy before it, answers that it cannot serve
   * now (408, 429, 5xx): with growing pauses, and not before the time that `Retry-After` names. 0: not at all. Any other
   * failure rejects at once. Default: 60000.
   */
  openTimeout?: number;
  /**
   * Address of service discovery, where `connect` was given the answer of one instead of an address. Without it such a
   * session ends when the server no longer knows it.
   */
  url?: string;
  /** The WebSocket class to use. Default: the global one; Node.js 20 has none, so pass that of package `ws` there. */
  WebSocket?: WebSocketConstructor;
  /**
   * The function that calls service discovery, and asks why a WebSocket was refused. Default: the global `fetch`.
   */
  fetch?: typeof fetch;
}

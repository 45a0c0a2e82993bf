/** How a lost connection is regained. All times in milliseconds. */
export interface ReconnectOptions {
  /** The first pause between two attempts; each further one is up to twice as long. Default: 250. */
  minDelay?: number;
  /** The longest pause between two attempts. Default: 10000. */
  maxDelay?: number;
  /**
   * Attempts to go on with the old session before the client asks service discovery whether the server still answers,
   * where it cannot learn why a socket is refused. Servers of this project tell it (see the guide on clients); those of
   * the original do not, nor does a proxy on another origin. If discovery answers and the socket is still refused, the
   * session is taken for over and a new one is opened. Where the server speaks version 2 of the protocol, only
   * `sessionTimeout` counts: it tells what it knows. Default: 3.
   */
  sessionAttempts?: number;
  /**
   * How long the server keeps a session without a socket: its option `reconnect_timeout`. After this time one failed
   * attempt is enough where the reason cannot be learned. Default: 60000.
   */
  sessionTimeout?: number;
  /** When to give up altogether, counted from the loss. Default: never, for a page should work again by itself. */
  timeout?: number;
}

/** @internal */
export const defaultReconnectOptions: Required<ReconnectOptions> = {
  minDelay: 250,
  maxDelay: 10_000,
  sessionAttempts: 3,
  sessionTimeout: 60_000,
  timeout: Infinity,
};

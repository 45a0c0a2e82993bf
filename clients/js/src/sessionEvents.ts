/** Where a session stands. */
export type SessionState = "new" | "connecting" | "open" | "reconnecting" | "closed";

/** Why a session lost its socket, or ended. */
export interface CloseDetail {
  /** The WebSocket close code; 1006 where the connection broke. */
  code: number;
  /** The server's reason, often empty. */
  reason: string;
  /** Why the client gave up, where it did. */
  error?: Error;
}

/** How a session got its socket back. */
export interface ReconnectedDetail {
  /**
   * True when the server had given up the session and a new one was opened, or had lost what it knew of the session: what had
   * been sent and not answered was rejected, streams ended, and whatever the server kept for the session is gone.
   */
  fresh: boolean;
}

/** The events of a session, by name, with their `detail`. */
export interface SessionEventMap {
  /** The session is open for the first time. */
  open: CustomEvent<undefined>;
  /** The socket is lost; calls wait until it is back. */
  reconnecting: CustomEvent<CloseDetail>;
  /** There is a socket again. */
  reconnected: CustomEvent<ReconnectedDetail>;
  /** The session is over for good. */
  closed: CustomEvent<CloseDetail>;
  /** Something went wrong that no call is told of. */
  error: CustomEvent<Error>;
}

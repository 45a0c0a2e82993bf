import type { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";
import type { Request } from "./requests.js";

/** Who is told what becomes of a link. */
export interface LinkListener {
  message(data: Uint8Array | string): void;
  /** The first socket is open. */
  opened(): void;
  /** The socket is lost and will be regained, if that can be. */
  lost(code: number, reason: string): void;
  /**
   * The server has ended the session; what comes next is a new one, if any can be had.
   *
   * @param unsent Requests that were handed over, and never sent.
   */
  over(unsent: Request[]): void;
  /** The session is over by a fault, which the application should know of. */
  fault(error: DuctsError): void;
  /** Asks the server to end the session, and calls a function when it has answered. */
  end(answered: () => void): void;
  /** Hands the user of a new session over to the one that there is, unless the signal has fired. */
  authenticate(ticket: string, signal: AbortSignal): Promise<unknown>;
  /** The user's rights could not be renewed, or the server gives this user no new session. */
  unauthorized(error: DuctsNotAuthorizedError): void;
  /** There is a socket again: of the same session, or of a new one, or one whose state had to begin anew. */
  regained(fresh: boolean): void;
  /** There will be no socket any more. */
  ended(code: number, reason: string, error?: DuctsError): void;
}

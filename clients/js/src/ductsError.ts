import { parseErrorText } from "./errorText.js";

/**
 * An error that the server answered with, or that the client itself found.
 *
 * `name` says the kind: `KeyError`, `ValueError`, `TypeError`, `PermissionError`, `TimeoutError`, `FileNotFoundError`,
 * `NotImplementedError`, `ConnectionError`, `RuntimeError`. The client's own are `ConnectionError` (the server is out of
 * reach, or the session ended before the reply came) and `TypeError` (a call that should have been a stream).
 */
export class DuctsError extends Error {
  /** The error's text as the server sent it, such as `KeyError('no such group')`; empty for the client's own errors. */
  readonly raw: string;
  /** The HTTP status with which service discovery or the WebSocket was refused; 0 for any other error. */
  readonly status: number = 0;
  /** @internal For how many milliseconds the answer asked not to ask again. */
  readonly retryAfter: number = 0;
  /** @internal The close code and reason that came in the place of WELCOME; 0 where none did. */
  readonly closeCode: number = 0;
  /** @internal */
  readonly closeReason: string = "";

  /**
   * @param name The kind of error.
   * @param message What is wrong, for people.
   * @param raw The server's text.
   */
  constructor(name: string, message: string, raw = "", options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.raw = raw;
  }

  /** The error that a server's error message tells of. */
  static parse(data: unknown): DuctsError {
    const raw = typeof data === "string" ? data : (JSON.stringify(data) ?? "");
    const { name, message } = parseErrorText(raw);
    return new (name === "PermissionError" ? DuctsNotAuthorizedError : DuctsError)(name, message, raw);
  }

  /** @internal */
  static connection(message: string, cause?: unknown): DuctsError {
    return new DuctsError("ConnectionError", message, "", cause === undefined ? undefined : { cause });
  }
}

/**
 * The user may not do it: a `PermissionError` that the server answered a call with, or service discovery or the WebSocket
 * of a new session refused with 401 or 403 (`name` is `ConnectionError` then).
 */
export class DuctsNotAuthorizedError extends DuctsError {}

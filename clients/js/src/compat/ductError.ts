/** What a call is rejected with; its message is the server's text as it came, such as `KeyError('no such group')`. */
export class DuctError extends Error {
  constructor(message?: string, error: unknown = null) {
    super(message, error === null ? undefined : { cause: error });
    this.name = "DuctError";
  }
}

/** Where the answer to a request goes. */
export interface ReplySink {
  /** The only reply. */
  reply(data: unknown): void;
  /** One item of a stream. */
  item(data: unknown): void;
  /** The stream has ended. */
  end(): void;
  /** The request has failed. Nothing follows but perhaps `end`. */
  fail(error: unknown): void;
}

/** Where the answer to a request goes. */
export interface ReplySink {
  /** The only reply. */
  reply(data: unknown): void;
  /** One item of a stream. */
  item(data: unknown): void;
  /** A stream has begun with null, which is an item only if it is given to `item` later. */
  nullStart?(): void;
  /** The stream has ended. */
  end(): void;
  /** The request has failed. Nothing follows but perhaps `end`. */
  fail(error: unknown): void;
}

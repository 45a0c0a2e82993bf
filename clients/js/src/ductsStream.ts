import { ItemQueue } from "./itemQueue.js";
import type { ReplySink } from "./replySink.js";

/**
 * The items of a stream, to be read with `for await`. The request is sent when the first item is asked for; leaving
 * the loop, by `break`, `return` or an exception, cancels it. What arrives faster than it is read is kept in order.
 *
 * An event that answers with a single reply is a stream of that one item.
 */
export class DuctsStream<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #queue = new ItemQueue<T>();
  readonly #start: (sink: ReplySink) => void;
  readonly #cancel: () => void;
  readonly #finished: () => void;
  #started = false;

  /** @internal */
  constructor(start: (sink: ReplySink) => void, cancel: () => void, finished: () => void) {
    this.#start = start;
    this.#cancel = cancel;
    this.#finished = finished;
  }

  /** How many items have arrived and were not read yet. */
  get buffered(): number {
    return this.#queue.length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next item. It is rejected, once, with the error that the stream ended with. */
  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#started && !this.#queue.ended) {
      this.#started = true;
      try {
        this.#start(this.#sink());
      } catch (error) {
        this.#queue.fail(error);
      }
    }
    return this.#queue.take();
  }

  /** Ends the stream and tells the server to stop. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.abort();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** @internal Ends the stream; its reader gets the error if there is one. */
  abort(error?: unknown): void {
    if (!this.#queue.ended) {
      if (error !== undefined) this.#queue.fail(error);
      if (this.#started) this.#cancel();
      this.#finished();
    }
    if (error === undefined) this.#queue.discard();
  }

  #sink(): ReplySink {
    return {
      reply: (data) => {
        this.#queue.add(data as T);
        this.#queue.end();
        this.#finished();
      },
      item: (data) => this.#queue.add(data as T),
      end: () => {
        this.#queue.end();
        this.#finished();
      },
      fail: (error) => {
        this.#queue.fail(error);
        this.#finished();
      },
    };
  }
}

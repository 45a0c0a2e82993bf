import { ItemQueue } from "./itemQueue.js";
import type { ReplySink } from "./replySink.js";

/**
 * The items of a stream, to be read with `for await`. The request is sent when the first item is asked for; leaving
 * the loop, by `break`, `return` or an exception, cancels it. What arrives faster than it is read is kept in order; the
 * handler pauses when that comes to a window of items.
 *
 * An event that answers with a single reply is a stream of that one item.
 */
export class DuctsStream<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #queue = new ItemQueue<T>();
  readonly #start: (sink: ReplySink) => void;
  readonly #cancel: () => void;
  readonly #finished: () => void;
  readonly #giveBack: (count: number) => void;
  readonly #batch: number;
  #started = false;
  /** How many items have come, and for how many of them the server was given credit again. */
  #added = 0;
  #given = 0;

  /** @internal */
  constructor(start: (sink: ReplySink) => void, cancel: () => void, finished: () => void, giveBack: (count: number) => void, window: number) {
    this.#start = start;
    this.#cancel = cancel;
    this.#finished = finished;
    this.#giveBack = giveBack;
    // Half of a window: the server never runs out of credit while the reader has read everything.
    this.#batch = Math.max(window >> 1, 1);
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
    const taken = this.#queue.take();
    this.#credit();
    return taken;
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

  /** Gives credit for what was read. */
  #credit(): void {
    const count = this.#added - this.#queue.length - this.#given;
    if (count < this.#batch || this.#queue.ended) return;
    this.#given += count;
    this.#giveBack(count);
  }

  #sink(): ReplySink {
    return {
      reply: (data) => {
        this.#queue.add(data as T);
        this.#queue.end();
        this.#finished();
      },
      item: (data) => {
        this.#added++;
        this.#queue.add(data as T);
        this.#credit();
      },
      nullStart: () => {
        this.#given++;
        this.#giveBack(1);
      },
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

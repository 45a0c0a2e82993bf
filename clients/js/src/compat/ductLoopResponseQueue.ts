import { ItemQueue } from "../itemQueue.js";

/**
 * The items of a stream; what `Duct.call` resolves with where an event streams. After the last item `dequeue` resolves
 * with null. An error rejects the `dequeue` it meets, whether or not that was called before the error came.
 */
export class DuctLoopResponseQueue {
  readonly #items = new ItemQueue<unknown>();

  /** The next item, or null at the end. */
  readonly dequeue = async (): Promise<unknown> => {
    const { done, value } = await this.#items.take();
    return done ? null : value;
  };

  /** Adds an item, or ends the queue with an error's text. */
  readonly enqueue = (isErrorOccurred: boolean, data: unknown): void => {
    if (isErrorOccurred) this.#items.fail(data);
    else this.#items.add(data);
  };

  /** @internal */
  readonly end = (): void => this.#items.end();
}

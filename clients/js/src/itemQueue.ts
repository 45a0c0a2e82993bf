interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * What has arrived of a stream and was not read yet, and who waits for more. Adding and taking cost the same however
 * much is kept: items lie in an array that is read from a moving start and compacted now and then.
 */
export class ItemQueue<T> {
  #items: T[] = [];
  #start = 0;
  #waiters: Waiter<T>[] = [];
  #ended = false;
  #error: { value: unknown } | undefined;

  /** How many items wait to be read. */
  get length(): number {
    return this.#items.length - this.#start;
  }

  /** Whether the last item has been added. */
  get ended(): boolean {
    return this.#ended;
  }

  add(item: T): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ done: false, value: item });
    else this.#items.push(item);
  }

  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
  }

  /** Ends the queue with an error, which the reader gets after the items that came before it, once. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const first = this.#waiters.shift();
    if (first) first.reject(error);
    else this.#error = { value: error };
    this.end();
  }

  /** Ends the queue and forgets what was not read. */
  discard(): void {
    this.#items = [];
    this.#start = 0;
    this.#error = undefined;
    this.end();
  }

  take(): Promise<IteratorResult<T, undefined>> {
    if (this.#start < this.#items.length) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.#error) {
      const { value } = this.#error;
      this.#error = undefined;
      return Promise.reject(value);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #shift(): T {
    const item = this.#items[this.#start] as T;
    this.#items[this.#start++] = undefined as T;
    if (this.#start === this.#items.length) {
      this.#items = [];
      this.#start = 0;
    } else if (this.#start >= 1024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }
}

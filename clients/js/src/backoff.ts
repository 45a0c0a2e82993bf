/** Growing pauses with jitter: the first is short, each further one up to twice as long, up to a limit. */
export class Backoff {
  #next: number;

  constructor(
    private readonly minDelay: number,
    private readonly maxDelay: number,
  ) {
    this.#next = minDelay;
  }

  /** The next pause in milliseconds, between half and all of its nominal length: many clients must not return at once. */
  next(): number {
    const nominal = this.#next;
    this.#next = Math.min(nominal * 2, this.maxDelay);
    return nominal * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#next = this.minDelay;
  }
}

import { Backoff } from "./backoff.js";
import type { DuctsError } from "./ductsError.js";
import { pause } from "./pause.js";

/** A timer cannot run for longer. */
const maxDelay = 0x7fffffff;

/** How long before the expiry to begin, if that is not more than a fifth of the time. */
const lead = 60_000;

/** How long after the expiry to go on: the server gives some time more. */
const overtime = 5_000;

/**
 * Renews the rights of a session's user before they expire. Only what the server says of the remaining time counts, by a
 * clock that nobody sets.
 */
export class Refresh {
  /** When to renew the rights; 0 or NaN where they do not expire. */
  #due = 0;
  /** When to give up. */
  #end = 0;
  #stop = new AbortController();
  readonly #renew: (stop: AbortSignal) => Promise<unknown>;
  readonly #failed: (error: Error) => void;

  /**
   * @param renew Asks for new rights, hands them over unless the signal has fired, and calls `begin`.
   * @param failed Called with why the rights were not renewed in time.
   */
  constructor(renew: (stop: AbortSignal) => Promise<unknown>, failed: (error: Error) => void) {
    this.#renew = renew;
    this.#failed = failed;
  }

  /** Begins with rights that expire in so many seconds; undefined: never. */
  begin(seconds: number | undefined): void {
    const now = performance.now();
    const left = (seconds as number) * 1000;
    this.#due = now + Math.max(left - Math.min(left / 5, lead), 1_000);
    this.#end = now + left + overtime;
    this.resume();
  }

  /** Goes on after `stop`, at once where the time has come meanwhile. */
  resume(): void {
    this.stop();
    if (this.#due) void this.#run((this.#stop = new AbortController()).signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(stop: AbortSignal): Promise<void> {
    const pauses = new Backoff(1_000, 10_000);
    let due = this.#due;
    while (!stop.aborted) {
      const left = due - performance.now();
      try {
        await (left > 0 ? pause(Math.min(left, maxDelay), stop) : this.#renew(stop));
      } catch (error) {
        due = performance.now() + pauses.next() + ((error as DuctsError).retryAfter || 0);
        if (due < this.#end || stop.aborted) continue;
        this.stop();
        this.#failed(error as Error);
      }
    }
  }
}

/** What is allowed before the server's rhythm is known; the default rhythm is 5 s, and one that is much slower is rare. */
const firstLimit = 65_000;

/** After the limit, a page that was frozen gets this long to read what lay waiting meanwhile. */
const grace = 1_000;

/**
 * Notices that a server which speaks regularly has fallen silent. Browsers tell nothing of a connection whose other
 * end is gone, but ALIVE_MONITORING comes every few seconds; its rhythm is learned from the server's own clock.
 */
export class Silence {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #serverNow = NaN;
  #limit = firstLimit;
  #graceGiven = false;
  #isKnown = false;

  constructor(private readonly fallen: () => void) {}

  /** @param interval The seconds of the rhythm, where the server names them; three of them may pass in silence. */
  start(interval?: number): void {
    this.#isKnown = interval !== undefined;
    if (interval !== undefined) this.#limit = 3_000 * interval;
    this.#heardAt = Date.now();
    this.#graceGiven = false;
    this.#arm(this.#limit);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Anything came. */
  heard(): void {
    this.#heardAt = Date.now();
    this.#graceGiven = false;
  }

  /** ALIVE_MONITORING came; three of them may be missed. */
  alive(serverNow: number): void {
    const interval = (serverNow - this.#serverNow) * 1000;
    this.#serverNow = serverNow;
    if (this.#isKnown || !(interval > 0)) return;
    const limit = 3 * interval + 2_000;
    const shorter = limit < this.#limit;
    this.#limit = limit;
    if (shorter) this.#arm(limit);
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), milliseconds);
  }

  #check(): void {
    const left = this.#heardAt + this.#limit - Date.now();
    if (left > 0) {
      this.#arm(left);
    } else if (!this.#graceGiven) {
      this.#graceGiven = true;
      this.#arm(grace);
    } else {
      this.fallen();
    }
  }
}

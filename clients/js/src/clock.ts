/** Samples that the mean remembers; a later one then weighs as much as the sixteenth did, so that drift shows. */
const memory = 16;

/** Compares this machine's clock with the server's, from the messages of ALIVE_MONITORING. All times in milliseconds. */
export class Clock {
  #sent = 0;
  #count = 0;
  #offset = 0;
  #latency = 0;

  /** How far the server's clock is ahead of this one. */
  get offset(): number {
    return this.#offset;
  }

  /** How long a message takes, one way. */
  get latency(): number {
    return this.#latency;
  }

  /** Starts anew; `sent` is when the request for ALIVE_MONITORING goes out. */
  start(sent: number): void {
    this.#sent = sent;
    this.#count = this.#offset = this.#latency = 0;
  }

  /**
   * @param data `[server_now, server_received]`, Unix seconds.
   * @param received When this message arrived here.
   */
  sample(data: unknown, received: number): void {
    if (!Array.isArray(data)) return;
    const [serverSent, serverReceived] = data.map((seconds) => Number(seconds) * 1000) as [number, number];
    if (!Number.isFinite(serverSent) || !Number.isFinite(serverReceived)) return;
    const there = serverReceived - this.#sent;
    const back = received - serverSent;
    this.#count = Math.min(this.#count + 1, memory);
    this.#offset += ((there - back) / 2 - this.#offset) / this.#count;
    this.#latency += ((there + back) / 2 - this.#latency) / this.#count;
  }
}

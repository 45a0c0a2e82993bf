/** Puts divided messages together again. */
export class DividedMessages {
  readonly #pieces = new Map<unknown, Uint8Array[]>();

  append(requestId: unknown, data: Uint8Array): void {
    if (data.length === 0) return;
    const pieces = this.#pieces.get(requestId);
    if (pieces) pieces.push(data);
    else this.#pieces.set(requestId, [data]);
  }

  /** The whole message, or undefined when nothing of it had come. */
  join(requestId: unknown): Uint8Array | undefined {
    const pieces = this.#pieces.get(requestId);
    if (!pieces) return undefined;
    this.#pieces.delete(requestId);
    const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
    let offset = 0;
    for (const piece of pieces) {
      whole.set(piece, offset);
      offset += piece.length;
    }
    return whole;
  }

  clear(): void {
    this.#pieces.clear();
  }
}

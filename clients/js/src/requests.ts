import { DuctsError } from "./ductsError.js";
import type { ReplySink } from "./replySink.js";

/** Says of a request that was sent, and whose answer will not come, what is not known. */
export function outcomeUnknown(why: string): string {
  return `${why} before the answer came; whether the request was carried out is not known.`;
}

/** A request that waits: for a socket, for its answer, or for both. */
export interface Request {
  readonly id: number;
  /** The event's key, or its id. Keys are looked up when the request is sent: another session may have other ids. */
  readonly event: string | number;
  /** Where the answer goes; undefined when nobody waits for one. */
  readonly sink: ReplySink | undefined;
  /** The packed data, until the request is sent. */
  data: Uint8Array | undefined;
  /** Whether the request means something only in the session it was made in. */
  readonly bound: boolean;
  /** Its place among all that was sent. */
  order: number;
}

/** The requests of a session. A `Map` keeps the order of insertion, so what waits is sent in the order it was made. */
export class Requests {
  readonly #waiting = new Map<number, Request>();
  readonly #sent = new Map<number, Request>();
  /** Requests nobody waits for any more, of which messages may still come. */
  readonly #abandoned = new Set<number>();
  #lastId = 0;
  #lastOrder = 0;

  nextId(): number {
    return ++this.#lastId;
  }

  /** The requests to send, oldest first. */
  get waiting(): IterableIterator<Request> {
    return this.#waiting.values();
  }

  keep(request: Request): void {
    this.#waiting.set(request.id, request);
  }

  /** Notes that a request is on its way. */
  sent(request: Request): void {
    request.order = ++this.#lastOrder;
    request.data = undefined;
    this.#waiting.delete(request.id);
    if (request.sink) this.#sent.set(request.id, request);
  }

  /** Takes a request that cannot be sent out of those that wait. */
  drop(request: Request): void {
    this.#waiting.delete(request.id);
  }

  find(id: unknown): ReplySink | undefined {
    return this.#sent.get(id as number)?.sink;
  }

  /** The event that a request called, as it was named. */
  eventOf(id: unknown): string | number | undefined {
    return this.#sent.get(id as number)?.event;
  }

  isAbandoned(id: unknown): boolean {
    return this.#abandoned.has(id as number);
  }

  /** The last message of a request has come. */
  finish(id: unknown): void {
    this.#sent.delete(id as number);
    this.#abandoned.delete(id as number);
  }

  /** Forgets a request nobody waits for any more. True: the server knows of it. */
  abandon(id: number): boolean {
    this.#waiting.delete(id);
    if (!this.#sent.delete(id)) return false;
    this.#abandoned.add(id);
    return true;
  }

  /** Expects an answer to `id` that is not to be looked at. */
  ignore(id: number): void {
    this.#abandoned.add(id);
  }

  /** The session is gone, and with it the answers to what was sent. What waits is for the next one. */
  sessionLost(why: string): void {
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#abandoned.clear();
    for (const request of this.#waiting.values()) {
      if (request.bound) this.#waiting.delete(request.id);
    }
    for (const request of lost) {
      request.sink?.fail(DuctsError.connection(outcomeUnknown(why)));
    }
  }

  /**
   * The server has closed the socket for a message that was too large: it and what was sent after it were not carried
   * out. What was sent before it is still being answered.
   *
   * @param order The message's place among all that was sent.
   * @returns The error, where nobody waits for an answer to the message.
   */
  refusedForSize(order: number, size: number): DuctsError | undefined {
    const why = `a message of ${size} bytes is larger than the server takes.`;
    let error: DuctsError | undefined = new DuctsError("ValueError", `The request was not carried out: ${why}`);
    for (const request of [...this.#sent.values()]) {
      if (request.order < order) continue;
      this.#sent.delete(request.id);
      const isCulprit = request.order === order;
      request.sink?.fail(isCulprit ? error : DuctsError.connection(`The request was not carried out: before it ${why}`));
      if (isCulprit) error = undefined;
    }
    return error;
  }

  /** Fails everything. */
  close(error: unknown): void {
    const all = [...this.#sent.values(), ...this.#waiting.values()];
    this.#sent.clear();
    this.#waiting.clear();
    this.#abandoned.clear();
    for (const request of all) request.sink?.fail(error);
  }
}

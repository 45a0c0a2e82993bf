import { decodeHead, encode } from "./codec.js";
import { DuctsError } from "./ductsError.js";
import type { Outgoing } from "./exchange.js";
import { Protocol } from "./protocol.js";
import type { ReplySink } from "./replySink.js";

/** Says of a request that was sent, and whose answer will not come, what is not known. */
export function outcomeUnknown(why: string): string {
  return `${why} before the answer came; whether the request was carried out is not known.`;
}

/** Says why the server refused a message of a session that loses nothing. */
export function refusedBy(code: number): string {
  return `The request was not carried out: ${code === 1009 ? "it is larger than the server takes" : "the server could not read it"} (${code}).`;
}

/** A request that waits: for a socket, for its answer, or for both. */
export interface Request extends Outgoing {
  readonly id: number;
  /** The event's key, or its id. Keys are looked up when the request is sent: another session may have other ids. */
  readonly event: string | number;
  /** Where the answer goes; undefined when nobody waits for one. */
  readonly sink: ReplySink | undefined;
  /** The packed data, until the request is sent. */
  data: Uint8Array | undefined;
  /** How many items of its stream may be on their way; undefined where it is none. */
  readonly window: number | undefined;
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

  /** Notes that a request was handed to the socket, whose place among all that was sent is its number. */
  sent(request: Request): void {
    request.number = ++this.#lastOrder;
    this.handedOver(request);
  }

  /** Notes that a request is on its way: it has a number as soon as it is sent. */
  handedOver(request: Request): void {
    request.data = undefined;
    this.#waiting.delete(request.id);
    if (request.sink) this.#sent.set(request.id, request);
  }

  /** Takes a request that cannot be sent out of those that wait. */
  drop(request: Request): void {
    this.#waiting.delete(request.id);
  }

  find(id: unknown): ReplySink | undefined {
    return this.get(id)?.sink;
  }

  /** A request that was handed over, and to which more messages may come. */
  get(id: unknown): Request | undefined {
    return this.#sent.get(id as number);
  }

  /** The event that a request called, as it was named. */
  eventOf(id: unknown): string | number | undefined {
    return this.get(id)?.event;
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

  /**
   * The session is gone, and with it the answers to what was sent. What waits is for the next one.
   *
   * @param unsent Requests that were handed over, and never sent.
   */
  sessionLost(why: string, unsent: Iterable<Request> = []): void {
    for (const request of unsent) {
      this.#sent.delete(request.id);
      // Each session begins with one of its own.
      if (request.event === Protocol.aliveMonitoring) continue;
      // Another session may have another id for the event.
      request.data = request.message.subarray(encode(decodeHead(request.message)).length);
      this.#waiting.set(request.id, request);
    }
    const lost = [...this.#sent.values()].filter(({ number, bound }) => number > 0 || bound);
    this.#abandoned.clear();
    for (const request of this.#waiting.values()) {
      if (request.bound) this.#waiting.delete(request.id);
    }
    for (const request of lost) {
      this.#sent.delete(request.id);
      request.sink?.fail(DuctsError.connection(outcomeUnknown(why)));
    }
  }

  /**
   * The server has refused a message.
   *
   * @returns The error, where nobody waits for an answer to it.
   */
  refused(number: number, code: number): DuctsError | undefined {
    const error = new DuctsError("ValueError", refusedBy(code));
    for (const request of this.#sent.values()) {
      if (request.number !== number) continue;
      this.#sent.delete(request.id);
      request.sink?.fail(error);
      return undefined;
    }
    return error;
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
      if (request.number < order) continue;
      this.#sent.delete(request.id);
      const isCulprit = request.number === order;
      request.sink?.fail(isCulprit ? error : DuctsError.connection(`The request was not carried out: before it ${why}`));
      if (isCulprit) error = undefined;
    }
    return error;
  }

  /**
   * Fails everything.
   *
   * @param lost The error of what was sent.
   */
  close(error: unknown, lost = error): void {
    const all = [...this.#sent.values(), ...this.#waiting.values()];
    this.#sent.clear();
    this.#waiting.clear();
    this.#abandoned.clear();
    for (const { sink, number } of all) sink?.fail(number ? lost : error);
  }
}

import type { Clock } from "./clock.js";
import { decode, decodeHead } from "./codec.js";
import { DividedMessages } from "./dividedMessages.js";
import { DuctsError } from "./ductsError.js";
import { Protocol } from "./protocol.js";
import type { Requests } from "./requests.js";

/** Who is told of messages besides those who wait for an answer. */
export interface InboundListener {
  /** A reply, an item, a push or an error of an event, which is named as the request named it or by its id. */
  message(event: string | number, data: unknown, requestId: unknown, error: DuctsError | undefined): void;
  /** ALIVE_MONITORING; the server's time in Unix seconds. */
  alive(serverNow: number): void;
  /** RECEIVED: the server has taken what was sent up to a number. */
  received(number: unknown): void;
  /** The server has refused a message; its number and the close code. */
  refused(number: number, code: number): void;
  /** A message for a request came that shows that the request was handed to a handler. */
  answered(requestId: unknown): void;
  /** A request has failed because a message for it cannot be read, and more messages may come. */
  unread(requestId: number): void;
  /** Something went wrong that no request is told of. */
  error(error: Error): void;
}

/** Reads what the server sends and gives it to whom it concerns. */
export class Inbound {
  readonly #divided = new DividedMessages();
  /** Streams whose only item so far was null: an empty stream if the end comes next. */
  readonly #nullStarts = new Set<unknown>();

  constructor(
    private readonly requests: Requests,
    private readonly clock: Clock,
    private readonly listener: InboundListener,
  ) {}

  /** Forgets what was half received. */
  reset(): void {
    this.#divided.clear();
    this.#nullStarts.clear();
  }

  /** @returns The message's event; undefined where it could not be read. */
  receive(bytes: Uint8Array | string): number | undefined {
    if (typeof bytes === "string") {
      this.#unreadable("it is text");
      return undefined;
    }
    let message: unknown;
    try {
      message = decode(bytes);
    } catch (error) {
      this.#unreadable("it is no MessagePack", decodeHead(bytes), error);
      return undefined;
    }
    if (!Array.isArray(message) || message.length !== 3 || !Number.isSafeInteger(message[1])) {
      this.#unreadable("it is not [request_id, event_id, data]", message);
      return undefined;
    }
    const [requestId, eventId, data] = message as [unknown, number, unknown];
    this.#dispatch(requestId, eventId, data);
    return eventId;
  }

  #dispatch(requestId: unknown, eventId: number, data: unknown): void {
    if (requestId === null) {
      if (eventId === Protocol.received) {
        this.listener.received(data);
        return;
      }
      const { number, code } = (data ?? {}) as Record<string, unknown>;
      if (eventId === Protocol.protocolError && typeof number === "number") {
        this.listener.refused(number, Number(code));
        return;
      }
    } else if (eventId > 0 || eventId < -Protocol.protocolError) {
      // What the server cannot read it may answer before its turn.
      this.listener.answered(requestId);
    }
    switch (eventId) {
      case Protocol.aliveMonitoring:
        this.clock.sample(data, Date.now());
        this.listener.alive(Array.isArray(data) ? Number(data[0]) : NaN);
        break;
      case Protocol.loopStart:
      case Protocol.loopNext:
      case Protocol.loopEnd:
        if (Array.isArray(data) && data.length === 3 && Number.isSafeInteger(data[1])) {
          this.#streamed(eventId, requestId, data[1] as number, data[2]);
        } else {
          this.#unreadable("a stream's message is not [request_id, event_id, item]", [requestId, eventId]);
        }
        break;
      case Protocol.dividedAppend:
        if (data instanceof Uint8Array) this.#divided.append(requestId, data);
        else this.#unreadable("a piece of a divided message is not bytes", [requestId, eventId]);
        break;
      case Protocol.dividedEnd: {
        const whole = this.#divided.join(requestId);
        if (whole) this.receive(whole);
        else this.#unreadable("a divided message ended that had not begun", [requestId, eventId]);
        break;
      }
      default:
        this.#plain(requestId, eventId, data);
    }
  }

  #plain(requestId: unknown, eventId: number, data: unknown): void {
    const error = eventId < 0 ? DuctsError.parse(data) : undefined;
    // A request that could not be read is answered under an id of its own.
    const event = eventId === -Protocol.protocolError ? this.requests.eventOf(requestId) : undefined;
    this.listener.message(event ?? Math.abs(eventId), data, requestId, error);
    const sink = this.requests.find(requestId);
    if (error && !sink && !this.requests.isAbandoned(requestId)) this.listener.error(error);
    if (requestId === null) return;
    this.requests.finish(requestId);
    if (error) sink?.fail(error);
    else sink?.reply(data);
  }

  #streamed(kind: number, requestId: unknown, eventId: number, item: unknown): void {
    const sink = this.requests.find(requestId);
    const error = eventId < 0 && kind !== Protocol.loopEnd ? DuctsError.parse(item) : undefined;
    const emptySoFar = this.#nullStarts.delete(requestId);
    if (kind === Protocol.loopEnd) {
      this.requests.finish(requestId);
      if (eventId < 0) sink?.fail(new DuctsError("RuntimeError", "The stream ended with an error."));
      sink?.end();
      return;
    }
    // A null at the start was an item after all, for another message has followed it.
    if (emptySoFar) this.#item(sink, requestId, eventId, null);
    if (error) {
      this.listener.message(-eventId, item, requestId, error);
      sink?.fail(error);
    } else if (kind === Protocol.loopStart && item === null) {
      this.#nullStarts.add(requestId);
      sink?.nullStart?.();
    } else {
      this.#item(sink, requestId, eventId, item);
    }
  }

  #item(sink: ReturnType<Requests["find"]>, requestId: unknown, eventId: number, item: unknown): void {
    this.listener.message(Math.abs(eventId), item, requestId, undefined);
    sink?.item(item);
  }

  /**
   * Fails the request that a message is for, as far as that can be told, or tells the listener.
   *
   * @param message What of the message could be read.
   */
  #unreadable(why: string, message?: unknown, cause?: unknown): void {
    const error = new DuctsError("ValueError", `A message of the server cannot be read: ${why}.`, "", { cause });
    const [requestId, eventId] = Array.isArray(message) ? (message as unknown[]) : [];
    const sink = this.requests.find(requestId);
    if (!sink) {
      this.listener.error(error);
      return;
    }
    if (eventId === Protocol.loopStart || eventId === Protocol.loopNext || eventId === Protocol.dividedAppend) this.listener.unread(requestId as number);
    else this.requests.finish(requestId);
    sink.fail(error);
  }
}

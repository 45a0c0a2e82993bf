import type { CallOptions, StreamOptions } from "./callOptions.js";
import { CallSink } from "./callSink.js";
import { checkEvent, checkSize, checkWindow, eventIdOf } from "./checks.js";
import { Clock } from "./clock.js";
import { encode, encodeMessage, frame } from "./codec.js";
import type { ConnectOptions } from "./connectOptions.js";
import { DuctsError } from "./ductsError.js";
import { DuctsStream } from "./ductsStream.js";
import { encodeCredit, nothing } from "./exchange.js";
import { Inbound } from "./inbound.js";
import { Link } from "./link.js";
import { MessageHandlers } from "./messageHandlers.js";
import type { MessageHandler } from "./messageInfo.js";
import { cancelKey, Protocol } from "./protocol.js";
import type { ReplySink } from "./replySink.js";
import { outcomeUnknown, Requests, type Request } from "./requests.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";
import type { CloseDetail, ReconnectedDetail, SessionEventMap, SessionState } from "./sessionEvents.js";
import { Silence } from "./silence.js";

/** The close code for a message that was larger than the server takes. */
const tooBig = 1009;

/**
 * A session with a Ducts server. It outlives its socket: a connection that is lost is regained by itself, and calls
 * made meanwhile wait. Only the server can end it: then what it has not answered is rejected, a new session is opened by
 * itself, and `reconnected` tells of it.
 *
 * A server of this project and the client lose nothing over lost connections: each message reaches the other side once,
 * and in order. With servers of the original, what was on its way in the very moment a connection broke can be lost in
 * either direction; limit the time of calls that must not wait for ever with `{ signal: AbortSignal.timeout(…) }`.
 */
export class DuctsSession extends EventTarget {
  /** Called when the session is open for the first time. */
  onopen: (() => void) | null = null;
  /** Called when the socket is lost; calls wait until it is back. */
  onreconnecting: ((detail: CloseDetail) => void) | null = null;
  /** Called when there is a socket again. */
  onreconnected: ((detail: ReconnectedDetail) => void) | null = null;
  /** Called when the session is over for good. */
  onclosed: ((detail: CloseDetail) => void) | null = null;
  /**
   * Called with what goes wrong and no call is told of: a handler that throws, an unreadable message, an error that
   * answers a `send`, a `DuctsNotAuthorizedError` where the user's rights could not be renewed in time or a new session is
   * refused. Where neither this nor an `error` listener is set, it goes to the console.
   */
  onerror: ((error: Error) => void) | null = null;

  readonly #requests = new Requests();
  readonly #handlers = new MessageHandlers();
  readonly #clock = new Clock();
  readonly #silence = new Silence(() => this.#link.drop());
  readonly #inbound: Inbound;
  readonly #link: Link;
  #state: SessionState = "new";
  #opening: Promise<this> | undefined;
  #errorListened = false;
  /** The largest message that went over the socket. */
  #largest = { order: 0, size: 0 };

  /**
   * Prepares a session; `open` opens it. `connect` does both.
   *
   * @param target Address of service discovery, or the answer of one.
   */
  constructor(target: string | ServiceDiscovery = "/ducts/wsd", options: ConnectOptions = {}) {
    super();
    this.#inbound = new Inbound(this.#requests, this.#clock, {
      message: (event, data, requestId, error) => {
        const eventId = typeof event === "number" ? event : (this.EVENT[event] ?? Protocol.protocolError);
        this.#handlers.invoke(data, { eventId, requestId, error }, (thrown) => this.#error(thrown));
      },
      alive: (serverNow) => this.#silence.alive(serverNow),
      received: (number) => this.#link.exchange?.received(number),
      refused: (number, code) => {
        const untold = this.#requests.refused(number, code);
        if (untold) this.#error(untold);
      },
      answered: (id) => {
        const request = this.#requests.get(id);
        if (request && !request.bound) this.#link.exchange?.answered(request);
      },
      unread: (id) => this.#cancel(id),
      error: (error) => this.#error(error),
    });
    this.#link = new Link(target, options, {
      message: (data) => {
        this.#silence.heard();
        const { exchange } = this.#link;
        const eventId = this.#inbound.receive(data);
        exchange?.processed(eventId, data.length);
      },
      opened: () => this.#opened(),
      lost: (code, reason) => this.#lost({ code, reason }),
      over: (unsent) => this.#requests.sessionLost("The session was lost", unsent),
      fault: (error) => this.#error(error),
      end: (answered) => this.#request(this.#requests.nextId(), Protocol.end, null, new CallSink(answered, answered, answered), { bound: true }),
      authenticate: (ticket, signal) => this.call(Protocol.authenticate, { ticket }, { signal }),
      unauthorized: (error) => this.#error(error),
      regained: (fresh) => this.#regained(fresh),
      ended: (code, reason, error) => this.#ended({ code, reason, ...(error && { error }) }),
    });
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#state;
  }

  /** The server's events: ids by key. Empty until the session is open. */
  get EVENT(): Readonly<Record<string, number>> {
    return this.#link.wsd?.EVENT ?? {};
  }

  /** The answer of service discovery that the session lives on. */
  get wsd(): Readonly<ServiceDiscovery> | undefined {
    return this.#link.wsd;
  }

  /** Milliseconds that the server's clock is ahead of this one: `Date.now() + timeOffset` is the server's time. */
  get timeOffset(): number {
    return this.#clock.offset;
  }

  /** Milliseconds that a message takes, one way. */
  get latency(): number {
    return this.#clock.latency;
  }

  /**
   * Opens the session. It is rejected when the server is out of reach or refuses; then make another session. While the
   * server cannot serve for now, it is tried again for as long as `openTimeout` says.
   */
  open(): Promise<this> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /**
   * Calls an event and resolves with its reply.
   *
   * @param event The event's key or id.
   * @param data The arguments: an object by name, an array by position, anything else the first one.
   * @throws DuctsError What the server answered; `ConnectionError` when the session ends before the reply comes, `KeyError`
   * for a key that the server does not have, `ValueError` for a message that is larger than the server takes.
   * @throws TypeError For an event that is neither a key nor an id, and for data that cannot be sent.
   */
  call<T = unknown>(event: string | number, data?: unknown, options: CallOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      checkEvent(event);
      const { signal } = options;
      signal?.throwIfAborted();
      const id = this.#requests.nextId();
      const done = (): void => signal?.removeEventListener("abort", aborted);
      const aborted = (): void => {
        this.#cancel(id);
        done();
        reject(signal?.reason);
      };
      const sink = new CallSink(
        (reply) => (done(), resolve(reply as T)),
        (error) => (done(), reject(error)),
        () => this.#cancel(id),
      );
      this.#request(id, event, data, sink);
      signal?.addEventListener("abort", aborted);
    });
  }

  /**
   * Calls an event that answers with a stream: `for await (const item of duct.stream("COUNT", 10)) …`. Leaving the
   * loop cancels the request. The handler pauses when it is `window` items ahead of the loop.
   *
   * @param event The event's key or id.
   * @param data The arguments, as in `call`.
   * @throws RangeError For a window that is none.
   */
  stream<T = unknown>(event: string | number, data?: unknown, options: StreamOptions = {}): DuctsStream<T> {
    checkEvent(event);
    const { signal, window = 256 } = options;
    checkWindow(window);
    const id = this.#requests.nextId();
    const aborted = (): void => stream.abort(signal?.reason);
    const stream = new DuctsStream<T>(
      (sink) => {
        signal?.throwIfAborted();
        this.#request(id, event, data, sink, { window });
        signal?.addEventListener("abort", aborted);
      },
      () => this.#cancel(id),
      () => signal?.removeEventListener("abort", aborted),
      (count) => this.#giveCredit(id, count),
      window,
    );
    return stream;
  }

  /**
   * Sends a request whose reply nobody waits for; functions set with `on` get it nevertheless.
   *
   * @returns The request's id.
   */
  send(event: string | number, data?: unknown): number {
    checkEvent(event);
    const id = this.#requests.nextId();
    this.#request(id, event, data, undefined);
    return id;
  }

  /**
   * Sets a function for an event: it is given what the server pushes for it, and every reply and item of it too.
   *
   * @param event The event's key or id.
   * @returns A function that takes it away again.
   */
  on<T = unknown>(event: string | number, handler: MessageHandler<T>): () => void {
    checkEvent(event);
    return this.#handlers.add(event, handler as MessageHandler);
  }

  /** Ends the session, at the server too. Calls that were not answered are rejected. Resolves when the server has confirmed it. */
  async close(): Promise<void> {
    if (this.#state === "new") this.#ended({ code: 1000, reason: "" });
    await this.#link.close();
  }

  override addEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: ((event: SessionEventMap[K]) => void) | EventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    if (type === "error") this.#errorListened = true;
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: ((event: SessionEventMap[K]) => void) | EventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void {
    super.removeEventListener(type, listener as EventListener, options);
  }

  async #open(): Promise<this> {
    if (this.#state === "closed") throw closedError();
    this.#state = "connecting";
    try {
      await this.#link.open();
    } catch (error) {
      this.#ended({ code: 1006, reason: "", error: error as Error });
      throw error;
    }
    return this;
  }

  #opened(): void {
    this.#state = "open";
    this.#begin();
    this.#emit("open", undefined);
  }

  /** The first socket of a session is there. */
  #begin(): void {
    this.#handlers.setEvents(this.EVENT);
    const now = Date.now();
    this.#clock.start(now);
    const id = this.#requests.nextId();
    if (this.#link.exchange) this.#request(id, Protocol.aliveMonitoring, now / 1000, undefined);
    else this.#link.send(encode([id, Protocol.aliveMonitoring, now / 1000]));
    this.#startSilence();
    this.#flush();
  }

  /** A server that speaks version 2 of the protocol names its rhythm. */
  #startSilence(): void {
    this.#silence.start(this.#link.exchange && this.wsd?.alive_monitoring_interval);
  }

  #lost(detail: CloseDetail): void {
    this.#silence.stop();
    this.#state = "reconnecting";
    if (detail.code === tooBig && !this.#link.exchange) {
      const untold = this.#requests.refusedForSize(this.#largest.order, this.#largest.size);
      if (untold) this.#error(untold);
    }
    this.#emit("reconnecting", detail);
  }

  #regained(fresh: boolean): void {
    this.#state = "open";
    this.#largest = { order: 0, size: 0 };
    if (fresh) {
      this.#inbound.reset();
      this.#requests.sessionLost("The session was lost");
      this.#begin();
    } else {
      this.#startSilence();
      this.#flush();
    }
    this.#emit("reconnected", { fresh });
  }

  #ended(detail: CloseDetail): void {
    if (this.#state === "closed") return;
    this.#silence.stop();
    this.#state = "closed";
    this.#inbound.reset();
    const error = closedError(detail.error);
    this.#requests.close(error, this.#link.exchange && DuctsError.connection(outcomeUnknown("The session was closed"), detail.error));
    this.#emit("closed", detail);
  }

  #request(
    id: number,
    event: string | number,
    data: unknown,
    sink: ReplySink | undefined,
    { bound = false, window }: { bound?: boolean; window?: number } = {},
  ): void {
    if (this.#state === "closed") throw closedError();
    const request: Request = { id, event, sink, bound, window, data: undefined, message: nothing, number: 0 };
    if (this.#state === "open" || this.#link.exchange) {
      const message = encodeMessage(id, eventIdOf(event, this.EVENT), data);
      checkSize(message.length, this.wsd);
      if (this.#send(request, message)) return;
    }
    // Packed now, so that the caller may change its data afterwards.
    request.data = encode(data, "data");
    checkSize(request.data.length, this.wsd);
    this.#requests.keep(request);
  }

  /** Hands a message to the session of version 2, or to the socket, if there is one. */
  #send(request: Request, message: Uint8Array<ArrayBuffer>): boolean {
    const { exchange } = this.#link;
    if (exchange) {
      request.message = message;
      if (request.window) request.credit = encodeCredit(request.id, request.window);
      this.#requests.handedOver(request);
      exchange.send(request);
      return true;
    }
    if (!this.#link.send(message)) return false;
    this.#requests.sent(request);
    if (message.length > this.#largest.size) this.#largest = { order: request.number, size: message.length };
    return true;
  }

  /** Gives the server credit for further items of a stream. */
  #giveCredit(id: number, credit: number): void {
    if (this.#requests.find(id)) this.#link.exchange?.sendCredit(id, credit);
  }

  /** Sends what waited for a socket. */
  #flush(): void {
    for (const request of this.#requests.waiting) {
      let message: Uint8Array<ArrayBuffer>;
      try {
        message = frame(request.id, eventIdOf(request.event, this.EVENT), request.data as Uint8Array);
        checkSize(message.length, this.wsd);
      } catch (error) {
        this.#requests.drop(request);
        if (request.sink) request.sink.fail(error);
        else this.#error(error);
        continue;
      }
      if (!this.#send(request, message)) return;
    }
  }

  #cancel(id: number): void {
    const request = this.#requests.get(id);
    // What the server has not been told of it need not be told to forget.
    if (request && this.#link.exchange?.drop(request)) this.#requests.finish(id);
    if (!this.#requests.abandon(id) || this.#state === "closed" || !(cancelKey in this.EVENT)) return;
    const cancelId = this.#requests.nextId();
    this.#requests.ignore(cancelId);
    this.#request(cancelId, cancelKey, id, undefined, { bound: true });
  }

  #error(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!this.onerror && !this.#errorListened) console.error(error);
    this.#emit("error", error);
  }

  #emit<K extends keyof SessionEventMap>(type: K, detail: SessionEventMap[K]["detail"]): void {
    const property = this[`on${type}`] as ((detail: unknown) => void) | null;
    try {
      property?.(detail);
    } catch (error) {
      console.error(error);
    }
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function closedError(cause?: unknown): DuctsError {
  return DuctsError.connection("The session is closed.", cause);
}

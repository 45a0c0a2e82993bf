import { Clock } from "../clock.js";
import { decode, decodeHead, encode, encodeMessage } from "../codec.js";
import { randomId } from "../discover.js";
import { DividedMessages } from "../dividedMessages.js";
import { checkEvent, checkSize } from "../checks.js";
import { reactionTo } from "../closeCodes.js";
import type { Exchange, Outgoing } from "../exchange.js";
import { exchangeOf, versioned } from "../exchangeOf.js";
import { Protocol } from "../protocol.js";
import { outcomeUnknown, refusedBy } from "../requests.js";
import type { ServiceDiscovery } from "../serviceDiscovery.js";
import { shownUrl } from "../shownUrl.js";
import { Silence } from "../silence.js";
import { abandon, createSocket, messageOf, webSocketClass } from "../socket.js";
import type { WebSocketConstructor, WebSocketLike } from "../webSocketLike.js";
import { ConnectionEventListener } from "./connectionEventListener.js";
import { DuctConnectionEvent } from "./ductConnectionEvent.js";
import { DuctError } from "./ductError.js";
import type { DuctEventHandler, PromiseContext } from "./ductEventHandler.js";
import { DuctLoopResponseQueue } from "./ductLoopResponseQueue.js";
import { openDuctSocket, type SocketMessage } from "./ductSocket.js";
import { addFormerNames } from "./formerNames.js";
import { State } from "./state.js";

/**
 * The client with the interface of the original browser client, for pages written for that one. It speaks over one
 * socket and reconnects when told to; new pages use `connect`. Its functions may be taken off the object and called.
 *
 * Classes derived from it may override `_onopen` and the other methods with an underscore, which are given the object
 * itself first, as in the original.
 */
export class Duct {
  /** The answer of service discovery. */
  WSD: ServiceDiscovery | null = null;
  /** Event ids by key, once open. */
  EVENT: Record<string, number> | null = null;
  /** The last request id given out. */
  lastRid = 0;
  /** Called with every message. */
  catchallEventHandler: DuctEventHandler = () => {};
  /** Called with messages of events no function is set for. */
  uncaughtEventHandler: DuctEventHandler = () => {};
  /** Called when a message cannot be read, or a function set for its event throws. */
  eventErrorHandler: (rid: unknown, eid: number, data: unknown, error: unknown) => void = () => {};
  /** Told what the connection does. The name is the original's; pages set its functions. */
  readonly _connectionListener = new ConnectionEventListener();
  /** Packs a value. */
  encode = (value: unknown): Uint8Array => encode(value);
  /** Unpacks a value. */
  decode = (bytes: Uint8Array): unknown => decode(bytes);

  readonly #webSocket: WebSocketConstructor | undefined;
  readonly #fetch: typeof fetch;
  readonly #handlers = new Map<number, DuctEventHandler>();
  readonly #onopenHandlers: (() => void)[] = [];
  readonly #waiting = new Map<unknown, PromiseContext>();
  readonly #closing: PromiseContext[] = [];
  readonly #queues = new Map<unknown, DuctLoopResponseQueue>();
  readonly #divided = new DividedMessages();
  readonly #clock = new Clock();
  readonly #silence = new Silence(() => this.#drop());
  /** The messages of the session, where it speaks version 2 of the protocol. */
  #exchange: Exchange | undefined;
  /** The message that was sent last. */
  #sent: Outgoing | undefined;
  #socket: WebSocketLike | null = null;
  #opening: Promise<this> | undefined;
  #attempt = new AbortController();

  /** @param options The WebSocket class and the fetch function to use, where the global ones are missing. */
  constructor(options: { WebSocket?: WebSocketConstructor; fetch?: typeof fetch } = {}) {
    this.#webSocket = options.WebSocket;
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** One of `State`. */
  get state(): number {
    return this.#socket ? this.#socket.readyState : State.CLOSE;
  }

  /** Seconds that the server's clock is ahead of this one. */
  get timeOffset(): number {
    return this.#clock.offset / 1000;
  }

  /** Seconds that a message takes, one way. */
  get timeLatency(): number {
    return this.#clock.latency / 1000;
  }

  /** The next request id: the time in milliseconds, or one more than the last. */
  readonly nextRid = (): number => (this.lastRid = Math.max(Date.now(), this.lastRid + 1));

  /** Sets the function for an event; without one, takes it away. */
  readonly setEventHandler = (eventId: number, handler: DuctEventHandler | null = null): void => {
    if (handler) this.#handlers.set(Number(eventId), handler);
    else this.#handlers.delete(Number(eventId));
  };

  /** Adds a function that is called whenever a session has been opened. */
  readonly addOnopenHandler = (handler: () => void): void => {
    this.#onopenHandlers.push(handler);
  };

  /** Calls a function at once where a session is open, else as soon as one is. */
  readonly invokeOnOpen = (handler: () => void): void => {
    if (this.state === State.OPEN_CONNECTED) handler();
    else this.addOnopenHandler(handler);
  };

  /**
   * Opens a session.
   *
   * @param wsdUrl Address of service discovery.
   * @param uuid A query such as `?uuid=…` of one's own, or the value alone. Default: a random one.
   * @param params Further query parameters.
   */
  open = (wsdUrl: string, uuid: string | null = null, params: Readonly<Record<string, unknown>> = {}): Promise<this> =>
    this._open(this, wsdUrl, uuid, params);

  /** Opens a new socket for the session, after its socket was lost. */
  reconnect = (): Promise<this> => this._reconnect(this);

  /**
   * Sends a message.
   *
   * @returns The request's id.
   * @throws TypeError For an event id that is none, and for data that cannot be sent.
   */
  send = (requestId: unknown, eventId: number, data?: unknown): unknown => this._send(this, requestId, eventId, data);

  /** Calls an event. Resolves with its reply, or with a `DuctLoopResponseQueue` where it streams. */
  readonly call = (eid: number, data: unknown = []): Promise<any> =>
    new Promise((resolve, reject) => {
      const rid = this.nextRid();
      this.#sent = undefined;
      this.send(rid, eid, data);
      this.#waiting.set(rid, { resolve, reject, sent: this.#sent });
    });

  /** Closes the socket. Resolves with the close event when the server has confirmed it. */
  close = (): Promise<unknown> => this._close(this);

  /** @internal */
  _open(self: this, wsdUrl: string, uuid: string | null, params: Readonly<Record<string, unknown>>): Promise<this> {
    let query = uuid?.startsWith("?") ? uuid : `?uuid=${encodeURIComponent(uuid ?? randomId())}`;
    for (const [key, value] of Object.entries(params)) {
      query += `&${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`;
    }
    return self.#once(async (signal) => {
      try {
        const response = await self.#fetch(wsdUrl + query, { signal });
        if (!response.ok) throw new DuctError(`The server at ${shownUrl(wsdUrl)} answered ${response.status}.`);
        self.WSD = (await response.json()) as ServiceDiscovery;
        self.EVENT = self.WSD.EVENT;
        self.#exchange = exchangeOf(self.WSD);
      } catch (error) {
        self.#tell("onerror", error);
        throw error;
      }
      await self.#connect(self.WSD.websocket_url, signal, (event) => self._onopen(self, event));
    });
  }

  /** @internal */
  _reconnect(self: this): Promise<this> {
    return self.#once(async (signal) => {
      if (!self.WSD) throw new DuctError("There is no session to reconnect to; call open first.");
      await self.#connect(self.WSD.websocket_url_reconnect, signal, (event) => self._onreconnect(self, event));
    });
  }

  /** @internal */
  _send(self: this, requestId: unknown, eventId: number, data: unknown): unknown {
    checkEvent(eventId, true);
    if (!self.#socket) throw new DuctError("There is no connection.");
    const message = encodeMessage(requestId, eventId, data);
    checkSize(message.length, self.WSD);
    if (self.#exchange) self.#exchange.send((self.#sent = { message, bound: false, number: 0 }));
    else self.#socket.send(message);
    return requestId;
  }

  /** @internal */
  _close(self: this): Promise<unknown> {
    const socket = self.#socket;
    if (!socket) {
      self.#attempt.abort();
      return Promise.resolve();
    }
    socket.close(1000);
    return new Promise((resolve, reject) => self.#closing.push({ resolve, reject }));
  }

  /** @internal A session was opened. */
  _onopen(self: this, _event: unknown): void {
    // What an earlier session has not answered nobody answers any more.
    self.#lose();
    const now = Date.now();
    self.#clock.start(now);
    self.send(self.nextRid(), Protocol.aliveMonitoring, now / 1000);
    for (const handler of self.#onopenHandlers) handler();
  }

  /** @internal The session goes on over a new socket. */
  _onreconnect(_self: this, _event: unknown): void {}

  /** @internal A message came. */
  _onmessage(self: this, event: DuctConnectionEvent): void {
    const { data } = event.source as { data: ArrayBuffer | string };
    try {
      self._connectionListener.onmessage(event);
      if (typeof data === "string") throw new DuctError("A text message came where MessagePack is expected.");
      self.#receive(new Uint8Array(data));
    } catch (error) {
      self.eventErrorHandler(-1, -1, null, error);
    }
  }

  /** Opens one socket at a time: whoever asks meanwhile gets the same one. */
  #once(open: (signal: AbortSignal) => Promise<void>): Promise<this> {
    if (this.#socket) return Promise.resolve(this);
    if (this.#opening) return this.#opening;
    this.#attempt = new AbortController();
    this.#opening = open(this.#attempt.signal)
      .then(() => this)
      .finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  #connect(url: string, signal: AbortSignal, opened: (event: unknown) => void): Promise<void> {
    const exchange = this.#exchange;
    const socket = createSocket(webSocketClass(this.#webSocket), versioned(url, exchange));
    return openDuctSocket(socket, exchange, signal, {
      opened: (event, isBeginning) => {
        this.#socket = socket;
        // Whatever was asked for, what the server begins is a session.
        if (isBeginning) this._onopen(this, event);
        else opened(event);
        if (exchange) this.#silence.start(this.WSD?.alive_monitoring_interval);
        exchange?.connected((bytes) => socket.send(bytes));
        this.#tell("onopen", event);
      },
      failed: (event) => this.#tell("onerror", event),
      message: (event) => this.#heard(event),
      closed: (event) => {
        if (exchange && exchange === this.#exchange && !reactionTo(event.code, true).startsWith("resume")) this.#lose();
        if (this.#socket === socket) this.#closed(event);
      },
    });
  }

  /** A message came; what it is for has it when this returns. */
  #heard(event: SocketMessage): void {
    const exchange = this.#exchange;
    if (exchange) this.#silence.heard();
    this._onmessage(this, new DuctConnectionEvent("onmessage", event));
    if (!exchange) return;
    const bytes = messageOf(event);
    exchange.processed(typeof bytes === "string" ? undefined : decodeHead(bytes)[1], bytes.length);
  }

  /** The server is silent, so the connection is taken for lost. */
  #drop(): void {
    if (!this.#socket) return;
    abandon(this.#socket);
    this.#closed({ code: 1006 });
  }

  /** Ends all calls and streams that were not answered. */
  #lose(): void {
    const lost = outcomeUnknown("The session was lost");
    const waiting = [...this.#waiting.values()];
    const queues = [...this.#queues.values()];
    this.#waiting.clear();
    this.#queues.clear();
    this.#divided.clear();
    this.#exchange?.takeUnsent();
    for (const { reject } of waiting) reject(new DuctError(lost));
    for (const queue of queues) queue.enqueue(true, lost);
  }

  #closed(event: { code: number }): void {
    this.#socket = null;
    this.#silence.stop();
    this.#exchange?.disconnected();
    for (const { resolve, reject } of this.#closing.splice(0)) (event.code === 1000 ? resolve : reject)(event);
    this.#tell("onclose", event);
  }

  #tell(name: "onopen" | "onclose" | "onerror", source: unknown): void {
    this._connectionListener[name](new DuctConnectionEvent(name, source));
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#message(decode(bytes) as [unknown, number, unknown]);
    } catch (error) {
      const [rid] = decodeHead(bytes);
      this.#fail(rid, new DuctError("The answer cannot be read.", error));
      throw error;
    }
  }

  #message([rid, eid, data]: [unknown, number, unknown]): void {
    if (rid === null && this.#exchange) {
      if (eid === Protocol.received) return this.#exchange.received(data);
      if (eid === Protocol.protocolError) return this.#refuse(data as { number: number; code: number });
    }
    this.#call(this.catchallEventHandler, rid, eid, data);
    switch (eid) {
      case Protocol.aliveMonitoring:
        this.#clock.sample(data, Date.now());
        if (this.#handlers.has(eid)) this.#handle(rid, eid, data);
        break;
      case Protocol.loopStart:
      case Protocol.loopNext:
        this.#item(rid, data as [unknown, number, unknown]);
        break;
      case Protocol.loopEnd:
        this.#end(rid, data as [unknown, number, unknown]);
        break;
      case Protocol.dividedAppend:
        this.#divided.append(rid, data as Uint8Array);
        break;
      case Protocol.dividedEnd: {
        const whole = this.#divided.join(rid);
        if (whole) this.#receive(whole);
        break;
      }
      default: {
        const replacement = this.#handle(rid, eid, data);
        if (Array.isArray(replacement)) this.#settle(...(replacement as [unknown, number, unknown]));
        else this.#settle(rid, eid, data);
      }
    }
  }

  /** The server has refused a message. */
  #refuse({ number, code }: { number: number; code: number }): void {
    const error = new DuctError(refusedBy(code));
    const [rid] = [...this.#waiting].find(([, { sent }]) => sent?.number === number) ?? [];
    if (rid === undefined) this.eventErrorHandler(-1, -1, null, error);
    else this.#fail(rid, error);
  }

  #handle(rid: unknown, eid: number, data: unknown): unknown {
    return this.#call(this.#handlers.get(Math.abs(eid)) ?? this.uncaughtEventHandler, rid, eid, data);
  }

  /** Calls a function of the page's. One that throws holds up nothing. */
  #call(handler: DuctEventHandler, rid: unknown, eid: number, data: unknown): unknown {
    try {
      return handler(rid, eid, data);
    } catch (error) {
      this.eventErrorHandler(rid, eid, data, error);
      return undefined;
    }
  }

  #settle(rid: unknown, eid: number, data: unknown): void {
    if (eid < 0) {
      this.#fail(rid, new DuctError(String(data)));
      return;
    }
    this.#waiting.get(rid)?.resolve(data);
    this.#waiting.delete(rid);
  }

  /** Rejects a call, or ends its stream where that has begun. */
  #fail(rid: unknown, error: DuctError): void {
    this.#waiting.get(rid)?.reject(error);
    this.#waiting.delete(rid);
    this.#queues.get(rid)?.enqueue(true, error.message);
    this.#queues.delete(rid);
  }

  #item(rid: unknown, [, eid, item]: [unknown, number, unknown]): void {
    this.#call(this.catchallEventHandler, rid, eid, item);
    const handled = this.#handle(rid, eid, item) || item;
    let queue = this.#queues.get(rid);
    if (!queue) this.#queues.set(rid, (queue = new DuctLoopResponseQueue()));
    queue.enqueue(eid < 0, handled);
    // With the first item the call is answered; the queue itself is never an error.
    this.#settle(rid, Math.abs(eid), queue);
  }

  #end(rid: unknown, [, eid, data]: [unknown, number, unknown]): void {
    this.#call(this.catchallEventHandler, rid, eid, data);
    this.#handle(rid, eid, data);
    const queue = this.#queues.get(rid);
    if (!queue) this.#fail(rid, new DuctError("The stream ended before it began."));
    else if (eid < 0) queue.enqueue(true, "The stream ended with an error.");
    else queue.end();
    this.#queues.delete(rid);
  }
}

addFormerNames(Duct.prototype);

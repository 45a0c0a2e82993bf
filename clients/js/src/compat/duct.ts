import { Clock } from "../clock.js";
import { decode, decodeHead, encode, encodeMessage } from "../codec.js";
import { randomId } from "../discover.js";
import { DividedMessages } from "../dividedMessages.js";
import { checkEvent, checkSize } from "../checks.js";
import { protocol } from "../protocol.js";
import { outcomeUnknown } from "../requests.js";
import type { ServiceDiscovery } from "../serviceDiscovery.js";
import { shownUrl } from "../shownUrl.js";
import { abandon, createSocket, webSocketClass } from "../socket.js";
import type { WebSocketConstructor, WebSocketLike } from "../webSocketLike.js";
import { ConnectionEventListener } from "./connectionEventListener.js";
import { DuctConnectionEvent } from "./ductConnectionEvent.js";
import { DuctError } from "./ductError.js";
import { DuctLoopResponseQueue } from "./ductLoopResponseQueue.js";
import { State } from "./state.js";

/** A function set for an event. What it returns, if anything, takes the message's place. */
export type DuctEventHandler = (rid: unknown, eid: number, data: unknown) => unknown;

interface PromiseContext {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

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
      this.send(rid, eid, data);
      this.#waiting.set(rid, { resolve, reject });
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
    self.#socket.send(message);
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
    const lost = outcomeUnknown("The session was lost");
    for (const { reject } of self.#waiting.values()) reject(new DuctError(lost));
    for (const queue of self.#queues.values()) queue.enqueue(true, lost);
    self.#waiting.clear();
    self.#queues.clear();
    self.#divided.clear();
    const now = Date.now();
    self.#clock.start(now);
    self.send(self.nextRid(), protocol.aliveMonitoring, now / 1000);
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
    return new Promise((resolve, reject) => {
      const socket = createSocket(webSocketClass(this.#webSocket), url);
      const given = (): void => {
        reject(new DuctError("The connection was closed while it was being opened."));
        abandon(socket);
      };
      signal.addEventListener("abort", given);
      if (signal.aborted) given();
      socket.binaryType = "arraybuffer";
      socket.onopen = (event) => {
        signal.removeEventListener("abort", given);
        this.#socket = socket;
        opened(event);
        this.#tell("onopen", event);
        resolve();
      };
      socket.onerror = (event) => {
        this.#tell("onerror", event);
        reject(event);
      };
      socket.onmessage = (event) => this._onmessage(this, new DuctConnectionEvent("onmessage", event));
      socket.onclose = (event) => {
        if (this.#socket === socket) this.#closed(event);
        else reject(event);
      };
    });
  }

  #closed(event: { code: number }): void {
    this.#socket = null;
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
    this.#call(this.catchallEventHandler, rid, eid, data);
    switch (eid) {
      case protocol.aliveMonitoring:
        this.#clock.sample(data, Date.now());
        if (this.#handlers.has(eid)) this.#handle(rid, eid, data);
        break;
      case protocol.loopStart:
      case protocol.loopNext:
        this.#item(rid, data as [unknown, number, unknown]);
        break;
      case protocol.loopEnd:
        this.#end(rid, data as [unknown, number, unknown]);
        break;
      case protocol.dividedAppend:
        this.#divided.append(rid, data as Uint8Array);
        break;
      case protocol.dividedEnd: {
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

// The names that the first version of the original had; plugins of the field use them.
const formerNames = {
  next_rid: "nextRid",
  catchall_event_handler: "catchallEventHandler",
  uncaught_event_handler: "uncaughtEventHandler",
  event_error_handler: "eventErrorHandler",
  _connection_listener: "_connectionListener",
  time_offset: "timeOffset",
  time_latency: "timeLatency",
} as const;

for (const [former, name] of Object.entries(formerNames)) {
  Object.defineProperty(Duct.prototype, former, {
    get(this: Record<string, unknown>) {
      return this[name];
    },
    set(this: Record<string, unknown>, value: unknown) {
      this[name] = value;
    },
  });
}

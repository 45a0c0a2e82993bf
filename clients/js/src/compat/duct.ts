import { Clock } from "../clock.js";
import { decode, encode } from "../codec.js";
import { randomId } from "../discover.js";
import { DividedMessages } from "../dividedMessages.js";
import { protocol } from "../protocol.js";
import type { ServiceDiscovery } from "../serviceDiscovery.js";
import { webSocketClass } from "../socket.js";
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
  readonly open = async (
    wsdUrl: string,
    uuid: string | null = null,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<this> => {
    if (this.#socket) return this;
    let query = uuid?.startsWith("?") ? uuid : `?uuid=${encodeURIComponent(uuid ?? randomId())}`;
    for (const [key, value] of Object.entries(params)) {
      query += `&${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`;
    }
    try {
      const response = await this.#fetch(wsdUrl + query);
      if (!response.ok) throw new DuctError(`The server at ${wsdUrl} answered ${response.status}.`);
      this.WSD = (await response.json()) as ServiceDiscovery;
      this.EVENT = this.WSD.EVENT;
    } catch (error) {
      this.#tell("onerror", error);
      throw error;
    }
    await this.#connect(this.WSD.websocket_url, () => this.#opened());
    return this;
  };

  /** Opens a new socket for the session, after its socket was lost. */
  readonly reconnect = async (): Promise<this> => {
    if (this.#socket) return this;
    if (!this.WSD) throw new DuctError("There is no session to reconnect to; call open first.");
    await this.#connect(this.WSD.websocket_url_reconnect, () => {});
    return this;
  };

  /** Sends a message. @returns The request's id. */
  readonly send = (requestId: unknown, eventId: number, data?: unknown): unknown => {
    if (!this.#socket) throw new DuctError("There is no connection.");
    this.#socket.send(encode([requestId, eventId, data]));
    return requestId;
  };

  /** Calls an event. Resolves with its reply, or with a `DuctLoopResponseQueue` where it streams. */
  readonly call = (eid: number, data: unknown = []): Promise<any> =>
    new Promise((resolve, reject) => {
      const rid = this.nextRid();
      this.send(rid, eid, data);
      this.#waiting.set(rid, { resolve, reject });
    });

  /** Closes the socket. Resolves with the close event when the server has confirmed it. */
  readonly close = (): Promise<unknown> => {
    const socket = this.#socket;
    if (!socket) return Promise.resolve();
    socket.close(1000);
    return new Promise((resolve, reject) => this.#closing.push({ resolve, reject }));
  };

  #connect(url: string, opened: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = new (webSocketClass(this.#webSocket))(url) as WebSocketLike;
      socket.binaryType = "arraybuffer";
      socket.onopen = (event) => {
        this.#socket = socket;
        opened();
        this.#tell("onopen", event);
        resolve();
      };
      socket.onerror = (event) => {
        this.#tell("onerror", event);
        reject(event);
      };
      socket.onmessage = (event) => this.#received(event);
      socket.onclose = (event) => {
        if (this.#socket === socket) this.#closed(event);
        else reject(event);
      };
    });
  }

  #opened(): void {
    this.#divided.clear();
    this.#queues.clear();
    const now = Date.now();
    this.#clock.start(now);
    this.send(this.nextRid(), protocol.aliveMonitoring, now / 1000);
    for (const handler of this.#onopenHandlers) handler();
  }

  #closed(event: { code: number }): void {
    this.#socket = null;
    for (const { resolve, reject } of this.#closing.splice(0)) (event.code === 1000 ? resolve : reject)(event);
    this.#tell("onclose", event);
  }

  #tell(name: "onopen" | "onclose" | "onerror" | "onmessage", source: unknown): void {
    this._connectionListener[name](new DuctConnectionEvent(name, source));
  }

  #received(event: { data: ArrayBuffer | string }): void {
    try {
      this.#tell("onmessage", event);
      if (typeof event.data === "string") throw new DuctError("A text message came where MessagePack is expected.");
      this.#message(decode(new Uint8Array(event.data)) as [unknown, number, unknown]);
    } catch (error) {
      this.eventErrorHandler(-1, -1, null, error);
    }
  }

  #message([rid, eid, data]: [unknown, number, unknown]): void {
    try {
      this.catchallEventHandler(rid, eid, data);
      switch (eid) {
        case protocol.aliveMonitoring:
          this.#clock.sample(data, Date.now());
          break;
        case protocol.loopStart:
        case protocol.loopNext:
          this.#item(rid, data as [unknown, number, unknown]);
          break;
        case protocol.loopEnd:
          this.#end(rid, data as [unknown, number, unknown]);
          break;
        case protocol.dividedAppend:
          this.#divided.append(rid, data);
          break;
        case protocol.dividedEnd: {
          const whole = this.#divided.join(rid);
          if (whole) this.#message(decode(whole) as [unknown, number, unknown]);
          break;
        }
        default: {
          const replacement = this.#handle(rid, eid, data);
          if (replacement) this.#settle(...(replacement as [unknown, number, unknown]));
          else this.#settle(rid, eid, data);
        }
      }
    } catch (error) {
      this.eventErrorHandler(rid, eid, data, error);
    }
  }

  #handle(rid: unknown, eid: number, data: unknown): unknown {
    const handler = this.#handlers.get(Math.abs(eid)) ?? this.uncaughtEventHandler;
    return handler(rid, eid, data);
  }

  #settle(rid: unknown, eid: number, data: unknown): void {
    const waiting = this.#waiting.get(rid);
    if (!waiting) return;
    this.#waiting.delete(rid);
    if (eid < 0) waiting.reject(new DuctError(String(data)));
    else waiting.resolve(data);
  }

  #item(rid: unknown, [, eid, item]: [unknown, number, unknown]): void {
    this.catchallEventHandler(rid, eid, item);
    const handled = this.#handle(rid, eid, item) || item;
    let queue = this.#queues.get(rid);
    if (!queue) this.#queues.set(rid, (queue = new DuctLoopResponseQueue()));
    queue.enqueue(eid < 0, handled);
    // With the first item the call is answered; the queue itself is never an error.
    this.#settle(rid, Math.abs(eid), queue);
  }

  #end(rid: unknown, [, eid, data]: [unknown, number, unknown]): void {
    this.catchallEventHandler(rid, eid, data);
    this.#handle(rid, eid, data);
    this.#queues.get(rid)?.end();
    this.#queues.delete(rid);
  }
}

import { Backoff } from "./backoff.js";
import type { ConnectOptions } from "./connectOptions.js";
import { discover } from "./discover.js";
import { DuctsError } from "./ductsError.js";
import { pause } from "./pause.js";
import { defaultReconnectOptions, type ReconnectOptions } from "./reconnectOptions.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";
import { abandon, openSocket, webSocketClass, type SocketListener } from "./socket.js";
import type { WebSocketConstructor, WebSocketLike } from "./webSocketLike.js";

/** Who is told what becomes of a link. */
export interface LinkListener {
  message(data: Uint8Array | string): void;
  /** The first socket is open. */
  opened(): void;
  /** The socket is lost and will be regained, if that can be. */
  lost(code: number, reason: string): void;
  /** There is a socket again: of the same session, or of a new one. */
  regained(fresh: boolean): void;
  /** There will be no socket any more. */
  ended(code: number, reason: string, error?: DuctsError): void;
}

/** Close codes after which the server does not know the session any more, and ones that forbid to come back. */
const goingAway = 1001;
const tooBig = 1009;
const final: ReadonlySet<number> = new Set([1000, 1008, 4001]);

const openState = 1;

/** A socket that comes back: service discovery, the first socket, and reconnecting when it is lost. */
export class Link {
  readonly #url: string | undefined;
  readonly #options: ConnectOptions;
  readonly #reconnect: Required<ReconnectOptions> | undefined;
  readonly #webSocket: WebSocketConstructor;
  readonly #listener: LinkListener;
  readonly #end = new AbortController();
  #wsd: ServiceDiscovery | undefined;
  #socket: WebSocketLike | undefined;
  #ended = false;
  #closing: (() => void) | undefined;

  constructor(target: string | ServiceDiscovery, options: ConnectOptions, listener: LinkListener) {
    this.#url = typeof target === "string" ? target : options.url;
    this.#wsd = typeof target === "string" ? undefined : target;
    this.#options = options;
    this.#webSocket = webSocketClass(options.WebSocket);
    this.#listener = listener;
    const { reconnect = true } = options;
    if (reconnect !== false) this.#reconnect = { ...defaultReconnectOptions, ...(reconnect === true ? {} : reconnect) };
  }

  /** The answer of service discovery that the session lives on. */
  get wsd(): ServiceDiscovery | undefined {
    return this.#wsd;
  }

  /** Opens the session. It is rejected when that does not succeed at the first attempt. */
  async open(): Promise<void> {
    try {
      this.#wsd ??= await this.#discover();
      await this.#openSocket(this.#wsd.websocket_url, () => this.#listener.opened());
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  /** Hands a message to the socket. False: there is none, keep it. */
  send(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== openState) return false;
    this.#socket.send(message);
    return true;
  }

  /** Ends the session. Resolves when the server has confirmed it, or at once when there is no socket. */
  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const socket = this.#socket;
    this.#end.abort();
    if (!socket) {
      this.#finish(1000, "");
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      // A server that is gone without a word confirms nothing, and browsers then wait for a minute.
      const timer = setTimeout(() => {
        abandon(socket);
        this.#finish(1006, "");
      }, this.#connectTimeout);
      this.#closing = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.close(1000);
    });
  }

  /** Gives up the socket, which looks open but is silent. */
  drop(): void {
    const socket = this.#socket;
    if (!socket || this.#ended) return;
    abandon(socket);
    this.#lost(1006, "The server fell silent.");
  }

  get #connectTimeout(): number {
    return this.#options.connectTimeout ?? 10_000;
  }

  async #discover(): Promise<ServiceDiscovery> {
    const attempt = new AbortController();
    const abort = (): void => attempt.abort();
    const timer = setTimeout(abort, this.#connectTimeout);
    this.#end.signal.addEventListener("abort", abort);
    try {
      const fetcher = this.#options.fetch ?? fetch;
      return await discover(this.#url as string, this.#options.params ?? {}, fetcher, attempt.signal);
    } finally {
      clearTimeout(timer);
      this.#end.signal.removeEventListener("abort", abort);
    }
  }

  /** Opens a socket and takes it into use, before it gives its first message. */
  #openSocket(url: string, adopted: () => void): Promise<void> {
    let own: WebSocketLike | undefined;
    const listener: SocketListener = {
      opened: (socket) => {
        this.#socket = own = socket;
        adopted();
      },
      message: (data) => this.#listener.message(data),
      closed: (code, reason) => {
        if (own === this.#socket) this.#lost(code, reason);
      },
    };
    return openSocket(this.#webSocket, url, this.#connectTimeout, this.#end.signal, listener);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    if (this.#ended) return;
    if (this.#end.signal.aborted || !this.#reconnect || final.has(code)) {
      this.#finish(code, reason);
      return;
    }
    this.#listener.lost(code, reason);
    void this.#regain(this.#reconnect, code);
  }

  async #regain(options: Required<ReconnectOptions>, code: number): Promise<void> {
    const lostAt = Date.now();
    const backoff = new Backoff(options.minDelay, options.maxDelay);
    const sessionEnded = code === goingAway || code === tooBig;
    const sessionMayLive = (): boolean => !sessionEnded && Date.now() - lostAt < options.sessionTimeout;
    let failures = 0;
    let error: DuctsError | undefined;
    for (;;) {
      await pause(backoff.next(), this.#end.signal);
      if (this.#ended) return;
      try {
        if (sessionMayLive() && (await this.#resume())) return;
        const tryAnew = ++failures >= options.sessionAttempts || !sessionMayLive();
        if (tryAnew && (await this.#startAnew(sessionMayLive))) return;
      } catch (attemptError) {
        error = attemptError as DuctsError;
      }
      if (Date.now() - lostAt >= options.timeout || (!this.#url && !sessionMayLive())) {
        this.#finish(code, "", error ?? DuctsError.connection("The session has expired, and where to ask for a new one is not known."));
        return;
      }
    }
  }

  /** Goes on with the session. False: refused. */
  async #resume(): Promise<boolean> {
    const { websocket_url_reconnect } = this.#wsd as ServiceDiscovery;
    try {
      await this.#openSocket(websocket_url_reconnect, () => this.#listener.regained(false));
      return true;
    } catch {
      return false;
    }
  }

  /** Opens a new session. Throws when the server is out of reach, in which case the old session may live on. */
  async #startAnew(sessionMayLive: () => boolean): Promise<boolean> {
    if (!this.#url) return false;
    const wsd = await this.#discover();
    // The server answers. What failed before may have been the network: the old session gets a last chance.
    if (sessionMayLive() && (await this.#resume())) return true;
    await this.#openSocket(wsd.websocket_url, () => {
      this.#wsd = wsd;
      this.#listener.regained(true);
    });
    return true;
  }

  #finish(code: number, reason: string, error?: DuctsError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket = undefined;
    this.#end.abort();
    this.#listener.ended(code, reason, error);
    this.#closing?.();
  }
}

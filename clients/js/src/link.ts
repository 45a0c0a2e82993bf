import { isTemporary } from "./answerError.js";
import { Backoff } from "./backoff.js";
import { faultOf, isNotNow, reactionTo, type Reaction } from "./closeCodes.js";
import type { ConnectOptions } from "./connectOptions.js";
import { discover } from "./discover.js";
import { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";
import type { Exchange } from "./exchange.js";
import { exchangeOf, versioned } from "./exchangeOf.js";
import { limited } from "./limited.js";
import type { LinkListener } from "./linkListener.js";
import { pause } from "./pause.js";
import { defaultReconnectOptions, type ReconnectOptions } from "./reconnectOptions.js";
import { Refresh } from "./refresh.js";
import { askForRefusal } from "./refusal.js";
import type { Request } from "./requests.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";
import { abandon, openSocket, webSocketClass, type SocketListener } from "./socket.js";
import type { WebSocketConstructor, WebSocketLike } from "./webSocketLike.js";

/** Statuses with which the server says that it does not know the session any more. */
const sessionEnded: ReadonlySet<number> = new Set([403, 410]);

const openState = 1;

/** What is known while a lost connection is being regained. */
interface Search {
  readonly lostAt: number;
  /** Whether the server has said that the session is over. */
  over: boolean;
  /** Refusals in a row whose reason could not be learned. */
  unexplained: number;
  /** Milliseconds that the last answer asked to wait. */
  wait: number;
  error: DuctsError | undefined;
}

/** A socket that comes back: service discovery, the first socket, and reconnecting when it is lost. */
export class Link {
  readonly #url: string | undefined;
  readonly #options: ConnectOptions;
  readonly #reconnect: Required<ReconnectOptions> | undefined;
  readonly #webSocket: WebSocketConstructor;
  readonly #listener: LinkListener;
  readonly #end = new AbortController();
  readonly #backoff: Backoff;
  readonly #refresh = new Refresh(
    async (stop) => {
      const wsd = await this.#discover();
      await this.#listener.authenticate(wsd.websocket_url.split("/").pop() as string, stop);
      this.#renewed(wsd);
    },
    (cause) =>
      this.#listener.unauthorized(
        new DuctsNotAuthorizedError("PermissionError", `The user's rights were not renewed: ${cause.message}`, "", { cause }),
      ),
  );
  #wsd: ServiceDiscovery | undefined;
  /** The messages of the session, as long as it lives and where it speaks version 2 of the protocol. */
  #exchange: Exchange<Request> | undefined;
  #socket: WebSocketLike | undefined;
  #socketSince = 0;
  #ended = false;
  /** Whether the server was asked to end the session. */
  #ending = false;
  /** Whether the last reconnect was tried at once. */
  #isHurried = false;
  #closed: Promise<void> | undefined;
  #closing: (() => void) | undefined;

  constructor(target: string | ServiceDiscovery, options: ConnectOptions, listener: LinkListener) {
    this.#url = typeof target === "string" ? target : options.url;
    if (typeof target !== "string") this.#setWsd(target);
    this.#options = options;
    this.#webSocket = webSocketClass(options.WebSocket);
    this.#listener = listener;
    const { reconnect = true } = options;
    const pauses = { ...defaultReconnectOptions, ...(typeof reconnect === "object" && reconnect) };
    if (reconnect) this.#reconnect = pauses;
    this.#backoff = new Backoff(pauses.minDelay, pauses.maxDelay);
  }

  /** The messages of the session, where one lives that speaks version 2 of the protocol. */
  get exchange(): Exchange<Request> | undefined {
    return this.#exchange;
  }

  /** The answer of service discovery that the session lives on. */
  get wsd(): ServiceDiscovery | undefined {
    return this.#wsd;
  }

  /**
   * Opens the session. It is rejected when that does not succeed, at the first attempt or, where the server cannot serve
   * now, for as long as the options say.
   */
  async open(): Promise<void> {
    const until = Date.now() + (this.#options.openTimeout ?? 60_000);
    let wasAnswered = false;
    for (;;) {
      try {
        await this.#openFirst();
        return;
      } catch (error) {
        const { status, retryAfter, closeCode } = error as DuctsError;
        // Between the refusal and the question for its reason the server may have come back.
        const mayBeBack = status === 426 && !wasAnswered;
        wasAnswered = status === 426;
        const isBroken = closeCode > 0 && (closeCode === 1001 || reactionTo(closeCode, true).startsWith("resume"));
        const delay = isTemporary(status) || mayBeBack || isBroken ? this.#backoff.next() + retryAfter : Infinity;
        if (this.#end.signal.aborted || Date.now() + delay > until) {
          this.#ended = true;
          throw error;
        }
        await pause(delay, this.#end.signal);
      }
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
    return (this.#closed ??= this.#close());
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

  get #fetch(): typeof fetch {
    return this.#options.fetch ?? globalThis.fetch;
  }

  #discover(): Promise<ServiceDiscovery> {
    return this.#limited((signal) => discover(this.#url as string, this.#options, this.#fetch, signal));
  }

  #limited<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return limited(action, this.#connectTimeout, this.#end.signal);
  }

  #close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const socket = this.#socket;
    this.#refresh.stop();
    if (this.#exchange && this.#socketSince) {
      this.#ending = true;
      return this.#confirmed(() => this.#listener.end(() => this.#finish(1000, "")));
    }
    this.#end.abort();
    if (!socket) {
      this.#finish(1000, "");
      return Promise.resolve();
    }
    return this.#confirmed(() => socket.close(1000));
  }

  /** Asks for the end and waits for its confirmation. */
  #confirmed(ask: () => void): Promise<void> {
    return new Promise((resolve) => {
      // A server that is gone without a word confirms nothing, and browsers then wait for a minute.
      const timer = setTimeout(() => this.#finish(1006, ""), this.#connectTimeout);
      this.#closing = () => {
        clearTimeout(timer);
        resolve();
      };
      ask();
    });
  }

  #setWsd(wsd: ServiceDiscovery): void {
    this.#wsd = wsd;
    this.#exchange = exchangeOf(wsd);
  }

  /** The session is over, and what was sent is not answered any more. */
  #over(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.disconnected();
    if (!this.#ended) this.#listener.over(exchange?.takeUnsent() ?? []);
  }

  async #openFirst(): Promise<void> {
    const given = this.#wsd;
    if (!given) this.#setWsd(await this.#discover());
    const wsd = this.#wsd as ServiceDiscovery;
    try {
      await this.#openSocket(wsd.websocket_url, this.#exchange, () => {
        this.#renewed(wsd);
        this.#listener.opened();
      });
    } catch (error) {
      const { status, closeCode } = error as DuctsError;
      const isOver = sessionEnded.has(status) || (closeCode > 0 && reactionTo(closeCode, true) === "begin");
      if (!this.#url || !isOver || !(given || this.#exchange)) throw error;
      this.#over();
      this.#wsd = undefined;
      // The answer that was handed over may be an old one.
      if (!given) throw error;
      await this.#openFirst();
    }
  }

  /**
   * Opens a socket and takes it into use, before it gives its first message. Where it is refused the error says why, if it can.
   *
   * @param adopted Called when the socket is in use, before what has waited is sent.
   */
  async #openSocket(url: string, exchange: Exchange<Request> | undefined, adopted: (isLost: boolean) => void): Promise<void> {
    let own: WebSocketLike | undefined;
    const isKnown = exchange && exchange === this.#exchange && this.#socketSince > 0;
    const listener: SocketListener = {
      opened: (socket, isLost) => {
        this.#socket = own = socket;
        this.#socketSince = Date.now();
        adopted(isLost);
        if (own === this.#socket) exchange?.connected((bytes) => socket.send(bytes));
      },
      message: (data) => {
        if (own === this.#socket) this.#listener.message(data);
      },
      closed: (code, reason) => {
        if (own === this.#socket) this.#lost(code, reason);
      },
    };
    const { signal } = this.#end;
    try {
      await openSocket(this.#webSocket, versioned(url, exchange), this.#connectTimeout, signal, listener, exchange);
    } catch (error) {
      // Of a session that was opened by HELLO, close codes tell.
      if (isKnown || (error as DuctsError).closeCode) throw error;
      throw await this.#limited((stop) => askForRefusal(url, this.#fetch, stop)).catch(() => error);
    }
  }

  /** The user's rights are those of a service discovery. The same token again would bring no others. */
  #renewed({ auth_expires_in }: ServiceDiscovery): void {
    if (this.#url && typeof this.#options.token !== "string") this.#refresh.begin(auth_expires_in);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#refresh.stop();
    this.#exchange?.disconnected();
    if (this.#ended) return;
    const reaction = reactionTo(code, this.#exchange !== undefined);
    const isDone = this.#ending && (code === 1000 || reaction === "begin");
    if (isDone || this.#end.signal.aborted || !this.#reconnect || reaction === "stop") {
      this.#finish(isDone ? 1000 : code, reason);
      return;
    }
    // A connection that breaks again and again as soon as it is there is not tried any faster than one that does not come.
    if (Date.now() - this.#socketSince > this.#reconnect.maxDelay) this.#backoff.reset();
    this.#listener.lost(code, reason);
    if (reaction === "begin") this.#overBy(code, reason);
    void this.#regain(this.#reconnect, code, reaction);
  }

  /** A session of either version was ended by the server, or by a fault. */
  #overBy(code: number, reason: string): void {
    const fault = faultOf(code, reason);
    this.#over();
    if (fault) this.#listener.fault(DuctsError.connection(fault));
  }

  async #regain(options: Required<ReconnectOptions>, code: number, reaction: Reaction): Promise<void> {
    const search: Search = { lostAt: Date.now(), over: reaction === "begin", unexplained: 0, wait: 0, error: undefined };
    const isLate = (): boolean => Date.now() - search.lostAt >= options.sessionTimeout;
    // A server that hands over what it has just been given is not asked in a circle.
    let isAtOnce = (this.#isHurried = reaction === "resumeNow" && !this.#isHurried);
    for (;;) {
      const delay = this.#backoff.next() + search.wait;
      if (!isAtOnce) await pause(delay, this.#end.signal);
      isAtOnce = false;
      if (this.#ended) return;
      search.wait = 0;
      try {
        const attempts = this.#exchange ? Infinity : options.sessionAttempts;
        if (await this.#search(search, () => search.unexplained >= (isLate() ? 1 : attempts))) return;
      } catch (error) {
        if (error instanceof DuctsNotAuthorizedError && error.message !== search.error?.message) this.#listener.unauthorized(error);
        search.error = error as DuctsError;
        search.wait = search.error.retryAfter || 0;
        const { closeCode, closeReason } = search.error;
        if (closeCode && reactionTo(closeCode, true) === "stop") this.#finish(closeCode, closeReason, search.error);
      }
      const isHopeless = !this.#url && (search.over || (isLate() && search.unexplained > 0));
      if (Date.now() - search.lostAt >= options.timeout || isHopeless) {
        const unknown = "The session has expired, and where to ask for a new one is not known.";
        this.#finish(code, "", isHopeless ? DuctsError.connection(unknown, search.error) : search.error);
        return;
      }
    }
  }

  /**
   * One attempt to go on with the session, or to open a new one where the old one is over. Only the server can end it; any
   * other refusal may be a proxy's.
   *
   * @param isDoubtful Whether so little was learned for so long that the session is taken for over if discovery answers.
   * @returns Whether there is a socket.
   */
  async #search(search: Search, isDoubtful: () => boolean): Promise<boolean> {
    if (await this.#resume(search)) return true;
    if (!this.#url || this.#ending || !(search.over || isDoubtful())) return false;
    const wsd = await this.#discover();
    // The server answers. What failed before may have been the network: the old session gets a last chance.
    if (await this.#resume(search)) return true;
    if (!search.over && search.unexplained === 0) return false;
    const exchange = exchangeOf<Request>(wsd);
    await this.#openSocket(wsd.websocket_url, exchange, () => {
      if (this.#exchange) this.#over();
      this.#wsd = wsd;
      this.#exchange = exchange;
      this.#renewed(wsd);
      this.#listener.regained(true);
    });
    return true;
  }

  /** Goes on with the session, unless it is over. */
  async #resume(search: Search): Promise<boolean> {
    if (search.over) return false;
    const { websocket_url_reconnect, max_message_size } = this.#wsd as ServiceDiscovery;
    try {
      await this.#openSocket(websocket_url_reconnect, this.#exchange, (isLost) => {
        if (!this.#ending) this.#refresh.resume();
        this.#listener.regained(isLost);
      });
      return true;
    } catch (error) {
      search.error = error as DuctsError;
      const { status, retryAfter = 0 } = search.error;
      search.wait = retryAfter;
      if (this.#exchange) {
        this.#refused(search, search.error);
        return false;
      }
      // Of a session that lives, a server of this project says so; any other answers all requests without upgrade alike.
      const isExplained = isTemporary(status) || status === 404 || (status === 426 && max_message_size !== undefined);
      search.unexplained = isExplained ? 0 : search.unexplained + 1;
      if (sessionEnded.has(status)) {
        search.over = true;
        this.#over();
      }
      return false;
    }
  }

  /** A connection of version 2 did not come. */
  #refused(search: Search, error: DuctsError): void {
    const { closeCode, closeReason } = error;
    search.unexplained = isNotNow(closeCode) ? 0 : search.unexplained + 1;
    const reaction = reactionTo(closeCode, true);
    if (reaction === "stop") {
      this.#finish(closeCode, closeReason, error);
    } else if (reaction === "begin") {
      search.over = true;
      if (this.#ending) this.#finish(1000, "");
      else this.#overBy(closeCode, closeReason);
    }
  }

  #finish(code: number, reason: string, error?: DuctsError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#exchange?.disconnected();
    if (this.#socket) abandon(this.#socket);
    this.#socket = undefined;
    this.#end.abort();
    this.#listener.ended(code, reason, error);
    this.#closing?.();
  }
}

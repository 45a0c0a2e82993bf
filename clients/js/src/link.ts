import { isTemporary } from "./answerError.js";
import { Backoff } from "./backoff.js";
import type { ConnectOptions } from "./connectOptions.js";
import { discover } from "./discover.js";
import { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";
import { pause } from "./pause.js";
import { defaultReconnectOptions, type ReconnectOptions } from "./reconnectOptions.js";
import { Refresh } from "./refresh.js";
import { askForRefusal } from "./refusal.js";
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
  /** The server has ended the session; what comes next is a new one, if any can be had. */
  over(): void;
  /** Hands the user of a new session over to the one that there is, unless the signal has fired. */
  authenticate(ticket: string, signal: AbortSignal): Promise<unknown>;
  /** The user's rights could not be renewed, or the server gives this user no new session. */
  unauthorized(error: DuctsNotAuthorizedError): void;
  /** There is a socket again: of the same session, or of a new one. */
  regained(fresh: boolean): void;
  /** There will be no socket any more. */
  ended(code: number, reason: string, error?: DuctsError): void;
}

/** Close codes with which the server itself ends a session. Any other may be a proxy's word, or a restart's. */
const final: ReadonlySet<number> = new Set([1000, 1008, 4001]);

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
  #socket: WebSocketLike | undefined;
  #socketSince = 0;
  #ended = false;
  #closed: Promise<void> | undefined;
  #closing: (() => void) | undefined;

  constructor(target: string | ServiceDiscovery, options: ConnectOptions, listener: LinkListener) {
    this.#url = typeof target === "string" ? target : options.url;
    this.#wsd = typeof target === "string" ? undefined : target;
    this.#options = options;
    this.#webSocket = webSocketClass(options.WebSocket);
    this.#listener = listener;
    const { reconnect = true } = options;
    const pauses = { ...defaultReconnectOptions, ...(typeof reconnect === "object" && reconnect) };
    if (reconnect) this.#reconnect = pauses;
    this.#backoff = new Backoff(pauses.minDelay, pauses.maxDelay);
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
        const { status, retryAfter } = error as DuctsError;
        // Between the refusal and the question for its reason the server may have come back.
        const mayBeBack = status === 426 && !wasAnswered;
        wasAnswered = status === 426;
        const delay = isTemporary(status) || mayBeBack ? this.#backoff.next() + retryAfter : Infinity;
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

  /** Does something that ends with the session, and when an attempt to connect may take no longer. */
  #limited<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const attempt = new AbortController();
    const end = this.#end.signal;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        end.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        done();
        attempt.abort();
        // What the application does, such as getting a token, may not heed the signal; what heeds it says more.
        setTimeout(reject, 0, DuctsError.connection("Connecting took too long, or was given up."));
      };
      const timer = setTimeout(abort, this.#connectTimeout);
      end.addEventListener("abort", abort);
      if (end.aborted) abort();
      action(attempt.signal).then(resolve, reject).finally(done);
    });
  }

  #close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const socket = this.#socket;
    this.#end.abort();
    this.#refresh.stop();
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

  async #openFirst(): Promise<void> {
    const given = this.#wsd;
    this.#wsd ??= await this.#discover();
    try {
      await this.#openSocket(this.#wsd.websocket_url, () => {
        this.#renewed(this.#wsd as ServiceDiscovery);
        this.#listener.opened();
      });
    } catch (error) {
      // The answer that was handed over may be an old one.
      if (!given || !this.#url || !sessionEnded.has((error as DuctsError).status)) throw error;
      this.#wsd = undefined;
      await this.#openFirst();
    }
  }

  /** Opens a socket and takes it into use, before it gives its first message. Where it is refused the error says why, if it can. */
  async #openSocket(url: string, adopted: () => void): Promise<void> {
    let own: WebSocketLike | undefined;
    const listener: SocketListener = {
      opened: (socket) => {
        this.#socket = own = socket;
        this.#socketSince = Date.now();
        adopted();
      },
      message: (data) => this.#listener.message(data),
      closed: (code, reason) => {
        if (own === this.#socket) this.#lost(code, reason);
      },
    };
    try {
      await openSocket(this.#webSocket, url, this.#connectTimeout, this.#end.signal, listener);
    } catch (error) {
      throw await this.#limited((signal) => askForRefusal(url, this.#fetch, signal)).catch(() => error);
    }
  }

  /** The user's rights are those of a service discovery. The same token again would bring no others. */
  #renewed({ auth_expires_in }: ServiceDiscovery): void {
    if (this.#url && typeof this.#options.token !== "string") this.#refresh.begin(auth_expires_in);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#refresh.stop();
    if (this.#ended) return;
    if (this.#end.signal.aborted || !this.#reconnect || final.has(code)) {
      this.#finish(code, reason);
      return;
    }
    // A connection that breaks again and again as soon as it is there is not tried any faster than one that does not come.
    if (Date.now() - this.#socketSince > this.#reconnect.maxDelay) this.#backoff.reset();
    this.#listener.lost(code, reason);
    // The session is not known any more, or its user's rights have expired.
    const over = code === 4005 || code === 4401;
    if (over) this.#listener.over();
    void this.#regain(this.#reconnect, code, over);
  }

  async #regain(options: Required<ReconnectOptions>, code: number, over: boolean): Promise<void> {
    const search: Search = { lostAt: Date.now(), over, unexplained: 0, wait: 0, error: undefined };
    const isLate = (): boolean => Date.now() - search.lostAt >= options.sessionTimeout;
    for (;;) {
      await pause(this.#backoff.next() + search.wait, this.#end.signal);
      if (this.#ended) return;
      search.wait = 0;
      try {
        if (await this.#search(search, () => search.unexplained >= (isLate() ? 1 : options.sessionAttempts))) return;
      } catch (error) {
        if (error instanceof DuctsNotAuthorizedError && error.message !== search.error?.message) this.#listener.unauthorized(error);
        search.error = error as DuctsError;
        search.wait = search.error.retryAfter || 0;
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
    if (!this.#url || !(search.over || isDoubtful())) return false;
    const wsd = await this.#discover();
    // The server answers. What failed before may have been the network: the old session gets a last chance.
    if (await this.#resume(search)) return true;
    if (!search.over && search.unexplained === 0) return false;
    await this.#openSocket(wsd.websocket_url, () => {
      this.#renewed((this.#wsd = wsd));
      this.#listener.regained(true);
    });
    return true;
  }

  /** Goes on with the session, unless it is over. */
  async #resume(search: Search): Promise<boolean> {
    if (search.over) return false;
    const { websocket_url_reconnect, max_message_size } = this.#wsd as ServiceDiscovery;
    try {
      await this.#openSocket(websocket_url_reconnect, () => {
        this.#refresh.resume();
        this.#listener.regained(false);
      });
      return true;
    } catch (error) {
      search.error = error as DuctsError;
      const { status, retryAfter = 0 } = search.error;
      search.wait = retryAfter;
      // Of a session that lives, a server of this project says so; any other answers all requests without upgrade alike.
      const isExplained = isTemporary(status) || status === 404 || (status === 426 && max_message_size !== undefined);
      search.unexplained = isExplained ? 0 : search.unexplained + 1;
      if (sessionEnded.has(status)) {
        search.over = true;
        if (!this.#ended) this.#listener.over();
      }
      return false;
    }
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

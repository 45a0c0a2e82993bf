import { decode, encode } from "@msgpack/msgpack";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { ExactSession, type ExactConnection } from "./exactSession.js";
import { decode as decodeAsClient } from "../src/codec.js";

export const EVENT = {
  ALIVE_MONITORING: 0,
  LOOP_RESPONSE_START: 1,
  LOOP_RESPONSE_NEXT: 2,
  LOOP_RESPONSE_END: 3,
  DIVIDED_RESPONSE_APPEND: 4,
  DIVIDED_RESPONSE_END: 5,
  CANCEL: 210,
  ECHO: 1000,
  COUNT: 1001,
  SILENT: 1002,
};

// The package's own decoder refuses some keys.
function decodeAny(data: Uint8Array): unknown {
  try {
    return decode(data);
  } catch {
    return decodeAsClient(data);
  }
}

export type Message = [rid: unknown, eid: number, data: unknown];
type Answer = (socket: FakeSocket, message: Message) => void;

/** One socket of the fake server, and what has come over it. */
export class FakeSocket {
  readonly received: Message[] = [];

  constructor(
    readonly socket: WebSocket,
    readonly session: string,
    readonly reconnected: boolean,
    /** The session, where it speaks version 2 of the protocol. */
    readonly exact?: ExactSession,
  ) {}

  send(...messages: Message[]): void {
    if (this.exact) this.exact.send(...messages);
    else for (const message of messages) this.socket.send(encode(message));
  }

  sendRaw(data: Uint8Array | string): void {
    this.socket.send(data);
  }

  /** The socket breaks, without a close frame. */
  cut(): void {
    this.socket.terminate();
  }
}

/** Sends a close frame with a code that the package does not let a server send, or breaks the socket. */
export function closeWith(socket: WebSocket, code: number, reason = ""): void {
  if (code >= 3000 || code === 1000) {
    socket.close(code, reason);
    return;
  }
  const raw = (socket as unknown as { _socket: Duplex })._socket;
  if (code) raw.end(Buffer.from([0x88, 2, code >> 8, code & 255]));
  else socket.terminate();
}

/** A server of the protocol that does what the test says, over real sockets. */
export class FakeServer {
  readonly discoveries: URLSearchParams[] = [];
  /** The headers of each discovery. */
  readonly headers: IncomingHttpHeaders[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly live = new Set<string>();
  readonly answers = new Map<number, Answer>();
  events: Record<string, number> = EVENT;
  discoveryStatus = 200;
  /** More fields of the answers of discovery. */
  moreOfWsd: Record<string, unknown> = {};
  /** The status that WebSockets are refused with, as a proxy does while the server is away; 0: they are not. */
  socketStatus = 0;
  /** Whether upgrades fail though the same address asked without one would answer. */
  failsUpgrades = false;
  /** The body of what is refused. */
  refusalBody = "no";
  /** Headers of what is refused. */
  refusalHeaders: Record<string, string> = {};
  refused = 0;
  /** Paths of WebSockets that were asked for without an upgrade. */
  readonly asked: string[] = [];
  /** What to do as soon as a socket is open. */
  opened: (socket: FakeSocket) => void = () => {};
  /** Whether sessions speak version 2 of the protocol, and those that do, by their names. */
  isExact = false;
  readonly exact = new Map<string, ExactSession>();
  /** Whether the next sockets are refused, as while the network is down. */
  unreachable = false;
  #count = 0;
  readonly #webSockets = new WebSocketServer({ noServer: true });

  private constructor(private readonly http: Server) {
    http.on("request", (request, response) => {
      const url = new URL(request.url ?? "", this.origin);
      if (this.unreachable) {
        request.socket.destroy();
        return;
      }
      if (url.pathname.includes("/ws/")) {
        this.asked.push(url.pathname);
        response.writeHead(this.#statusOf(url.pathname) || 426, this.refusalHeaders).end(this.refusalBody);
        return;
      }
      this.discoveries.push(url.searchParams);
      this.headers.push(request.headers);
      response.writeHead(this.discoveryStatus, this.discoveryStatus === 200 ? {} : this.refusalHeaders);
      response.end(this.discoveryStatus === 200 ? JSON.stringify(this.wsd()) : this.refusalBody);
    });
    http.on("upgrade", (request, socket: Duplex, head) => this.#upgrade(request, socket, head));
  }

  static async start(): Promise<FakeServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new FakeServer(http);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/ducts/wsd`;
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("No socket has been opened.");
    return socket;
  }

  wsd() {
    const session = `session${++this.#count}`;
    const root = `${this.origin.replace("http", "ws")}/ducts/ws/v1/${session}`;
    const wsd = { websocket_url: root, websocket_url_reconnect: `${root}/reconnect`, EVENT: this.events };
    if (!this.isExact) return { ...wsd, ...this.moreOfWsd };
    const key = `key of ${session}`;
    const exact = new ExactSession(key);
    this.exact.set(session, exact);
    return { ...wsd, session_key: key, inbox_limit: 10_000, alive_monitoring_interval: 5, ...this.moreOfWsd };
  }

  /** The session that was discovered last. */
  get lastExact(): ExactSession {
    return [...this.exact.values()].at(-1) as ExactSession;
  }

  on(eventId: number, answer: Answer): void {
    this.answers.set(eventId, answer);
  }

  /** All requests but ALIVE_MONITORING and END that came over any socket. */
  requests(): Message[] {
    return this.sockets.flatMap((socket) => socket.received).filter(([rid, eid]) => rid !== null && eid !== EVENT.ALIVE_MONITORING && eid !== 12);
  }

  /** All messages that came with a number in the present life of the session discovered last, ALIVE_MONITORING aside. */
  numbered(): Message[] {
    return this.lastExact.received.filter(([, eid]) => eid !== EVENT.ALIVE_MONITORING);
  }

  async stop(): Promise<void> {
    for (const { socket } of this.sockets) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  #statusOf(path: string): number {
    const [session, reconnect] = path.split("/").slice(4) as [string, string?];
    return this.socketStatus || (reconnect && !this.live.has(session) ? 403 : 0);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path, query] = (request.url ?? "").split("?") as [string, string?];
    const [session, reconnect] = path.split("/").slice(4) as [string, string?];
    const status = this.failsUpgrades ? 400 : this.#statusOf(path);
    if (this.unreachable || status) {
      this.refused++;
      const headers = Object.entries(this.refusalHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
      if (this.unreachable) socket.destroy();
      else socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n${headers.join("")}\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.live.add(session);
      const exact = query === "v=2" ? this.exact.get(session) : undefined;
      const fake = new FakeSocket(webSocket, session, reconnect !== undefined, exact);
      const connection: ExactConnection = { write: (bytes) => webSocket.send(bytes), close: (code, reason) => closeWith(webSocket, code, reason) };
      this.sockets.push(fake);
      this.opened(fake);
      webSocket.on("close", () => exact?.lost(connection));
      webSocket.on("message", (data: Buffer) => {
        const message = decodeAny(data) as Message;
        fake.received.push(message);
        if (exact) {
          exact.handle = (numbered) => this.answers.get(numbered[1])?.(fake, numbered);
          exact.message(connection, data);
          return;
        }
        this.answers.get(message[1])?.(fake, message);
      });
    });
  }
}

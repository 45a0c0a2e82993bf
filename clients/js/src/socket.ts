import { unfit } from "./closeCodes.js";
import { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";
import type { Exchange, Outgoing } from "./exchange.js";
import { shownSocketUrl } from "./shownUrl.js";
import type { WebSocketConstructor, WebSocketLike } from "./webSocketLike.js";

/** Who is told what a socket does. */
export interface SocketListener {
  /**
   * The socket is open; in version 2 of the protocol, WELCOME has come. Called before any message is given, which awaiting the
   * promise could not promise.
   *
   * @param isLost Whether the session's state had to begin anew.
   */
  opened(socket: WebSocketLike, isLost: boolean): void;
  /** A message came; text where the other side sent a text message. */
  message(data: Uint8Array | string): void;
  /** The socket is gone. Called once. */
  closed(code: number, reason: string): void;
}

/** The WebSocket class to use, or an error that says what to do. */
export function webSocketClass(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (!found) throw new TypeError("There is no global WebSocket here. Pass one, such as that of package ws, as option WebSocket.");
  return found;
}

/** Makes a socket. What the platform says of an address that it refuses names the session, so it is not passed on. */
export function createSocket(constructor: WebSocketConstructor, url: string): WebSocketLike {
  try {
    return new constructor(url) as WebSocketLike;
  } catch (error) {
    throw DuctsError.connection(`The WebSocket at ${shownSocketUrl(url)} cannot be opened (${(error as Error)?.name}).`);
  }
}

/**
 * Opens a socket. It is rejected when the server refuses it, the time is over or the signal fires.
 *
 * @param exchange That of the session, where it speaks version 2 of the protocol: HELLO is sent and WELCOME awaited.
 */
export function openSocket<T extends Outgoing>(
  constructor: WebSocketConstructor,
  url: string,
  timeout: number,
  signal: AbortSignal,
  listener: SocketListener,
  exchange?: Exchange<T>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let opened = false;
    let settled = false;
    let greeted = false;
    const socket = createSocket(constructor, url);
    socket.binaryType = "arraybuffer";

    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    };
    const fail = (error: DuctsError, code?: number): void => {
      if (settled) return;
      settle();
      reject(error);
      socket.close(code);
    };
    const refuse = (code: number, reason: string, answer?: number): void => {
      const kind = code === 1008 || code === 4401 ? DuctsNotAuthorizedError : DuctsError;
      const error = new kind("ConnectionError", `The server refused the WebSocket (${code}).`);
      fail(Object.assign(error, greeted && { closeCode: code, closeReason: reason }), answer);
    };
    const aborted = (): void => fail(DuctsError.connection("Connecting took too long, or was given up."));
    const timer = setTimeout(() => fail(DuctsError.connection(`The WebSocket did not open within ${timeout} ms.`)), timeout);
    const adopt = (isLost: boolean): void => {
      settle();
      opened = true;
      listener.opened(socket, isLost);
      resolve();
    };

    socket.onopen = () => {
      if (settled) return;
      greeted = exchange !== undefined;
      if (exchange) socket.send(exchange.hello());
      else adopt(false);
    };
    // An error is always followed by a close, which says more; but without this `ws` would throw.
    socket.onerror = () => {};
    socket.onmessage = (event: { data: ArrayBuffer | string }) => {
      const message = messageOf(event);
      if (opened) {
        listener.message(message);
      } else if (exchange && !settled) {
        const welcome = exchange.welcome(message);
        if (welcome === "unfit") refuse(unfit, "WELCOME", unfit);
        else if (welcome === "unreadable") refuse(1002, "WELCOME");
        else adopt(welcome === "lost");
      }
    };
    socket.onclose = (event: { code: number; reason?: string }) => {
      if (opened) {
        opened = false;
        listener.closed(event.code, event.reason ?? "");
      } else {
        refuse(event.code, event.reason ?? "");
      }
    };

    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted);
  });
}

/** Makes a socket be forgotten: whatever it still does, nobody is told. */
export function abandon(socket: WebSocketLike, code?: number): void {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close(code);
}

/** What a message event brings: text where the other side sent a text message. */
export function messageOf({ data }: { data: ArrayBuffer | string }): Uint8Array | string {
  return typeof data === "string" ? data : new Uint8Array(data);
}

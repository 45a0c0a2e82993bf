import { DuctsError } from "./ductsError.js";
import { shownSocketUrl } from "./shownUrl.js";
import type { WebSocketConstructor, WebSocketLike } from "./webSocketLike.js";

/** Who is told what a socket does. */
export interface SocketListener {
  /** The socket is open. Called before any message is given, which awaiting the promise could not promise. */
  opened(socket: WebSocketLike): void;
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

/** Opens a socket. It is rejected when the server refuses it, the time is over or the signal fires. */
export function openSocket(
  constructor: WebSocketConstructor,
  url: string,
  timeout: number,
  signal: AbortSignal,
  listener: SocketListener,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let opened = false;
    let settled = false;
    const socket = createSocket(constructor, url);
    socket.binaryType = "arraybuffer";

    const fail = (error: DuctsError): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      reject(error);
      socket.close();
    };
    const aborted = (): void => fail(DuctsError.connection("Connecting took too long, or was given up."));
    const timer = setTimeout(() => fail(DuctsError.connection(`The WebSocket did not open within ${timeout} ms.`)), timeout);

    socket.onopen = () => {
      if (settled) return;
      settled = opened = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      listener.opened(socket);
      resolve();
    };
    // An error is always followed by a close, which says more; but without this `ws` would throw.
    socket.onerror = () => {};
    socket.onmessage = (event: { data: ArrayBuffer | string }) => {
      if (opened) listener.message(typeof event.data === "string" ? event.data : new Uint8Array(event.data));
    };
    socket.onclose = (event: { code: number; reason?: string }) => {
      if (opened) {
        opened = false;
        listener.closed(event.code, event.reason ?? "");
      } else {
        fail(DuctsError.connection(`The server refused the WebSocket (${event.code}).`));
      }
    };

    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted);
  });
}

/** Makes a socket be forgotten: whatever it still does, nobody is told. */
export function abandon(socket: WebSocketLike): void {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
}

import { unfit } from "../closeCodes.js";
import type { Exchange } from "../exchange.js";
import { abandon, messageOf } from "../socket.js";
import type { WebSocketLike } from "../webSocketLike.js";
import { DuctError } from "./ductError.js";

/** A message event of a WebSocket. */
export interface SocketMessage {
  data: ArrayBuffer | string;
}

/** Who is told what a socket of a `Duct` does. */
export interface DuctSocketListener {
  /**
   * The socket can be used.
   *
   * @param isBeginning Whether it is known that the server has begun a session with it.
   */
  opened(event: unknown, isBeginning: boolean): void;
  /** It failed. */
  failed(event: unknown): void;
  message(event: SocketMessage): void;
  /** It was closed, or the session was found to be over before it was open. */
  closed(event: { code: number }): void;
}

/**
 * Waits for a socket to open, and for WELCOME where the session speaks version 2 of the protocol.
 *
 * @param signal Fires when opening is given up.
 */
export function openDuctSocket(
  socket: WebSocketLike,
  exchange: Exchange | undefined,
  signal: AbortSignal,
  listener: DuctSocketListener,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let opening: unknown;
    const given = (): void => {
      reject(new DuctError("The connection was closed while it was being opened."));
      abandon(socket);
    };
    const adopt = (isBeginning: boolean): void => {
      signal.removeEventListener("abort", given);
      isOpen = true;
      listener.opened(opening, isBeginning);
      resolve();
    };
    signal.addEventListener("abort", given);
    if (signal.aborted) given();
    socket.binaryType = "arraybuffer";
    socket.onopen = (event) => {
      opening = event;
      if (exchange) socket.send(exchange.hello());
      else adopt(false);
    };
    socket.onerror = (event) => {
      listener.failed(event);
      reject(event);
    };
    socket.onmessage = (event: SocketMessage) => {
      if (isOpen || !exchange) {
        listener.message(event);
        return;
      }
      const welcome = exchange.welcome(messageOf(event));
      if (welcome !== "unfit" && welcome !== "unreadable") {
        adopt(welcome !== "resumed");
        return;
      }
      const code = welcome === "unfit" ? unfit : undefined;
      abandon(socket, code);
      if (code) listener.closed({ code });
      reject(new DuctError("The server does not continue the session."));
    };
    socket.onclose = (event: { code: number }) => {
      listener.closed(event);
      reject(event);
    };
  });
}

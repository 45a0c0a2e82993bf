import { answerError } from "./answerError.js";
import type { DuctsError } from "./ductsError.js";

/**
 * Asks why a WebSocket was refused, which a browser does not tell: the same address, asked without an upgrade, answers
 * with the status that the upgrade got, or with 426 where there would be nothing against one.
 *
 * @returns The answer. It is rejected where there is none: the network is down, or the page may not see it (CORS).
 */
export async function askForRefusal(webSocketUrl: string, fetcher: typeof fetch, signal: AbortSignal): Promise<DuctsError> {
  const url = webSocketUrl.replace(/^ws/, "http");
  const response = await fetcher(url, { signal, cache: "no-store" });
  const { status } = response;
  const what =
    status === 426
      ? "The server answers, but the WebSocket does not open: perhaps a proxy before it does not pass WebSockets on"
      : `The server refused the WebSocket (${status})`;
  return answerError(what, response);
}

import { AnswerError, readRetryAfter } from "./answerError.js";

/**
 * Asks why a WebSocket was refused, which a browser does not tell: the same address, asked without an upgrade, answers
 * with the status that the upgrade got, or with 426 where there would be nothing against one.
 *
 * @returns The answer, or undefined where there is none: the network is down, or the page may not see it (CORS).
 */
export async function askForRefusal(webSocketUrl: string, fetcher: typeof fetch, signal: AbortSignal): Promise<AnswerError | undefined> {
  try {
    const url = webSocketUrl.replace(/^ws/, "http");
    const { status, headers, body } = await fetcher(url, { signal, cache: "no-store" });
    void body?.cancel();
    const message =
      status === 426
        ? "The server answers, but the WebSocket does not open: perhaps a proxy before it does not pass WebSockets on."
        : `The server refused the WebSocket (${status}).`;
    return new AnswerError(message, status, readRetryAfter(headers.get("retry-after")));
  } catch {
    return undefined;
  }
}

import { DuctsError } from "./ductsError.js";

/** Longer than this no answer makes the client wait. */
const maxRetryAfter = 300_000;

/** The statuses with which a server, or a proxy before it, says that it cannot serve now and may later. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The error of an HTTP answer that is not the one hoped for. */
export class AnswerError extends DuctsError {
  /**
   * @param status The answer's status.
   * @param retryAfter For how many milliseconds not to ask again.
   */
  constructor(
    message: string,
    readonly status: number,
    readonly retryAfter: number,
  ) {
    super("ConnectionError", message);
  }

  /** @param url The address as errors show it. */
  static of(url: string, { status, statusText, headers }: Response): AnswerError {
    return new AnswerError(`The server at ${url} answered ${status} ${statusText}.`, status, readRetryAfter(headers.get("retry-after")));
  }
}

/** Reads the header, which names seconds or a date. In milliseconds, between 0 and five minutes; 0 where it says nothing. */
export function readRetryAfter(header: string | null): number {
  if (!header) return 0;
  const milliseconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return milliseconds > 0 ? Math.min(milliseconds, maxRetryAfter) : 0;
}

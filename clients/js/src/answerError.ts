import { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";

/** Longer than this no answer makes the client wait. */
const maxRetryAfter = 300_000;

/** The statuses with which a server, or a proxy before it, says that it cannot serve now and may later. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The error of an HTTP answer that is not the one hoped for. */
export async function answerError(what: string, response: Response): Promise<DuctsError> {
  const { status, headers } = response;
  // A proxy answers with a page of its own.
  const text: unknown = (await response.json().catch(() => 0))?.error;
  const kind = status === 401 || status === 403 ? DuctsNotAuthorizedError : DuctsError;
  const error = new kind("ConnectionError", what + (text ? `: ${text}` : "."));
  return Object.assign(error, { status, retryAfter: readRetryAfter(headers.get("retry-after")) });
}

/** Reads the header, which names seconds or a date. In milliseconds, between 0 and five minutes; 0 where it says nothing. */
export function readRetryAfter(header: string | null): number {
  if (!header) return 0;
  const milliseconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return milliseconds > 0 ? Math.min(milliseconds, maxRetryAfter) : 0;
}

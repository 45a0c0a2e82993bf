import { DuctsError } from "./ductsError.js";

/**
 * Does something that ends with the session, and when an attempt to connect may take no longer.
 *
 * @param timeout Milliseconds that it may take.
 * @param end Fires when the session ends.
 */
export function limited<T>(action: (signal: AbortSignal) => Promise<T>, timeout: number, end: AbortSignal): Promise<T> {
  const attempt = new AbortController();
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
    const timer = setTimeout(abort, timeout);
    end.addEventListener("abort", abort);
    if (end.aborted) abort();
    action(attempt.signal).then(resolve, reject).finally(done);
  });
}

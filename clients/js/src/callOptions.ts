/** How to call. */
export interface CallOptions {
  /**
   * Gives up the call when it fires: the promise is rejected with the signal's reason, and the server is told to
   * cancel. `AbortSignal.timeout(5000)` limits the time.
   */
  signal?: AbortSignal;
}

/** How to read a stream. */
export interface StreamOptions extends CallOptions {
  /**
   * How many items may have been sent and not been read: the handler pauses at its `yield` until the reader goes on. From 1 to
   * 2147483647. Default: 256. Servers of the original, and older ones, know no window.
   */
  window?: number;
}

/** How to call. */
export interface CallOptions {
  /**
   * Gives up the call when it fires: the promise is rejected with the signal's reason, and the server is told to
   * cancel. `AbortSignal.timeout(5000)` limits the time.
   */
  signal?: AbortSignal;
}

/** Waits; shorter when the signal fires, or when the browser notices that the network is back. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const page = globalThis as Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>;
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      page.removeEventListener?.("online", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", wake);
    page.addEventListener?.("online", wake);
    if (signal.aborted) wake();
  });
}

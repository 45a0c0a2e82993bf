import { onTestFinished, vi } from "vitest";

/**
 * Notes for how many milliseconds the client waits. What a clock says of it cannot be asserted: timers count from when their
 * loop last looked at it, which is a little before they are set.
 *
 * @returns Gives the pauses from a shortest to a longest length.
 */
export function watchPauses(): (shortest: number, longest: number) => number[] {
  const timers = vi.spyOn(globalThis, "setTimeout");
  onTestFinished(() => timers.mockRestore());
  return (shortest, longest) => timers.mock.calls.map(([, delay]) => delay ?? 0).filter((delay) => delay >= shortest && delay <= longest);
}

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refresh } from "../src/refresh.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Rights that expire after so many seconds, and when they were renewed and given up, in seconds. */
function start(seconds: number | undefined, renew: (refresh: Refresh, stop: AbortSignal) => Promise<void> = () => Promise.resolve()) {
  const began = performance.now();
  const now = (): number => Math.round((performance.now() - began) / 100) / 10;
  const renewed: number[] = [];
  const failed: [number, unknown][] = [];
  const refresh = new Refresh(
    (stop) => {
      renewed.push(now());
      return renew(refresh, stop);
    },
    (error) => failed.push([now(), error]),
  );
  refresh.begin(seconds);
  return { refresh, renewed, failed };
}

describe("rights", () => {
  it.each([
    [3600, 3540],
    [300, 240],
    [100, 80],
    [5, 4],
    [1, 1],
    [0, 1],
    [-5, 1],
  ])("of %i s are renewed after %i s", async (seconds, after) => {
    const { renewed, refresh } = start(seconds, (all) => (all.begin(undefined), Promise.resolve()));
    await vi.advanceTimersByTimeAsync(7_200_000);
    expect(renewed).toEqual([after]);
    refresh.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that last longer than a timer can are renewed in time", async () => {
    const { renewed, refresh } = start(30 * 86_400, (all) => (all.begin(undefined), Promise.resolve()));
    await vi.advanceTimersByTimeAsync(30 * 86_400_000);
    expect(renewed).toEqual([30 * 86_400 - 60]);
    refresh.stop();
  });

  it("that do not expire are left alone", async () => {
    const { renewed, failed } = start(undefined);
    expect(vi.getTimerCount()).toBe(0);
    expect([renewed, failed]).toEqual([[], []]);
  });

  it("are renewed again and again", async () => {
    const { renewed, refresh } = start(100, (all) => (all.begin(100), Promise.resolve()));
    await vi.advanceTimersByTimeAsync(330_000);
    expect(renewed).toEqual([80, 160, 240, 320]);
    refresh.stop();
    await vi.advanceTimersByTimeAsync(330_000);
    expect(renewed).toHaveLength(4);
  });

  it("that cannot be renewed are tried with growing pauses until shortly after their end, and that is told once", async () => {
    const error = new Error("no");
    const { renewed, failed } = start(300, () => Promise.reject(error));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(renewed[0]).toBe(240);
    expect(renewed.length).toBeGreaterThanOrEqual(8);
    expect(renewed.length).toBeLessThanOrEqual(16);
    expect(renewed.at(-1)).toBeLessThanOrEqual(305);
    expect(failed).toEqual([[expect.any(Number), error]]);
    expect(failed[0]?.[0]).toBeGreaterThanOrEqual(295);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are not renewed while stopped, and at once if the time has come meanwhile", async () => {
    const { renewed, refresh } = start(100, (all) => (all.begin(undefined), Promise.resolve()));
    refresh.stop();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(renewed).toEqual([]);
    refresh.resume();
    await vi.advanceTimersByTimeAsync(1);
    expect(renewed).toEqual([90]);
  });

  it("are renewed when they have expired while stopped, and that this fails is told", async () => {
    const { renewed, refresh, failed } = start(100, () => Promise.reject(new Error("no")));
    refresh.stop();
    await vi.advanceTimersByTimeAsync(200_000);
    refresh.resume();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(renewed).toEqual([200]);
    expect(failed).toHaveLength(1);
  });

  it("whose renewal was under way when stopped are renewed by one at a time, and no failure is told", async () => {
    const fail: (() => void)[] = [];
    const { renewed, refresh, failed } = start(100, () => new Promise((_, reject) => fail.push(() => reject(new Error("no")))));
    await vi.advanceTimersByTimeAsync(80_000);
    refresh.stop();
    refresh.resume();
    await vi.advanceTimersByTimeAsync(1);
    expect(renewed).toEqual([80, 80]);
    fail[0]?.();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([renewed.length, failed]).toEqual([2, []]);
  });
});

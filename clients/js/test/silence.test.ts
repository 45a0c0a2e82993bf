import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backoff } from "../src/backoff.js";
import { Clock } from "../src/clock.js";
import { Silence } from "../src/silence.js";

describe("silence", () => {
  let fallen = 0;
  let silence: Silence;

  beforeEach(() => {
    fallen = 0;
    vi.useFakeTimers();
    silence = new Silence(() => fallen++);
    silence.start();
  });

  afterEach(() => {
    silence.stop();
    vi.useRealTimers();
  });

  const hear = (serverNow: number): void => {
    silence.heard();
    silence.alive(serverNow);
  };

  it("is noticed after three messages in the server's rhythm are missing, and not before", () => {
    hear(100);
    vi.advanceTimersByTime(5_000);
    hear(105);
    vi.advanceTimersByTime(16_000);
    expect(fallen).toBe(0);
    vi.advanceTimersByTime(2_500);
    expect(fallen).toBe(1);
  });

  it("is not there while anything comes", () => {
    hear(100);
    hear(105);
    for (let second = 0; second < 120; second++) {
      vi.advanceTimersByTime(1_000);
      silence.heard();
    }
    expect(fallen).toBe(0);
  });

  it("is borne longer where the server speaks seldom", () => {
    hear(100);
    vi.advanceTimersByTime(60_000);
    hear(160);
    vi.advanceTimersByTime(180_000);
    expect(fallen).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(fallen).toBe(1);
  });
});

describe("the pauses between attempts", () => {
  it("grow up to a limit, each shortened by chance to no less than half", () => {
    const backoff = new Backoff(100, 1_000);
    for (const nominal of [100, 200, 400, 800, 1_000, 1_000]) {
      const pause = backoff.next();
      expect(pause).toBeGreaterThanOrEqual(nominal / 2);
      expect(pause).toBeLessThanOrEqual(nominal);
    }
  });
});

describe("the clock", () => {
  it("tells offset from latency", () => {
    const clock = new Clock();
    clock.start(1_000_000);
    // The server is 60 s ahead; the request took 20 ms, the answer 40 ms.
    clock.sample([1060.02, 1060.02], 1_000_060);
    expect(clock.offset).toBeCloseTo(59_990, 3);
    expect(clock.latency).toBeCloseTo(30, 3);
    // Five seconds later the answer takes 20 ms.
    clock.sample([1065.02, 1060.02], 1_005_040);
    expect(clock.offset).toBeCloseTo(59_995, 3);
    expect(clock.latency).toBeCloseTo(25, 3);
  });

  it("ignores what is no pair of times", () => {
    const clock = new Clock();
    clock.start(0);
    for (const data of [null, [], ["x", 1], [1], 7]) clock.sample(data, 1);
    expect([clock.offset, clock.latency]).toEqual([0, 0]);
  });
});

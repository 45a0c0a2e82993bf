import { describe, expect, it } from "vitest";
import { readRetryAfter } from "../src/answerError.js";

describe("Retry-After", () => {
  it.each([
    ["2", 2000],
    [" 2 ", 2000],
    ["0", 0],
    ["-1", 0],
    ["86400", 300_000],
    ["soon", 0],
    ["", 0],
    [null, 0],
  ])("of %j means %i ms", (header, expected) => {
    expect(readRetryAfter(header)).toBe(expected);
  });

  it("may be a date", () => {
    const inAMinute = readRetryAfter(new Date(Date.now() + 60_000).toUTCString());
    expect(inAMinute).toBeGreaterThan(50_000);
    expect(inAMinute).toBeLessThanOrEqual(60_000);
    expect(readRetryAfter(new Date(Date.now() - 60_000).toUTCString())).toBe(0);
  });
});

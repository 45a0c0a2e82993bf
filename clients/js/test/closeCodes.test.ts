import { describe, expect, it } from "vitest";
import { faultOf, isNotNow, reactionTo } from "../src/closeCodes.js";

describe("a close code of version 2", () => {
  it.each([
    [1000, "resume"],
    [1001, "begin"],
    [1002, "resume"],
    [1005, "resume"],
    [1006, "resume"],
    [1007, "resume"],
    [1008, "stop"],
    [1009, "resume"],
    [1011, "resume"],
    [1012, "resumeNow"],
    [1013, "resume"],
    [1014, "resume"],
    [4001, "stop"],
    [4002, "begin"],
    [4003, "begin"],
    [4004, "stop"],
    [4005, "begin"],
    [4401, "begin"],
    [4500, "resume"],
  ])("%i makes the client %s", (code, reaction) => {
    expect(reactionTo(code, true)).toBe(reaction);
  });

  it("says of 1012 and 1013 that the session lives", () => {
    expect([1012, 1013, 1006].map(isNotNow)).toEqual([true, true, false]);
  });

  it("tells of a gap what is lacking", () => {
    expect(faultOf(4003, "gap 5-9")).toContain("gap 5-9");
    expect([faultOf(4002, ""), faultOf(4005, "")]).toEqual([expect.stringContaining("4002"), undefined]);
  });
});

describe("a close code of version 1", () => {
  it.each([
    [1000, "stop"],
    [1001, "resume"],
    [1008, "stop"],
    [1012, "resume"],
    [4001, "stop"],
    [4002, "resume"],
    [4004, "resume"],
    [4005, "begin"],
    [4401, "begin"],
  ])("%i makes the client %s", (code, reaction) => {
    expect(reactionTo(code, false)).toBe(reaction);
  });
});

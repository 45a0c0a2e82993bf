import { describe, expect, it } from "vitest";
import { ExactWorld, randomNumbers, type Bug } from "./exactWorld.js";

/** How many schedules to run; `DUCTS_TEST_SCHEDULES` times as many where that is set. */
const count = 4_000 * Number(process.env["DUCTS_TEST_SCHEDULES"] ?? 1);
const firstSeed = Number(process.env["DUCTS_TEST_SEED"] ?? 1);
const isRepeated = "DUCTS_TEST_SEED" in process.env;

/** @returns What went wrong. */
function run(seed: number, bug: Bug): Error | undefined {
  const random = randomNumbers(seed);
  const world = new ExactWorld(random, bug);
  try {
    const steps = 50 + random(400);
    for (let step = 0; step < steps; step++) world.step();
    world.heal();
    world.check();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe("any order of messages, receipts, lost connections, takeovers, refusals and lost states", () => {
  it.each(["forgets to count", "counts before it gives", "listens to an older connection"] as const)("would show a client that %s", (bug) => {
    const isFound = Array.from({ length: 500 }, (_, seed) => seed).some((seed) => run(seed, bug) !== undefined);
    expect(isFound).toBe(true);
  });

  it("brings each message to the other side once, and in order", () => {
    for (let seed = firstSeed; seed < firstSeed + (isRepeated ? 1 : count); seed++) {
      const error = run(seed, "none");
      if (error) throw new Error(`Seed ${seed} (DUCTS_TEST_SEED=${seed}): ${error.message}`, { cause: error });
    }
  }, 600_000);
});

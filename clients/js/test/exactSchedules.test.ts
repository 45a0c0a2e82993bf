import { describe, expect, it } from "vitest";
import { confirmsInTime } from "./exactInbox.js";
import { ExactWorld, randomNumbers, type Bug } from "./exactWorld.js";

/** How many schedules to run; `DUCTS_TEST_SCHEDULES` times as many where that is set. */
const count = 4_000 * Number(process.env["DUCTS_TEST_SCHEDULES"] ?? 1);
const firstSeed = Number(process.env["DUCTS_TEST_SEED"] ?? 1);
const isRepeated = "DUCTS_TEST_SEED" in process.env;

/** @returns What went wrong. */
function run(seed: number, bug: Bug, isReceiptDue = confirmsInTime): Error | undefined {
  const random = randomNumbers(seed);
  const world = new ExactWorld(random, bug, isReceiptDue);
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

const seeds = Array.from({ length: 500 }, (_, seed) => seed);

describe("any order of messages, receipts, lost connections, takeovers, refusals and lost states", () => {
  const bugs = ["forgets to count", "counts before it gives", "listens to an older connection", "takes the answer to a cancelled request for its receipt"] as const;
  it.each(bugs)("would show a client that %s", (bug) => {
    expect(seeds.some((seed) => run(seed, bug) !== undefined)).toBe(true);
  });

  it("would show that a client waits for ever where a server confirms without regard to inbox_limit", () => {
    const errors = seeds.map((seed) => run(seed, "none", (messages, bytes) => messages >= 64 || bytes >= 262_144)?.message);
    expect(errors).toContainEqual(expect.stringMatching("Messages wait though all is confirmed|was never sent"));
  });

  it("brings each message to the other side once, and in order, however small inbox_limit is", () => {
    for (let seed = firstSeed; seed < firstSeed + (isRepeated ? 1 : count); seed++) {
      const error = run(seed, "none");
      if (error) throw new Error(`Seed ${seed} (DUCTS_TEST_SEED=${seed}): ${error.message}`, { cause: error });
    }
  }, 600_000);
});

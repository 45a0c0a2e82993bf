import { describe, expect, it } from "vitest";
import { ItemQueue } from "../src/itemQueue.js";

const item = (value: unknown) => ({ done: false, value });
const end = { done: true, value: undefined };

describe("an item queue", () => {
  it("keeps the order, whoever is first", async () => {
    const queue = new ItemQueue<number>();
    const early = [queue.take(), queue.take()];
    for (const value of [1, 2, 3]) queue.add(value);
    queue.end();
    expect(await Promise.all(early)).toEqual([item(1), item(2)]);
    expect(await queue.take()).toEqual(item(3));
    expect(await queue.take()).toEqual(end);
    expect(await queue.take()).toEqual(end);
  });

  it("gives an error after the items before it, once", async () => {
    const queue = new ItemQueue<number>();
    queue.add(1);
    queue.fail(new Error("half-way"));
    queue.add(2);
    expect(await queue.take()).toEqual(item(1));
    await expect(queue.take()).rejects.toThrow("half-way");
    expect(await queue.take()).toEqual(end);
  });

  it("gives an error to the first of those who wait", async () => {
    const queue = new ItemQueue<number>();
    const waiting = [queue.take(), queue.take()];
    queue.fail(new Error("gone"));
    await expect(waiting[0]).rejects.toThrow("gone");
    expect(await waiting[1]).toEqual(end);
  });

  it("reads a long backlog in order, with more coming meanwhile", async () => {
    const queue = new ItemQueue<number>();
    let added = 0;
    for (; added < 10_000; added++) queue.add(added);
    for (let read = 0; read < 20_000; read++) {
      expect((await queue.take()).value).toBe(read);
      queue.add(added++);
    }
    expect(queue.length).toBe(10_000);
  });

  it("forgets what was not read when it is discarded", async () => {
    const queue = new ItemQueue<number>();
    queue.add(1);
    queue.discard();
    expect(queue.length).toBe(0);
    expect(await queue.take()).toEqual(end);
  });
});

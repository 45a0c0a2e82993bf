import { describe, expect, it } from "vitest";
import { EVENT, type Message } from "./fakeServer.js";
import { useExactServer } from "./fixture.js";
import { lose, unknown } from "./lose.js";
import { until } from "./until.js";

const { fixture, exact, numbered } = useExactServer();
const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;

describe("the credit of a stream", () => {
  const credits = (): unknown[] => numbered().filter(([, eid]) => eid === 9).map(([, , data]) => (data as { credit: number }).credit);

  /** A handler that yields as long as it has credit. */
  function generate(count: number): { sent: () => number } {
    let sent = 0;
    let credit = 0;
    let request: Message | undefined;
    const pump = (): void => {
      if (!request) return;
      const [rid, eid] = request;
      for (; credit > 0 && sent < count; credit--) exact().send([rid, sent++ === 0 ? START : NEXT, [rid, eid, sent]]);
      if (sent === count) exact().send([rid, END, [rid, eid, null]]);
      if (sent === count) request = undefined;
    };
    fixture.server.on(9, (_, [, , data]) => {
      credit += (data as { credit: number }).credit;
      pump();
    });
    fixture.server.on(EVENT.COUNT, (_, message) => {
      request = message;
      pump();
    });
    return { sent: () => sent };
  }

  it("is sent right before the request: 256, or the window asked for", async () => {
    const duct = await fixture.connect();
    const ended = [duct.stream("SILENT").next(), duct.stream("SILENT", null, { window: 7 }).next()].map((next) => expect(next).rejects.toThrow(unknown));
    await until(() => numbered().length === 4);
    expect(numbered().map(([rid, eid]) => (rid === null ? eid : "request"))).toEqual([9, "request", 9, "request"]);
    expect(credits()).toEqual([256, 7]);
    const [first, request] = numbered() as [Message, Message];
    expect((first[2] as { id: unknown }).id).toBe(request[0]);
    await duct.close();
    await Promise.all(ended);
  });

  it.each([0, -1, 1.5, NaN, 2 ** 31])("of %d is refused at once", async (window) => {
    const duct = await fixture.connect();
    expect(() => duct.stream("COUNT", null, { window })).toThrow(RangeError);
  });

  it.each([1, 2, 3, 10, 256])("of %i is given back as the loop reads: all of 1000 items come, and never more than it waits", async (window) => {
    const { sent } = generate(1_000);
    const duct = await fixture.connect();
    const stream = duct.stream<number>("COUNT", null, { window });
    let read = 0;
    for await (const item of stream) {
      expect(item).toBe(++read);
      expect(stream.buffered).toBeLessThanOrEqual(window);
    }
    expect([read, sent()]).toEqual([1_000, 1_000]);
  });

  it("that is used up pauses the handler until the reader goes on, over connections too", async () => {
    const { sent } = generate(100);
    const duct = await fixture.connect();
    const stream = duct.stream<number>("COUNT", null, { window: 10 });
    await stream.next();
    await until(() => sent() === 10);
    await duct.call("ECHO");
    expect([sent(), stream.buffered]).toEqual([10, 9]);
    await lose(duct, () => fixture.server.last.cut());
    for (let n = 2; n <= 100; n++) expect((await stream.next()).value).toBe(n);
    expect((await stream.next()).done).toBe(true);
  });

  it("of a START that is null is given back at once, and once", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, null]]));
    const stream = duct.stream("COUNT", null, { window: 1 });
    const first = stream.next();
    await until(() => credits().length === 2);
    const [rid] = numbered()[1] as Message;
    exact().send([rid, NEXT, [rid, EVENT.COUNT, "second"]]);
    expect((await first).value).toBeNull();
    await duct.call("ECHO");
    expect(credits()).toEqual([1, 1]);
    expect((await stream.next()).value).toBe("second");
    await duct.call("ECHO");
    expect(credits()).toEqual([1, 1, 1]);
  });

  it("is not given for a stream that has ended", async () => {
    generate(3);
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT", null, { window: 4 });
    for await (const _item of stream);
    await duct.call("ECHO");
    expect(credits().length).toBeLessThanOrEqual(2);
    const before = credits().length;
    await stream.next();
    await duct.call("ECHO");
    expect(credits()).toHaveLength(before);
  });
});

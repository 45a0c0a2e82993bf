import { describe, expect, it } from "vitest";
import { EVENT, type FakeSocket, type Message } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { watchErrors } from "./lose.js";
import { until } from "./until.js";

const fixture = useServer();
const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;

function answer(messages: (rid: unknown, eid: number) => Message[]): void {
  fixture.server.on(EVENT.COUNT, (socket: FakeSocket, [rid, eid]: Message) => socket.send(...messages(rid, eid)));
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const item of items) seen.push(item);
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

describe("a stream", () => {
  it("of ten items gives them in order", async () => {
    answer((rid, eid) => [
      ...Array.from({ length: 10 }, (_, n): Message => [rid, n === 0 ? START : NEXT, [rid, eid, n]]),
      [rid, END, [rid, eid, null]],
    ]);
    const duct = await fixture.connect();
    expect(await collect(duct.stream("COUNT", 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("without items ends at once", async () => {
    answer((rid, eid) => [[rid, START, [rid, eid, null]], [rid, END, [rid, eid, null]]]);
    const duct = await fixture.connect();
    expect(await collect(duct.stream("COUNT"))).toEqual([]);
  });

  it("may begin with an item that is null", async () => {
    answer((rid, eid) => [
      [rid, START, [rid, eid, null]],
      [rid, NEXT, [rid, eid, null]],
      [rid, NEXT, [rid, eid, 2]],
      [rid, END, [rid, eid, null]],
    ]);
    const duct = await fixture.connect();
    expect(await collect(duct.stream("COUNT"))).toEqual([null, null, 2]);
  });

  it("that fails half-way gives its items, then the error", async () => {
    answer((rid, eid) => [
      [rid, START, [rid, eid, 1]],
      [rid, NEXT, [rid, eid, 2]],
      [rid, NEXT, [rid, -eid, "ValueError('half-way')"]],
      [rid, END, [rid, -eid, null]],
    ]);
    const duct = await fixture.connect();
    expect(await collect(duct.stream("COUNT"))).toEqual([1, 2, "half-way"]);
  });

  it("that fails before its first item gives the error", async () => {
    answer((rid, eid) => [[rid, -eid, "ValueError('at once')"]]);
    const duct = await fixture.connect();
    expect(await collect(duct.stream("COUNT"))).toEqual(["at once"]);
  });

  it("of an event with a single reply has that one item", async () => {
    const duct = await fixture.connect();
    expect(await collect(duct.stream("ECHO", "one"))).toEqual(["one"]);
  });

  it("of an unknown event is rejected when it is read", async () => {
    const duct = await fixture.connect();
    expect(await collect(duct.stream("NOPE"))).toEqual(["The server has no event NOPE."]);
  });

  it("is asked for when it is read, not before", async () => {
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    await duct.call("ECHO");
    expect(fixture.server.requests().map(([, eid]) => eid)).toEqual([EVENT.ECHO]);
    const reading = stream.next();
    await until(() => fixture.server.requests().length === 2);
    await stream.return();
    expect(await reading).toEqual({ done: true, value: undefined });
  });

  it("that its reader leaves is cancelled, and what still comes is ignored", async () => {
    answer((rid, eid) => [[rid, START, [rid, eid, 1]], [rid, NEXT, [rid, eid, 2]]]);
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    fixture.server.on(EVENT.CANCEL, (socket, [cancelId, eid, rid]) =>
      socket.send(
        [rid, NEXT, [rid, EVENT.COUNT, 3]],
        [rid, NEXT, [rid, -EVENT.COUNT, "RuntimeError('cancelled')"]],
        [rid, END, [rid, -EVENT.COUNT, null]],
        [cancelId, -eid, "KeyError('gone already')"],
      ),
    );
    for await (const item of duct.stream("COUNT")) {
      expect(item).toBe(1);
      break;
    }
    await until(() => fixture.server.requests().length === 2);
    const [request, cancel] = fixture.server.requests();
    expect(cancel).toEqual([expect.any(Number), EVENT.CANCEL, request?.[0]]);
    expect(cancel?.[0]).not.toBe(request?.[0]);
    expect(await duct.call("ECHO", 5)).toBe(5);
    expect(errors).toEqual([]);
  });

  it("that is left when it has ended is not cancelled", async () => {
    answer((rid, eid) => [[rid, START, [rid, eid, 1]], [rid, END, [rid, eid, null]]]);
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    await stream.next();
    await duct.call("ECHO");
    await stream.return();
    await duct.call("ECHO");
    expect(fixture.server.requests().map(([, eid]) => eid)).toEqual([EVENT.COUNT, EVENT.ECHO, EVENT.ECHO]);
  });

  it("sends no cancelling to a server that does not know it", async () => {
    const { CANCEL: _, ...events } = EVENT;
    fixture.server.events = events;
    answer((rid, eid) => [[rid, START, [rid, eid, 1]]]);
    const duct = await fixture.connect();
    for await (const _item of duct.stream("COUNT")) break;
    await duct.call("ECHO");
    expect(fixture.server.requests().map(([, eid]) => eid)).toEqual([EVENT.COUNT, EVENT.ECHO]);
  });

  it("ends with the reason of its signal", async () => {
    answer((rid, eid) => [[rid, START, [rid, eid, 1]]]);
    const duct = await fixture.connect();
    const abort = new AbortController();
    const stream = duct.stream("COUNT", null, { signal: abort.signal });
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    abort.abort(new Error("enough"));
    await expect(stream.next()).rejects.toThrow("enough");
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await until(() => fixture.server.requests().some(([, eid]) => eid === EVENT.CANCEL));
  });

  it("reaches functions set for its event, item by item", async () => {
    answer((rid, eid) => [
      [rid, START, [rid, eid, 1]],
      [rid, NEXT, [rid, eid, 2]],
      [rid, END, [rid, eid, null]],
    ]);
    const duct = await fixture.connect();
    const seen: unknown[] = [];
    duct.on("COUNT", (item) => seen.push(item));
    await collect(duct.stream("COUNT"));
    expect(seen).toEqual([1, 2]);
  });

  it("of many items costs its reader nothing but time", async () => {
    const count = 50_000;
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => {
      for (let n = 0; n < count; n++) socket.send([rid, n === 0 ? START : NEXT, [rid, eid, n]]);
      socket.send([rid, END, [rid, eid, null]]);
    });
    const duct = await fixture.connect();
    let expected = 0;
    for await (const item of duct.stream<number>("COUNT")) {
      if (item !== expected) throw new Error(`${item} came where ${expected} was due.`);
      expected++;
    }
    expect(expected).toBe(count);
  });
});

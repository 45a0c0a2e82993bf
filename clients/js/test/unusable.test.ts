import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { DuctsSession } from "../src/index.js";
import { EVENT } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { watchErrors } from "./lose.js";
import { until } from "./until.js";

const fixture = useServer();

describe("an event that is none", () => {
  it.each([undefined, null, NaN, -5, 1.5, "", {}] as unknown[])("such as %s is refused at once, by name", async (event) => {
    const duct = await fixture.connect();
    const wrong = event as string;
    const shown = event === "" ? '""' : String(event);
    const called = await duct.call(wrong, 1).catch((thrown: unknown) => thrown);
    expect(called).toBeInstanceOf(TypeError);
    expect((called as Error).message).toContain(`${shown} is not the key or the id of an event`);
    for (const action of [() => duct.send(wrong), () => duct.stream(wrong), () => duct.on(wrong, () => {})]) {
      expect(action).toThrow("is not the key or the id of an event");
    }
    expect(fixture.server.requests()).toEqual([]);
  });

  it.each(["abc", "constructor", "__proto__", "toString"])("such as %s rejects", async (event) => {
    const duct = await fixture.connect();
    await expect(duct.call(event)).rejects.toMatchObject({ name: "KeyError", message: `The server has no event ${event}.` });
  });

  it("is refused while there is no connection, too", async () => {
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    await expect(duct.call(undefined as unknown as string)).rejects.toThrow("undefined is not the key");
  });
});

describe("a request that the server cannot read", () => {
  it("is answered with -99: the call rejects, a stream too, and the functions of its event are told", async () => {
    const duct = await fixture.connect();
    const seen: unknown[] = [];
    duct.on("SILENT", (_, { error }) => seen.push(error?.name));
    fixture.server.on(EVENT.SILENT, (socket, [rid]) => socket.send([rid, -99, "ValueError('unreadable')"]));
    await expect(duct.call("SILENT", 1)).rejects.toMatchObject({ name: "ValueError", message: "unreadable" });
    await expect(duct.stream("SILENT").next()).rejects.toMatchObject({ name: "ValueError", message: "unreadable" });
    expect(seen).toEqual(["ValueError", "ValueError"]);
    expect(await duct.call("ECHO", 1)).toBe(1);
  });

  it("is answered with -99 within a stream: its items come, then the error", async () => {
    const duct = await fixture.connect();
    const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) =>
      socket.send([rid, START, [rid, eid, 1]], [rid, NEXT, [rid, -99, "ValueError('x')"]], [rid, END, [rid, -99, null]]),
    );
    const stream = duct.stream("COUNT");
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toMatchObject({ name: "ValueError" });
  });

  it("and has no id reaches onerror", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    fixture.server.last.send([null, -99, "ValueError('who was that')"]);
    await until(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ name: "ValueError", message: "who was that" });
  });

  it.each([-1, -3, -5])("is answered with %i by servers of the original: the call rejects", async (eventId) => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.SILENT, (socket, [rid]) => socket.send([rid, eventId, "KeyError('x')"]));
    await expect(duct.call("SILENT")).rejects.toMatchObject({ name: "KeyError" });
  });
});

describe("an answer that cannot be read", () => {
  const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT } = EVENT;
  const head = (rid: unknown, eid: number): Uint8Array => encode([rid, eid]).subarray(1);
  const broken = (rid: unknown, eid: number): Uint8Array => Buffer.concat([Buffer.from([0x93]), head(rid, eid), Buffer.from([0xc1])]);

  it.each([
    ["no MessagePack", (rid: unknown, eid: number) => broken(rid, eid)],
    ["cut off", (rid: unknown, eid: number) => encode([rid, eid, "text"]).subarray(0, -1)],
    ["too long", (rid: unknown, eid: number) => Buffer.concat([encode([rid, eid, 1]), Buffer.from([0])])],
    ["of four", (rid: unknown, eid: number) => encode([rid, eid, 1, 2])],
    ["without a number for its event", (rid: unknown) => encode([rid, "x", 1])],
    ["a stream's with nothing in it", (rid: unknown) => encode([rid, NEXT, null])],
    ["the end of a divided one that had not begun", (rid: unknown) => encode([rid, EVENT.DIVIDED_RESPONSE_END, null])],
    ["a piece that is no bytes", (rid: unknown) => encode([rid, EVENT.DIVIDED_RESPONSE_APPEND, 1])],
  ])("for it is %s rejects its call, and no other", async (_, answer) => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.sendRaw(answer(rid, eid)));
    await expect(duct.call("SILENT")).rejects.toMatchObject({ name: "ValueError", message: expect.stringContaining("cannot be read") });
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(errors).toEqual([]);
  });

  it("in the midst of a stream ends it with an error after its items, and at the server", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => {
      socket.send([rid, START, [rid, eid, 1]]);
      socket.sendRaw(broken(rid, NEXT));
      socket.send([rid, NEXT, [rid, eid, 3]]);
    });
    const stream = duct.stream("COUNT");
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toThrow("cannot be read");
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(fixture.server.requests().map(([, eid]) => eid)).toEqual([EVENT.COUNT, EVENT.CANCEL, EVENT.ECHO]);
  });

  it("whole after it was divided rejects its call", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) =>
      socket.send([rid, EVENT.DIVIDED_RESPONSE_APPEND, broken(rid, eid)], [rid, EVENT.DIVIDED_RESPONSE_END, null]),
    );
    await expect(duct.call("SILENT")).rejects.toThrow("cannot be read");
  });

  it("is not one with the key __proto__, which comes as it is", async () => {
    const duct = await fixture.connect();
    const sent = new Map([["__proto__", 1]]);
    const back = await duct.call<object>("ECHO", sent);
    expect([Object.keys(back), Object.values(back)]).toEqual([["__proto__"], [1]]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });
});

describe("a message that is larger than the server takes", () => {
  it("is not sent, and the session goes on with its streams", async () => {
    fixture.server.moreOfWsd = { max_message_size: 1000 };
    const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT } = EVENT;
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]]));
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    await stream.next();
    const large = { text: "x".repeat(1000) };
    await expect(duct.call("ECHO", large)).rejects.toMatchObject({
      name: "ValueError",
      message: expect.stringMatching(/^The message has 1\d\d\d bytes, and the server takes at most 1000/),
    });
    expect(() => duct.send("ECHO", large)).toThrow("max_message_size");
    await expect(duct.stream("ECHO", large).next()).rejects.toThrow("max_message_size");
    const [rid] = fixture.server.requests()[0]!;
    fixture.server.last.send([rid, NEXT, [rid, EVENT.COUNT, 2]]);
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect(fixture.server.sockets).toHaveLength(1);
  });

  it("may have just the size", async () => {
    const size = 1000;
    fixture.server.moreOfWsd = { max_message_size: size };
    const duct = await fixture.connect();
    // Around the text: the array, an id below 128, the event's id, the text's own head.
    const text = "x".repeat(size - 1 - 1 - 3 - 3);
    expect(await duct.call("ECHO", text)).toBe(text);
    await expect(duct.call("ECHO", `${text}x`)).rejects.toThrow("1001 bytes");
  });

  it("is refused when there is a connection, where it was made before there was one", async () => {
    fixture.server.moreOfWsd = { max_message_size: 1000 };
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const large = expect(duct.call("ECHO", "x".repeat(1000))).rejects.toThrow("max_message_size");
    const small = duct.call("ECHO", 1);
    await duct.open();
    await large;
    expect(await small).toBe(1);
    await duct.close();
  });
});

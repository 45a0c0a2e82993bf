import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ConnectionEventListener, Duct, DuctError, State } from "../src/index.js";
import { EVENT, FakeServer, type Message } from "./fakeServer.js";
import { until } from "./until.js";

const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;
let server: FakeServer;
let duct: Duct;

beforeEach(async () => {
  server = await FakeServer.start();
  server.on(EVENT.ECHO, (socket, [rid, eid, data]) => socket.send([rid, eid, data]));
  duct = new Duct({ WebSocket });
});

afterEach(async () => {
  await duct.close();
  await server.stop();
});

const stream = (messages: (rid: unknown, eid: number) => Message[]): void =>
  server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send(...messages(rid, eid)));

describe("the original's interface", () => {
  it("opens, calls and closes", async () => {
    expect(duct.state).toBe(State.CLOSE);
    expect(await duct.open(server.url)).toBe(duct);
    expect(duct.state).toBe(State.OPEN_CONNECTED);
    expect(duct.EVENT).toEqual(EVENT);
    expect(duct.WSD?.EVENT).toBe(duct.EVENT);
    expect(await duct.call(EVENT.ECHO, "hello")).toBe("hello");
    expect(await duct.call(EVENT.ECHO)).toEqual([]);
    expect(await duct.close()).toMatchObject({ code: 1000 });
    expect(duct.state).toBe(State.CLOSE);
  });

  it("passes uuid and parameters on", async () => {
    await duct.open(server.url, "?uuid=mine", { a: "1 2" });
    expect(Object.fromEntries(server.discoveries[0] ?? [])).toEqual({ uuid: "mine", a: "1 2" });
  });

  it("is rejected when the server cannot be reached, and tells the listener", async () => {
    const told: unknown[] = [];
    duct._connectionListener.onerror = (event) => told.push(event.state);
    server.unreachable = true;
    await expect(duct.open(server.url)).rejects.toThrow();
    expect(told).toEqual(["onerror"]);
  });

  it("rejects a call with the server's text as it came", async () => {
    server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.send([rid, -eid, "KeyError('no')"]));
    await duct.open(server.url);
    const error = await duct.call(EVENT.SILENT).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DuctError);
    expect(error).toMatchObject({ name: "DuctError", message: "KeyError('no')" });
  });

  it("gives out request ids from the clock, each larger than the last", () => {
    const before = Date.now();
    const ids = [duct.nextRid(), duct.nextRid(), duct.nextRid()];
    expect(ids[0]).toBeGreaterThanOrEqual(before);
    expect(new Set(ids).size).toBe(3);
    expect([...ids].sort((a, b) => a - b)).toEqual(ids);
    expect(duct.lastRid).toBe(ids[2]);
  });

  it("lets its functions be taken off the object", async () => {
    const { open, call, close } = duct;
    await open(server.url);
    expect(await call(EVENT.ECHO, 1)).toBe(1);
    await close();
  });

  it("runs functions on opening, at once where it is open", async () => {
    const order: string[] = [];
    duct.invokeOnOpen(() => order.push("waited"));
    duct.addOnopenHandler(() => order.push("added"));
    await duct.open(server.url);
    duct.invokeOnOpen(() => order.push("at once"));
    expect(order).toEqual(["waited", "added", "at once"]);
  });

  it("gives messages to the functions set for events; what they return takes the message's place", async () => {
    await duct.open(server.url);
    const seen: unknown[] = [];
    duct.catchallEventHandler = (_, eid, data) => seen.push(["all", eid, data]);
    duct.uncaughtEventHandler = (_, eid, data) => void seen.push(["uncaught", eid, data]);
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
    duct.setEventHandler(EVENT.ECHO, (rid, eid, data) => [rid, eid, `${data}!`]);
    expect(await duct.call(EVENT.ECHO, 2)).toBe("2!");
    duct.setEventHandler(EVENT.ECHO);
    expect(await duct.call(EVENT.ECHO, 3)).toBe(3);
    expect(seen).toEqual([
      ["all", EVENT.ECHO, 1],
      ["uncaught", EVENT.ECHO, 1],
      ["all", EVENT.ECHO, 2],
      ["all", EVENT.ECHO, 3],
      ["uncaught", EVENT.ECHO, 3],
    ]);
  });

  it("hands a function's exception to eventErrorHandler", async () => {
    await duct.open(server.url);
    const errors: unknown[] = [];
    duct.eventErrorHandler = (_rid, eid, data, error) => errors.push([eid, data, (error as Error).message]);
    duct.setEventHandler(EVENT.ECHO, () => {
      throw new Error("mine");
    });
    duct.send(duct.nextRid(), EVENT.ECHO, 1);
    await until(() => errors.length > 0);
    server.last.sendRaw(new Uint8Array([0xc1]));
    await until(() => errors.length > 1);
    expect(errors).toEqual([[EVENT.ECHO, 1, "mine"], [-1, null, expect.any(String)]]);
  });

  it("resolves a stream with a queue that ends with null", async () => {
    stream((rid, eid) => [
      ...Array.from({ length: 10 }, (_, n): Message => [rid, n === 0 ? START : NEXT, [rid, eid, n]]),
      [rid, END, [rid, eid, null]],
    ]);
    await duct.open(server.url);
    const queue = await duct.call(EVENT.COUNT, 10);
    for (let n = 0; n < 10; n++) expect(await queue.dequeue()).toBe(n);
    expect(await queue.dequeue()).toBeNull();
  });

  it("resolves an empty stream with a queue of null", async () => {
    stream((rid, eid) => [[rid, START, [rid, eid, null]], [rid, END, [rid, eid, null]]]);
    await duct.open(server.url);
    const queue = await duct.call(EVENT.COUNT);
    expect(await queue.dequeue()).toBeNull();
  });

  it("rejects what is read of a stream after it failed", async () => {
    stream((rid, eid) => [
      [rid, START, [rid, eid, 1]],
      [rid, NEXT, [rid, -eid, "ValueError('half-way')"]],
      [rid, END, [rid, -eid, null]],
    ]);
    await duct.open(server.url);
    const queue = await duct.call(EVENT.COUNT);
    expect(await queue.dequeue()).toBe(1);
    await expect(queue.dequeue()).rejects.toBe("ValueError('half-way')");
    expect(await queue.dequeue()).toBeNull();
  });

  it("joins a divided reply", async () => {
    const data = new Uint8Array(1000).fill(7);
    server.on(EVENT.SILENT, (socket, [rid, eid]) => {
      const whole = encode([rid, eid, data]);
      socket.send([rid, EVENT.DIVIDED_RESPONSE_APPEND, whole.subarray(0, 400)]);
      socket.send([rid, EVENT.DIVIDED_RESPONSE_APPEND, whole.subarray(400)]);
      socket.send([rid, EVENT.DIVIDED_RESPONSE_END, null]);
    });
    await duct.open(server.url);
    expect(await duct.call(EVENT.SILENT)).toEqual(data);
  });

  it("knows the server's time", async () => {
    server.on(EVENT.ALIVE_MONITORING, (socket, [rid]) => {
      const now = Date.now() / 1000 + 90;
      socket.send([rid, EVENT.ALIVE_MONITORING, [now, now]]);
    });
    await duct.open(server.url);
    await duct.call(EVENT.ECHO);
    expect(Math.round(duct.timeOffset / 10)).toBe(9);
  });

  it("reconnects when told to, and only then", async () => {
    const told: string[] = [];
    duct._connectionListener.on(["onopen", "onclose"], (event) => told.push(event.state));
    await duct.open(server.url);
    for (let round = 0; round < 2; round++) {
      server.last.cut();
      await until(() => duct.state === State.CLOSE);
      expect(await duct.reconnect()).toBe(duct);
      expect(await duct.call(EVENT.ECHO, round)).toBe(round);
    }
    expect(told).toEqual(["onopen", "onclose", "onopen", "onclose", "onopen"]);
    expect(server.sockets.map(({ session }) => session)).toEqual(["session1", "session1", "session1"]);
  });

  it("is rejected when the server no longer knows the session", async () => {
    await duct.open(server.url);
    server.live.clear();
    server.last.cut();
    await until(() => duct.state === State.CLOSE);
    await expect(duct.reconnect()).rejects.toBeDefined();
  });

  it("rejects closing that the server answers with another code", async () => {
    await duct.open(server.url);
    const { socket } = server.last;
    socket.close(4000);
    const closing = duct.close();
    await expect(closing).rejects.toMatchObject({ code: 4000 });
  });

  it("refuses to set functions the listener does not know", () => {
    expect(() => new ConnectionEventListener().on("onfoo", () => {})).toThrow(ReferenceError);
  });
});

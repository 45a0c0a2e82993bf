import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ConnectionEventListener, Duct, type DuctConnectionEvent, DuctError, State } from "../src/index.js";
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

  it("closes as often as it is told to", async () => {
    await duct.open(server.url);
    const [first, second] = await Promise.all([duct.close(), duct.close()]);
    expect([first, second]).toMatchObject([{ code: 1000 }, { code: 1000 }]);
    expect(await duct.close()).toBeUndefined();
  });

  it("opens one socket for all who ask at once", async () => {
    expect(await Promise.all([duct.open(server.url), duct.open(server.url)])).toEqual([duct, duct]);
    expect([server.sockets.length, server.discoveries.length]).toEqual([1, 1]);
    server.last.cut();
    await until(() => duct.state === State.CLOSE);
    await Promise.all([duct.reconnect(), duct.reconnect()]);
    expect(server.sockets).toHaveLength(2);
  });

  it("gives up opening when it is closed meanwhile", async () => {
    const opening = expect(duct.open(server.url)).rejects.toBeDefined();
    await duct.close();
    await opening;
    expect(duct.state).toBe(State.CLOSE);
    await duct.open(server.url);
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
  });

  it("rejects what an earlier session has not answered, and ends its streams, when a new one opens", async () => {
    stream((rid, eid) => [[rid, START, [rid, eid, 1]]]);
    await duct.open(server.url);
    const call = expect(duct.call(EVENT.SILENT)).rejects.toThrow("not known");
    const queue = await duct.call(EVENT.COUNT);
    expect(await queue.dequeue()).toBe(1);
    const reading = expect(queue.dequeue()).rejects.toContain("not known");
    server.last.cut();
    await until(() => duct.state === State.CLOSE);
    await duct.open(server.url);
    await Promise.all([call, reading]);
  });

  it.each([undefined, null, NaN, -5, 1.5, "abc", "", {}] as unknown[])("refuses the event %s at once, by name", async (event) => {
    await duct.open(server.url);
    const called = await duct.call(event as number).catch((thrown: unknown) => thrown);
    expect(called).toBeInstanceOf(TypeError);
    expect((called as Error).message).toContain(`${typeof event === "string" ? JSON.stringify(event) : String(event)} is not the id of an event`);
    expect(() => duct.send(1, event as number)).toThrow("is not the id of an event");
  });

  it("takes the id of an event as text, as the original does", async () => {
    await duct.open(server.url);
    server.on("1000" as unknown as number, (socket, [rid, , data]) => socket.send([rid, EVENT.ECHO, data]));
    expect(await duct.call("1000" as unknown as number, "x")).toBe("x");
  });

  it.each([-99, -1, -3, -5])("rejects a call that is answered with %i", async (eventId) => {
    server.on(EVENT.SILENT, (socket, [rid]) => socket.send([rid, eventId, "KeyError('no')"]));
    await duct.open(server.url);
    await expect(duct.call(EVENT.SILENT)).rejects.toMatchObject({ name: "DuctError", message: "KeyError('no')" });
  });

  it("rejects a call whose answer cannot be read", async () => {
    server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.sendRaw(encode([rid, eid, "text"]).subarray(0, -1)));
    await duct.open(server.url);
    await expect(duct.call(EVENT.SILENT)).rejects.toThrow("cannot be read");
    expect(await duct.call(EVENT.ECHO, new Map([["__proto__", 1]]))).toSatisfy((back: object) => Object.keys(back)[0] === "__proto__");
  });

  it("settles a call though a function set for its event throws, or returns something odd", async () => {
    await duct.open(server.url);
    duct.setEventHandler(EVENT.ECHO, () => {
      throw new Error("mine");
    });
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
    duct.setEventHandler(EVENT.ECHO, () => 5);
    expect(await duct.call(EVENT.ECHO, 2)).toBe(2);
    duct.catchallEventHandler = () => {
      throw new Error("mine");
    };
    expect(await duct.call(EVENT.ECHO, 3)).toBe(3);
  });

  it("ends a stream with the error that comes plain, or with its end", async () => {
    stream((rid, eid) => [[rid, START, [rid, eid, 1]], [rid, -eid, "ConnectionError('interrupted')"]]);
    await duct.open(server.url);
    const plain = await duct.call(EVENT.COUNT);
    expect(await plain.dequeue()).toBe(1);
    await expect(plain.dequeue()).rejects.toBe("ConnectionError('interrupted')");
    stream((rid, eid) => [[rid, START, [rid, eid, 1]], [rid, END, [rid, -eid, null]]]);
    const ended = await duct.call(EVENT.COUNT);
    expect(await ended.dequeue()).toBe(1);
    await expect(ended.dequeue()).rejects.toContain("error");
    stream((rid, eid) => [[rid, END, [rid, eid, null]]]);
    await expect(duct.call(EVENT.COUNT)).rejects.toThrow("before it began");
  });

  it("does not send what is larger than the server takes", async () => {
    server.moreOfWsd = { max_message_size: 1000 };
    await duct.open(server.url);
    await expect(duct.call(EVENT.ECHO, "x".repeat(1000))).rejects.toThrow("takes at most 1000");
    expect(await duct.call(EVENT.ECHO, "x")).toBe("x");
  });

  it("says what cannot be sent", async () => {
    await duct.open(server.url);
    await expect(duct.call(EVENT.ECHO, { file: new Blob(["x"]) })).rejects.toThrow("data.file cannot be sent: it is of class Blob");
  });

  it("gives ALIVE_MONITORING to the function set for it, too", async () => {
    server.on(EVENT.ALIVE_MONITORING, (socket, [rid]) => socket.send([rid, 0, [1, 1]]));
    const seen: unknown[] = [];
    duct.setEventHandler(EVENT.ALIVE_MONITORING, (_rid, _eid, data) => void seen.push(data));
    await duct.open(server.url);
    await duct.call(EVENT.ECHO);
    expect(seen).toEqual([[1, 1]]);
  });

  it("serves classes derived from it as plugins of the first original have them", async () => {
    const seen: string[] = [];
    class PluginDuct extends Duct {
      constructor() {
        super({ WebSocket });
        this.send = (rid, eid, data) => {
          seen.push(`send ${eid}`);
          return super._send(this, rid, eid, data);
        };
      }
      override _onopen(self: this, event: unknown): void {
        super._onopen(self, event);
        seen.push("opened");
        self.setEventHandler(EVENT.ECHO, (_rid, eid, data) => void seen.push(`got ${eid} ${data}`));
      }
      override _onmessage(self: this, event: DuctConnectionEvent): void {
        const [, eid] = self.decode(new Uint8Array(event.source.data)) as number[];
        seen.push(`message ${eid}`);
        super._onmessage(self, event);
      }
    }
    const plugin = new PluginDuct();
    const former = plugin as unknown as Record<string, any>;
    former["catchall_event_handler"] = (_rid: unknown, eid: number) => seen.push(`all ${eid}`);
    former["_connection_listener"].on(["onopen", "onclose"], (event: DuctConnectionEvent) => seen.push(event.state));
    await plugin.open(server.url);
    plugin.send(former["next_rid"](), EVENT.ECHO, "x");
    await until(() => seen.includes("got 1000 x"));
    expect(seen).toEqual(["send 0", "opened", "onopen", "send 1000", "message 1000", "all 1000", "got 1000 x"]);
    expect([typeof former["time_offset"], former["catchall_event_handler"] === plugin.catchallEventHandler]).toEqual(["number", true]);
    await plugin.close();
  });

  it("refuses to set functions the listener does not know", () => {
    expect(() => new ConnectionEventListener().on("onfoo", () => {})).toThrow(ReferenceError);
  });
});

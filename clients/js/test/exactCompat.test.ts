import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Duct, State } from "../src/index.js";
import { closeWith, EVENT, FakeServer, type Message } from "./fakeServer.js";
import { until } from "./until.js";

const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;
let server: FakeServer;
let duct: Duct;

beforeEach(async () => {
  server = await FakeServer.start();
  server.isExact = true;
  server.on(EVENT.ECHO, (socket, [rid, eid, data]) => socket.send([rid, eid, data]));
  duct = new Duct({ WebSocket });
});

afterEach(async () => {
  await duct.close().catch(() => {});
  await server.stop();
});

const exact = () => server.lastExact;
const numbered = (): Message[] => server.numbered();
const closed = (): Promise<void> => until(() => duct.state === State.CLOSE);

describe("the original's interface, with a server that loses nothing", () => {
  it("opens with HELLO, then ALIVE_MONITORING, and calls", async () => {
    const told: string[] = [];
    duct._connectionListener.on(["onopen", "onclose"], (event) => told.push(`${event.state} ${server.last.received.length}`));
    await duct.open(server.url);
    expect(duct.state).toBe(State.OPEN_CONNECTED);
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
    expect(server.last.received.map(([, eid]) => eid)).toEqual([13, 0, EVENT.ECHO]);
    expect(told).toEqual(["onopen 1"]);
  });

  it("hides receipts from the page's functions", async () => {
    const seen: unknown[] = [];
    duct.catchallEventHandler = (_, eid) => seen.push(eid);
    await duct.open(server.url);
    await duct.call(EVENT.ECHO, 1);
    expect(seen).toEqual([EVENT.ECHO]);
  });

  it("closes without END: the session waits, and reconnecting goes on in it", async () => {
    await duct.open(server.url);
    const silent = duct.call(EVENT.SILENT);
    await until(() => numbered().length === 1);
    expect(await duct.close()).toMatchObject({ code: 1000 });
    const [rid] = numbered()[0] as Message;
    exact().send([rid, EVENT.SILENT, "after all"]);
    await duct.reconnect();
    expect(await silent).toBe("after all");
    expect(exact().received.map(([, eid]) => eid)).toEqual([0, EVENT.SILENT]);
    expect(exact().hellos).toMatchObject([{ attempt: 1 }, { attempt: 2, life: "life 1" }]);
  });

  it("sends again, after reconnecting, what did not come, and counts what came", async () => {
    await duct.open(server.url);
    await duct.call(EVENT.ECHO, 0);
    exact().connection = undefined;
    const call = duct.call(EVENT.ECHO, "swallowed");
    await until(() => server.requests().length === 2);
    server.last.cut();
    await closed();
    expect(() => duct.send(1, EVENT.ECHO)).toThrow("no connection");
    await duct.reconnect();
    expect(await call).toBe("swallowed");
    expect(numbered().map(([, , data]) => data)).toEqual([0, "swallowed"]);
    expect(exact().hellos[1]?.received).toBe(1);
  });

  it("confirms what it has received, and asks streams for no window", async () => {
    server.on(EVENT.COUNT, (socket, [rid, eid]) => {
      for (let n = 0; n < 63; n++) socket.send([rid, n === 0 ? START : NEXT, [rid, eid, n]]);
      socket.send([rid, END, [rid, eid, null]]);
    });
    await duct.open(server.url);
    const queue = await duct.call(EVENT.COUNT);
    for (let n = 0; n < 63; n++) expect(await queue.dequeue()).toBe(n);
    await until(() => exact().unconfirmed === 0);
    expect(exact().receipts).toEqual([64]);
    expect(numbered().map(([, eid]) => eid)).toEqual([EVENT.COUNT]);
  });

  it("begins anew where the server has lost the session's state", async () => {
    let opened = 0;
    duct.addOnopenHandler(() => opened++);
    await duct.open(server.url);
    const silent = expect(duct.call(EVENT.SILENT)).rejects.toThrow("not known");
    await until(() => numbered().length === 1);
    server.last.cut();
    await closed();
    exact().forgetState();
    await duct.reconnect();
    await silent;
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
    expect([opened, exact().received.map(([, eid]) => eid)]).toEqual([2, [0, EVENT.ECHO]]);
  });

  it.each([1001, 1008, 4001, 4002, 4003, 4004, 4005, 4401])("rejects what was not answered when the server closes with %i", async (code) => {
    await duct.open(server.url);
    const silent = expect(duct.call(EVENT.SILENT)).rejects.toThrow("not known");
    await until(() => numbered().length === 1);
    closeWith(server.last.socket, code);
    await silent;
    await closed();
  });

  it.each([1006, 1011, 1012, 1013])("leaves calls waiting for the next connection when the server closes with %i", async (code) => {
    await duct.open(server.url);
    const silent = duct.call(EVENT.SILENT);
    await until(() => numbered().length === 1);
    closeWith(server.last.socket, code === 1006 ? 0 : code);
    await closed();
    await duct.reconnect();
    exact().send([numbered()[0]?.[0], EVENT.SILENT, "after all"]);
    expect(await silent).toBe("after all");
  });

  it("is rejected with the close code, and rejects its calls, where the session is over", async () => {
    await duct.open(server.url);
    const silent = expect(duct.call(EVENT.SILENT)).rejects.toThrow("not known");
    server.last.cut();
    await closed();
    exact().isOver = true;
    await expect(duct.reconnect()).rejects.toMatchObject({ code: 4005 });
    await silent;
    await duct.open(server.url);
    expect(await duct.call(EVENT.ECHO, "new")).toBe("new");
  });

  it("is rejected where the numbers do not fit, and rejects its calls", async () => {
    await duct.open(server.url);
    const silent = expect(duct.call(EVENT.SILENT)).rejects.toThrow("not known");
    server.last.cut();
    await closed();
    exact().welcomes = 50;
    await expect(duct.reconnect()).rejects.toThrow("does not continue");
    await silent;
    expect(duct.state).toBe(State.CLOSE);
  });

  it("fails the call whose message was refused, or tells eventErrorHandler", async () => {
    const errors: unknown[] = [];
    duct.eventErrorHandler = (_rid, _eid, _data, error) => errors.push((error as Error).message);
    await duct.open(server.url);
    exact().refuses = ([, , data]) => (data === "poison" ? 1009 : 0);
    const refused = expect(duct.call(EVENT.ECHO, "poison")).rejects.toThrow("larger than the server takes");
    await closed();
    await duct.reconnect();
    await refused;
    duct.send(5, EVENT.ECHO, "poison");
    await closed();
    await duct.reconnect();
    await until(() => errors.length === 1);
    expect(errors[0]).toContain("larger than the server takes");
  });

  it("lets what comes after inbox_limit wait, sends what is larger, and fails what can never be sent", async () => {
    server.moreOfWsd = { inbox_limit: 800, max_message_size: 1_000 };
    await duct.open(server.url);
    exact().confirms = false;
    const calls = [1, 2, 3, 4].map((n) => duct.call(EVENT.ECHO, String(n).repeat(400)));
    await until(() => numbered().length === 2);
    await expect(duct.call(EVENT.ECHO, "x".repeat(1_000))).rejects.toThrow("max_message_size");
    exact().confirms = true;
    exact().confirm();
    expect((await Promise.all(calls)).map((text) => String(text)[0])).toEqual(["1", "2", "3", "4"]);
    expect(await duct.call(EVENT.ECHO, "x".repeat(900))).toHaveLength(900);
  });

  it("leaves a silent connection, and tells", async () => {
    server.moreOfWsd = { alive_monitoring_interval: 0.05 };
    const told: number[] = [];
    duct._connectionListener.onclose = ({ source }) => told.push(source.code);
    await duct.open(server.url);
    await closed();
    expect(told).toEqual([1006]);
    await duct.reconnect();
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
  });

  it("with a wrong key is rejected with the close code", async () => {
    server.moreOfWsd = { session_key: "wrong" };
    await expect(duct.open(server.url)).rejects.toMatchObject({ code: 4005 });
    expect(duct.state).toBe(State.CLOSE);
  });

  it("may be closed while WELCOME is awaited", async () => {
    let came = 0;
    server.opened = (socket) => (socket.exact!.message = () => void came++);
    const opening = expect(duct.open(server.url)).rejects.toThrow("closed while it was being opened");
    await until(() => came === 1);
    await duct.close();
    await opening;
    server.opened = () => {};
    await duct.open(server.url);
    expect(await duct.call(EVENT.ECHO, 1)).toBe(1);
  });
});

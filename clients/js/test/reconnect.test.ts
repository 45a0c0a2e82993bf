import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, type DuctsSession } from "../src/index.js";
import { EVENT } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { lose, unknown, watch } from "./lose.js";
import { until } from "./until.js";

const fixture = useServer();
const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT, LOOP_RESPONSE_END: END } = EVENT;

/** Breaks the connection and waits until the session has noticed. */
const cut = (duct: DuctsSession): Promise<unknown> => lose(duct, () => fixture.server.last.cut());

describe("a lost connection", () => {
  it("is regained on the session's own address, and what was asked is answered", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const call = duct.call("SILENT", 1);
    await until(() => fixture.server.requests().length === 1);
    const [rid] = fixture.server.requests()[0]!;
    fixture.server.last.cut();
    await until(() => fixture.server.sockets.length === 2);
    fixture.server.last.send([rid, EVENT.SILENT, "after all"]);
    expect(await call).toBe("after all");
    expect(seen).toEqual(["reconnecting 1006", "reconnected same"]);
    expect(fixture.server.last).toMatchObject({ session: "session1", reconnected: true });
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it("sends ALIVE_MONITORING no second time", async () => {
    const duct = await fixture.connect();
    await duct.call("ECHO");
    await cut(duct);
    await duct.call("ECHO");
    const alive = fixture.server.sockets.map(({ received }) => received.filter(([, eid]) => eid === 0).length);
    expect(alive).toEqual([1, 0]);
  });

  it("lets calls wait, in order and as their data was when they were made", async () => {
    const duct = await fixture.connect();
    await cut(duct);
    const data = { n: 1 };
    const first = duct.call("ECHO", data);
    data.n = 2;
    const second = duct.call("ECHO", data);
    duct.send("ECHO", 3);
    expect(await Promise.all([first, second])).toEqual([{ n: 1 }, { n: 2 }]);
    await duct.call("ECHO", 4);
    expect(fixture.server.requests().map(([, , sent]) => sent)).toEqual([{ n: 1 }, { n: 2 }, 3, 4]);
  });

  it("does not end a stream", async () => {
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]]));
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    fixture.server.last.cut();
    await until(() => fixture.server.sockets.length === 2);
    const [rid] = fixture.server.requests()[0]!;
    fixture.server.last.send([rid, NEXT, [rid, EVENT.COUNT, 2]], [rid, END, [rid, EVENT.COUNT, null]]);
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect((await stream.next()).done).toBe(true);
  });

  it("is regained however often it is lost", async () => {
    const duct = await fixture.connect();
    for (let round = 0; round < 10; round++) {
      await cut(duct);
      expect(await duct.call("ECHO", round)).toBe(round);
    }
    expect(new Set(fixture.server.sockets.map(({ session }) => session)).size).toBe(1);
  });

  it("is regained after the network was away for longer than the attempts allowed", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    fixture.server.unreachable = true;
    fixture.server.last.cut();
    await until(() => fixture.server.refused >= 6);
    fixture.server.unreachable = false;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(seen).toEqual(["reconnecting 1006", "reconnected same"]);
  });

  it("ends the session when reconnecting is turned off", async () => {
    const duct = await fixture.connect({ reconnect: false });
    const seen = watch(duct);
    const call = expect(duct.call("SILENT")).rejects.toMatchObject({ name: "ConnectionError" });
    fixture.server.last.cut();
    await call;
    expect(seen).toEqual(["closed 1006"]);
  });

  it("ends the session after the time set", async () => {
    const duct = await fixture.connect({ reconnect: { minDelay: 1, maxDelay: 2, timeout: 20 } });
    const seen = watch(duct);
    fixture.server.unreachable = true;
    fixture.server.last.cut();
    await until(() => duct.state === "closed");
    expect(seen).toEqual(["reconnecting 1006", "closed 1006"]);
  });

  it("may be given up by closing", async () => {
    const duct = await fixture.connect();
    fixture.server.unreachable = true;
    await cut(duct);
    const call = expect(duct.call("ECHO")).rejects.toThrow("closed");
    await duct.close();
    await call;
    expect(duct.state).toBe("closed");
  });
});

describe("a session the server has given up", () => {
  const forget = (): void => fixture.server.live.clear();

  it("is followed by a new one: what was sent is rejected, what waited is sent", async () => {
    const duct = await fixture.connect({ params: { who: "me" } });
    const seen = watch(duct);
    const sent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => fixture.server.requests().length === 1);
    forget();
    await cut(duct);
    expect(await duct.call("ECHO", "waited")).toBe("waited");
    await sent;
    expect(seen).toEqual(["reconnecting 1006", "reconnected fresh"]);
    expect(fixture.server.discoveries).toHaveLength(2);
    expect(fixture.server.discoveries[1]?.get("who")).toBe("me");
    expect(fixture.server.last.received[0]?.[1]).toBe(EVENT.ALIVE_MONITORING);
  });

  it("ends its streams with an error", async () => {
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]]));
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    await stream.next();
    forget();
    fixture.server.last.cut();
    await expect(stream.next()).rejects.toMatchObject({ name: "ConnectionError" });
  });

  it("may be followed by one with other ids: calls and functions go by key", async () => {
    const duct = await fixture.connect();
    const seen: unknown[] = [];
    duct.on("COUNT", (data) => seen.push(data));
    fixture.server.events = { ...EVENT, ECHO: 2000, COUNT: 2001 };
    fixture.server.on(2000, (socket, [rid, eid, data]) => socket.send([null, 2001, "pushed"], [rid, eid, data]));
    forget();
    await cut(duct);
    expect(await duct.call("ECHO", "again")).toBe("again");
    expect(seen).toEqual(["pushed"]);
  });

  it("may be followed by one that lacks an event: the call is rejected, the others go on", async () => {
    const duct = await fixture.connect();
    fixture.server.events = { ALIVE_MONITORING: 0, ECHO: 1000 };
    forget();
    await cut(duct);
    const gone = expect(duct.call("SILENT")).rejects.toMatchObject({ name: "KeyError" });
    expect(await duct.call("ECHO", 1)).toBe(1);
    await gone;
  });

  it("rejects what was sent as soon as that is known, long before there is a new one", async () => {
    const duct = await fixture.connect();
    const sent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    const stream = duct.stream("SILENT");
    const reading = expect(stream.next()).rejects.toMatchObject({ name: "ConnectionError" });
    await until(() => fixture.server.requests().length === 2);
    fixture.server.discoveryStatus = 503;
    forget();
    await cut(duct);
    await Promise.all([sent, reading]);
    expect(duct.state).toBe("reconnecting");
    const waits = duct.call("ECHO", "waited");
    fixture.server.discoveryStatus = 200;
    expect(await waits).toBe("waited");
  });

  it("with 410 is followed by a new one, too", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    fixture.server.socketStatus = 410;
    fixture.server.last.cut();
    await until(() => fixture.server.discoveries.length === 2);
    fixture.server.socketStatus = 0;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(seen.at(-1)).toBe("reconnected fresh");
  });

  it("ends for good where no address is known to ask for another", async () => {
    const duct = await connect(fixture.server.wsd(), {
      WebSocket,
      reconnect: { minDelay: 1, maxDelay: 2, sessionTimeout: 20 },
    });
    forget();
    fixture.server.last.cut();
    await until(() => duct.state === "closed");
    await expect(duct.call("ECHO")).rejects.toThrow("closed");
  });

  it("is followed by a new one where that address is given beside the answer", async () => {
    const duct = await connect(fixture.server.wsd(), {
      WebSocket,
      url: fixture.server.url,
      reconnect: { minDelay: 1, maxDelay: 2 },
    });
    forget();
    await cut(duct);
    expect(await duct.call("ECHO", 1)).toBe(1);
    await duct.close();
  });
});

describe("a call cancelled while there is no connection", () => {
  it("is never sent", async () => {
    const duct = await fixture.connect();
    await cut(duct);
    const abort = new AbortController();
    const call = expect(duct.call("SILENT", 1, { signal: abort.signal })).rejects.toThrow("enough");
    abort.abort(new Error("enough"));
    await call;
    await duct.call("ECHO", 2);
    expect(fixture.server.requests().map(([, , data]) => data)).toEqual([2]);
  });

  it("in a session that is lost is not cancelled in the next one", async () => {
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]]));
    const duct = await fixture.connect();
    const stream = duct.stream("COUNT");
    await stream.next();
    fixture.server.live.clear();
    await cut(duct);
    await stream.return();
    await duct.call("ECHO", 2);
    expect(fixture.server.requests().map(([, eid]) => eid)).toEqual([EVENT.COUNT, EVENT.ECHO]);
  });
});

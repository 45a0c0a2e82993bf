import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, type DuctsError } from "../src/index.js";
import { EVENT } from "./fakeServer.js";
import { useExactServer } from "./fixture.js";
import { lose, unknown, watch, watchErrors } from "./lose.js";
import { until } from "./until.js";
import { watchPauses } from "./watchPauses.js";

const { fixture, exact, numbered } = useExactServer();
const { LOOP_RESPONSE_START: START } = EVENT;

describe("a session that loses nothing", () => {
  it("begins with HELLO at the address with v=2, and then ALIVE_MONITORING", async () => {
    const duct = await fixture.connect();
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(exact().hellos).toEqual([{ key: "key of session1", received: 0, life: null, attempt: 1 }]);
    expect(fixture.server.last.received.map(([, eid]) => eid).slice(0, 3)).toEqual([13, 0, EVENT.ECHO]);
  });

  it("sends again what did not come, once, and gets what was sent meanwhile, once", async () => {
    const duct = await fixture.connect();
    const pushed: unknown[] = [];
    duct.on("COUNT", (data) => pushed.push(data));
    const seen = watch(duct);
    exact().confirms = false;
    await duct.call("ECHO", "before");
    await lose(duct, () => fixture.server.last.cut());
    for (const n of [1, 2]) exact().send([null, EVENT.COUNT, n]);
    expect(await Promise.all([duct.call("ECHO", "a"), duct.call("ECHO", "b")])).toEqual(["a", "b"]);
    expect(numbered().map(([, , data]) => data)).toEqual(["before", "a", "b"]);
    expect([pushed, seen]).toEqual([[1, 2], ["reconnecting 1006", "reconnected same"]]);
    expect(exact().received.filter(([, eid]) => eid === 0)).toHaveLength(1);
    expect(exact().hellos[1]).toMatchObject({ received: 1, life: "life 1", attempt: 2 });
    expect([fixture.server.asked, fixture.server.discoveries.length]).toEqual([[], 1]);
  });

  it("sends again what a dying socket swallowed", async () => {
    const duct = await fixture.connect();
    // The server's end of the old connection: what it reads there counts no more.
    exact().connection = undefined;
    const call = duct.call("ECHO", "swallowed");
    await until(() => fixture.server.requests().length === 1);
    fixture.server.last.cut();
    expect(await call).toBe("swallowed");
    expect(numbered()).toHaveLength(1);
  });

  it("goes on after a WELCOME that was lost", async () => {
    const duct = await fixture.connect();
    await duct.call("ECHO");
    exact().losesWelcome = true;
    fixture.server.last.cut();
    await until(() => exact().hellos.length === 3);
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(exact().hellos.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("opens though the first WELCOME is lost", async () => {
    const wsd = fixture.server.wsd();
    exact().losesWelcome = true;
    const duct = await connect(wsd, { WebSocket, reconnect: { minDelay: 1, maxDelay: 2 } });
    expect(exact().hellos).toMatchObject([{ attempt: 1 }, { attempt: 2, life: null }]);
    await duct.close();
  });

  it("confirms what it has processed", async () => {
    const duct = await fixture.connect();
    const large = "x".repeat(33_000);
    for (let n = 0; n < 64; n++) exact().send([null, EVENT.COUNT, n]);
    for (let n = 0; n < 2; n++) exact().send([null, EVENT.COUNT, large]);
    await until(() => exact().receipts.length > 0);
    expect(exact().receipts).toEqual([66]);
    await duct.call("ECHO", large);
    expect(exact().receipts).toEqual([66]);
    await duct.call("ECHO");
    expect(exact().receipts).toEqual([66, 67]);
    await until(() => exact().unconfirmed === 0);
    expect(exact().receipts).toEqual([66, 67, 68]);
  });

  it("counts pieces, unreadable messages and what a handler throws at, each once", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    duct.on("COUNT", () => {
      throw new Error("mine");
    });
    exact().send([null, EVENT.COUNT, 1], ["x", START, "no item"]);
    await until(() => errors.length === 2);
    await lose(duct, () => fixture.server.last.cut());
    await duct.call("ECHO");
    expect(exact().hellos[1]?.received).toBe(2);
    expect(errors).toHaveLength(2);
  });

  it("whose state is lost rejects what has no answer, sends ALIVE_MONITORING again, and tells", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    const stream = expect(duct.stream("SILENT").next()).rejects.toThrow(unknown);
    await until(() => numbered().length === 3);
    await lose(duct, () => fixture.server.last.cut());
    exact().forgetState();
    const waits = duct.call("ECHO", "waited");
    expect(await waits).toBe("waited");
    await Promise.all([silent, stream]);
    expect(exact().received.map(([, eid]) => eid).sort()).toEqual([EVENT.ALIVE_MONITORING, EVENT.ECHO]);
    expect(seen).toEqual(["reconnecting 1006", "reconnected fresh"]);
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it.each([100, 0])("ends where WELCOME has number %i, which does not fit: calls are rejected, and a new one begins", async (number) => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => numbered().length === 1);
    await duct.call("ECHO");
    const old = exact();
    old.welcomes = number;
    await lose(duct, () => fixture.server.last.cut());
    await silent;
    expect(await duct.call("ECHO", "new")).toBe("new");
    expect([fixture.server.exact.size, errors[0]?.message]).toEqual([2, expect.stringContaining("do not fit")]);
  });
});

describe("a message that the server refuses", () => {
  it.each([1002, 1007, 1009])("with %i fails its call, and everything else goes on", async (code) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    exact().refuses = ([, , data]) => (data === "poison" ? code : 0);
    const calls = ["a", "poison", "b"].map((data) => duct.call("ECHO", data).catch((error: DuctsError) => error));
    const [first, second, third] = await Promise.all(calls);
    expect([first, third]).toEqual(["a", "b"]);
    expect(second).toMatchObject({ name: "ValueError", message: expect.stringContaining(`(${code})`) });
    expect(numbered().map(([, , data]) => data)).toEqual(["a", "poison", "b"]);
    expect(seen).toEqual([`reconnecting ${code}`, "reconnected same"]);
  });

  it("and nobody waits for is reported", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    exact().refuses = ([, eid]) => (eid === EVENT.SILENT ? 1009 : 0);
    duct.send("SILENT");
    await until(() => errors.length === 1);
    expect(errors[0]?.message).toContain("larger than the server takes");
  });
});

describe("limits", () => {
  it("hold back what comes after inbox_limit, in order, until it is confirmed", async () => {
    fixture.server.moreOfWsd = { inbox_limit: 800 };
    const duct = await fixture.connect();
    await duct.call("ECHO");
    exact().confirms = false;
    for (const n of [1, 2, 3, 4]) duct.send("SILENT", String(n).repeat(400));
    await until(() => numbered().length === 3);
    const stream = duct.stream("SILENT");
    const reading = stream.next();
    // Nobody knows of it, so nobody is told.
    await stream.return();
    await reading;
    exact().confirm();
    await until(() => numbered().length === 5);
    exact().confirm();
    await duct.call("ECHO", "5");
    expect(numbered().slice(1).map(([, , data]) => String(data)[0])).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("are freed by answers, too", async () => {
    fixture.server.moreOfWsd = { inbox_limit: 1_000 };
    const duct = await fixture.connect();
    exact().confirms = false;
    const calls = Array.from({ length: 10 }, (_, n) => duct.call("ECHO", String(n).repeat(400)));
    expect((await Promise.all(calls)).map((text) => String(text)[0]).join("")).toBe("0123456789");
  });

  it("let CANCEL pass", async () => {
    fixture.server.moreOfWsd = { inbox_limit: 800 };
    const duct = await fixture.connect();
    exact().confirms = false;
    const abort = new AbortController();
    const call = expect(duct.call("SILENT", null, { signal: abort.signal })).rejects.toThrow("enough");
    for (const n of [1, 2, 3]) duct.send("SILENT", String(n).repeat(400));
    abort.abort(new Error("enough"));
    await call;
    await until(() => numbered().some(([, eid]) => eid === EVENT.CANCEL));
    expect(numbered()).toHaveLength(4);
  });

  it.each([300, 5_000])("of max_message_size fail at once what can never be sent, with an inbox_limit of %i", async (inbox_limit) => {
    fixture.server.moreOfWsd = { inbox_limit, max_message_size: 500 };
    const duct = await fixture.connect();
    const refused = { name: "ValueError", message: expect.stringContaining("max_message_size") };
    await expect(duct.call("ECHO", "x".repeat(500))).rejects.toMatchObject(refused);
    expect(await duct.call("ECHO", "x".repeat(400))).toBe("x".repeat(400));
  });

  it("let a message pass that is larger than inbox_limit, and those behind it once it is answered", async () => {
    fixture.server.moreOfWsd = { inbox_limit: 500 };
    const duct = await fixture.connect();
    exact().confirms = false;
    const large = "x".repeat(5_000);
    expect(await Promise.all([large, 1, large, 2].map((data) => duct.call("ECHO", data)))).toEqual([large, 1, large, 2]);
  });
});

describe("closing", () => {
  it("sends END, and is done when that is answered: what was not answered is rejected", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await duct.close();
    await silent;
    expect(numbered().at(-1)).toEqual([expect.any(Number), 12, null]);
    expect(seen).toEqual(["closed 1000"]);
    await expect(duct.call("ECHO")).rejects.toThrow("closed");
  });

  it("is done with 1000 where the answer to END is lost", async () => {
    fixture.server.on(12, ({ socket }) => socket.close(1000));
    const duct = await fixture.connect();
    await duct.close();
    expect(duct.state).toBe("closed");
  });

  it("sends END again where it was lost, and takes 4005 for its answer", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    fixture.server.on(12, (socket) => {
      exact().isOver = true;
      socket.cut();
    });
    exact().connection = undefined;
    const closing = duct.close();
    await until(() => fixture.server.last.received.some(([, eid]) => eid === 12));
    fixture.server.last.cut();
    await closing;
    expect(exact().hellos).toHaveLength(3);
    expect(seen.at(-1)).toBe("closed 1000");
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it("takes no longer than connecting may where nothing answers", async () => {
    fixture.server.on(12, () => {});
    const duct = await fixture.connect({ connectTimeout: 50 });
    await duct.close();
    expect(duct.state).toBe("closed");
  });
});

describe("a silent server that speaks version 2", () => {
  it("is left after three times alive_monitoring_interval, and the session goes on", async () => {
    fixture.server.moreOfWsd = { alive_monitoring_interval: 0.05 };
    fixture.server.on(EVENT.ALIVE_MONITORING, () => {});
    const pauses = watchPauses();
    const duct = await fixture.connect();
    const seen = watch(duct);
    await until(() => exact().hellos.length === 2 && duct.state === "open");
    expect(pauses(150, 151).length).toBeGreaterThan(0);
    expect(seen.slice(0, 2)).toEqual(["reconnecting 1006", "reconnected same"]);
  });
});

import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, DuctsNotAuthorizedError } from "../src/index.js";
import { closeWith, EVENT, type Message } from "./fakeServer.js";
import { useExactServer } from "./fixture.js";
import { lose, unknown, watch, watchErrors } from "./lose.js";
import { until } from "./until.js";
import { watchPauses } from "./watchPauses.js";

const { fixture, exact, numbered } = useExactServer();

const close = (code: number, reason = ""): void => closeWith(fixture.server.last.socket, code, reason);

describe("a connection of a session that loses nothing, closed", () => {
  it.each([1000, 1005, 1006, 1011, 1012, 1013, 1014, 4500])("with %i is regained, and calls are answered", async (code) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const silent = duct.call("SILENT");
    await until(() => numbered().length === 1);
    await lose(duct, () => (code === 1005 ? fixture.server.last.socket.close() : close(code === 1006 ? 0 : code)));
    const [rid] = numbered()[0] as Message;
    exact().send([rid, EVENT.SILENT, "after all"]);
    expect(await silent).toBe("after all");
    expect(seen).toEqual([`reconnecting ${code}`, "reconnected same"]);
  });

  it.each([1001, 4002, 4003, 4005, 4401])("with %i is followed by a new session, and calls are rejected at once", async (code) => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    const seen = watch(duct);
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => numbered().length === 1);
    close(code, code === 4003 ? "gap 5-9" : "");
    await silent;
    expect(await duct.call("ECHO", "new")).toBe("new");
    expect([seen, fixture.server.exact.size]).toEqual([[`reconnecting ${code}`, "reconnected fresh"], 2]);
    expect(errors.map(({ message }) => message)).toEqual(
      code === 4002 ? [expect.stringContaining("do not fit")] : code === 4003 ? [expect.stringContaining("gap 5-9")] : [],
    );
  });

  it.each([1008, 4001, 4004])("with %i is the end, and calls are rejected", async (code) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => numbered().length === 1);
    close(code);
    await silent;
    expect([seen, fixture.server.sockets.length]).toEqual([[`closed ${code}`], 1]);
  });

  it("with 1012 is regained at once, but not in a circle", async () => {
    const duct = await fixture.connect({ reconnect: { minDelay: 1_000, maxDelay: 1_100 } });
    const pauses = watchPauses();
    await lose(duct, () => close(1012));
    await until(() => duct.state === "open");
    expect(pauses(400, 1_100).filter((pause) => !Number.isInteger(pause))).toEqual([]);
    await lose(duct, () => close(1012));
    await until(() => duct.state === "open");
    expect(pauses(400, 1_100).filter((pause) => !Number.isInteger(pause))).toHaveLength(1);
  });

  it("and refused with 1013 is tried again with growing pauses for as long as it takes", async () => {
    const duct = await fixture.connect({ reconnect: { minDelay: 1, maxDelay: 4, sessionTimeout: 1 } });
    exact().refusal = 1013;
    const old = exact();
    fixture.server.last.cut();
    await until(() => old.hellos.length > 8);
    old.refusal = 0;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(fixture.server.exact.size).toBe(1);
  });

  it("and refused with 4005 is followed by a new session: what was never sent is sent in it, with its ids", async () => {
    const duct = await fixture.connect();
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => numbered().length === 1);
    fixture.server.events = { ...EVENT, ECHO: 2000 };
    fixture.server.on(2000, (socket, [rid, eid, data]) => socket.send([rid, eid, data]));
    exact().isOver = true;
    await lose(duct, () => fixture.server.last.cut());
    const waits = [duct.call("ECHO", { waited: 1 }), duct.call("ECHO", 2)];
    expect(await Promise.all(waits)).toEqual([{ waited: 1 }, 2]);
    await silent;
    expect(exact().received.map(([, eid]) => eid)).toEqual([0, 2000, 2000]);
    expect(exact().hellos[0]).toMatchObject({ key: "key of session2", attempt: 1, life: null });
  });

  it("without a word for longer than the session waits is followed by a new session if discovery answers", async () => {
    const duct = await fixture.connect({ reconnect: { minDelay: 1, maxDelay: 4, sessionTimeout: 50 } });
    const silent = expect(duct.call("SILENT")).rejects.toThrow(unknown);
    await until(() => numbered().length === 1);
    exact().refusal = 1006;
    fixture.server.last.cut();
    await silent;
    expect(await duct.call("ECHO", 1)).toBe(1);
  });

  it("is not asked over HTTP why", async () => {
    const duct = await fixture.connect();
    fixture.server.socketStatus = 502;
    fixture.server.last.cut();
    await until(() => fixture.server.refused >= 4);
    fixture.server.socketStatus = 0;
    await duct.call("ECHO");
    expect(fixture.server.asked).toEqual([]);
  });
});

describe("opening a session that loses nothing", () => {
  it.each([1012, 1013])("is tried again while it is refused with %i", async (code) => {
    const wsd = fixture.server.wsd();
    exact().refusal = code;
    const opening = connect(wsd, { WebSocket, reconnect: { minDelay: 1, maxDelay: 2 } });
    await until(() => exact().hellos.length > 3);
    exact().refusal = 0;
    await (await opening).close();
  });

  it.each([1008, 4401])("is rejected with %i as not authorized", async (code) => {
    const wsd = fixture.server.wsd();
    exact().refusal = code;
    await expect(connect(wsd, { WebSocket })).rejects.toBeInstanceOf(DuctsNotAuthorizedError);
  });

  it("asks discovery anew where the answer that was handed over is an old one", async () => {
    const wsd = fixture.server.wsd();
    exact().isOver = true;
    const duct = await connect(wsd, { WebSocket, url: fixture.server.url });
    expect(exact().key).toBe("key of session2");
    await duct.close();
  });
});

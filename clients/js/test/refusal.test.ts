import { describe, expect, it } from "vitest";
import { closeWith, EVENT } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { lose, watch, watchErrors } from "./lose.js";
import { until } from "./until.js";
import { watchPauses } from "./watchPauses.js";

const fixture = useServer();
const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT } = EVENT;

describe("a reconnect that is refused", () => {
  it.each([404, 408, 429, 500, 502, 503, 504])("with %i, which a proxy may have done, is tried until it succeeds", async (status) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    const call = duct.call("SILENT", 1);
    await until(() => fixture.server.requests().length === 1);
    fixture.server.socketStatus = status;
    fixture.server.last.cut();
    await until(() => fixture.server.refused >= 8);
    fixture.server.socketStatus = 0;
    await until(() => duct.state === "open");
    fixture.server.last.send([fixture.server.requests()[0]?.[0], EVENT.SILENT, "after all"]);
    expect(await call).toBe("after all");
    expect(seen).toEqual(["reconnecting 1006", "reconnected same"]);
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it("is not tried again before the time that the answer names", async () => {
    const pauses = watchPauses();
    const duct = await fixture.connect();
    fixture.server.socketStatus = 503;
    fixture.server.refusalHeaders = { "Retry-After": "1" };
    await lose(duct, () => fixture.server.last.cut());
    await until(() => fixture.server.asked.length === 1);
    fixture.server.socketStatus = 0;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(pauses(1000, 1005)).toHaveLength(1);
  });

  it("while the server says that the session lives is tried for as long as it takes", async () => {
    fixture.server.moreOfWsd = { max_message_size: 1000 };
    const duct = await fixture.connect({ reconnect: { minDelay: 1, maxDelay: 2, sessionTimeout: 1 } });
    const seen = watch(duct);
    const { live, socketStatus } = fixture.server;
    expect(socketStatus).toBe(0);
    // The upgrade fails, and the plain request says that there is nothing against one.
    fixture.server.failsUpgrades = true;
    fixture.server.last.cut();
    await until(() => fixture.server.asked.length >= 8);
    fixture.server.failsUpgrades = false;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect([seen, live.size]).toEqual([["reconnecting 1006", "reconnected same"], 1]);
  });

  it("by a server that does not say why is followed by a new session after a few attempts, if discovery answers", async () => {
    const duct = await fixture.connect({ reconnect: { minDelay: 1, maxDelay: 2, sessionAttempts: 2 } });
    const seen = watch(duct);
    // One that does not tell its limit is no server of this project: its 426 says nothing of the session.
    fixture.server.failsUpgrades = true;
    fixture.server.last.cut();
    await until(() => fixture.server.discoveries.length >= 2);
    fixture.server.failsUpgrades = false;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(["reconnected same", "reconnected fresh"]).toContain(seen.at(-1));
  });
});

describe("a socket the server closes", () => {
  it("with 1001, for it stops, is followed by a new session once it runs again and says that the old one is over", async () => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    fixture.server.live.clear();
    await lose(duct, () => fixture.server.last.socket.close(1001));
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(seen).toEqual(["reconnecting 1001", "reconnected fresh"]);
  });

  it.each([1001, 1005, 1006, 1011, 1012, 1014, 4500])("with %i, which a proxy may have done, is regained", async (code) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    await lose(duct, () => {
      const { socket } = fixture.server.last;
      // These two are never sent: they stand for a close frame without a code, and for none.
      if (code === 1005) socket.close();
      else if (code === 1006) socket.terminate();
      else closeWith(socket, code);
    });
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(seen).toEqual([`reconnecting ${code}`, "reconnected same"]);
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it("again and again as soon as it is open is regained with growing pauses", async () => {
    fixture.server.opened = ({ socket, reconnected }) => reconnected && fixture.server.sockets.length < 6 && socket.close(1011);
    const duct = await fixture.connect({ reconnect: { minDelay: 10, maxDelay: 1000 } });
    const pauses = watchPauses();
    await lose(duct, () => fixture.server.last.cut());
    await until(() => fixture.server.sockets.length === 6);
    expect(await duct.call("ECHO", 1)).toBe(1);
    // Others that wait do so for whole milliseconds.
    const random = pauses(1, 160).filter((pause) => !Number.isInteger(pause));
    expect(random).toHaveLength(5);
    for (const [i, longest] of [10, 20, 40, 80, 160].entries()) {
      expect(random[i]).toBeGreaterThanOrEqual(longest / 2);
      expect(random[i]).toBeLessThanOrEqual(longest);
    }
  });

  it("with 1009 leaves what was sent before the message alone", async () => {
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]]));
    const duct = await fixture.connect();
    const seen = watch(duct);
    const stream = duct.stream("COUNT");
    await stream.next();
    const early = duct.call("SILENT", "early");
    const large = expect(duct.call("SILENT", "x".repeat(1000))).rejects.toMatchObject({
      name: "ValueError",
      message: expect.stringContaining("larger than the server takes"),
    });
    const behind = expect(duct.call("SILENT", "behind")).rejects.toThrow("not carried out");
    await until(() => fixture.server.requests().length === 4);
    const [counted, asked] = fixture.server.requests();
    fixture.server.last.socket.close(1009);
    await Promise.all([large, behind]);
    await until(() => fixture.server.sockets.length === 2);
    fixture.server.last.send([counted?.[0], NEXT, [counted?.[0], EVENT.COUNT, 2]], [asked?.[0], EVENT.SILENT, "answered"]);
    expect(await early).toBe("answered");
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect(seen).toEqual(["reconnecting 1009", "reconnected same"]);
  });

  it("with 1009 for a message that nobody waits for reports it", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    duct.send("SILENT", "much");
    await until(() => fixture.server.requests().length === 1);
    fixture.server.last.socket.close(1009);
    await until(() => errors.length === 1);
    expect(errors[0]?.message).toContain("larger than the server takes");
  });

  it("with 1009, for a message was too big, rejects what was sent instead of sending it again", async () => {
    const duct = await fixture.connect();
    const call = expect(duct.call("SILENT", "much")).rejects.toThrow("larger than the server takes");
    await until(() => fixture.server.requests().length === 1);
    fixture.server.last.socket.close(1009);
    await call;
    expect(fixture.server.requests()).toHaveLength(1);
  });

  it.each([1000, 1008, 4001])("with %i stays closed", async (code) => {
    const duct = await fixture.connect();
    const seen = watch(duct);
    fixture.server.last.socket.close(code, "because");
    await until(() => duct.state === "closed");
    expect(seen).toEqual([`closed ${code}`]);
    expect(fixture.server.sockets).toHaveLength(1);
  });
});

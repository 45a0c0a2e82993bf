import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, DuctsError, DuctsSession } from "../src/index.js";
import { EVENT } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { watchErrors } from "./lose.js";
import { until } from "./until.js";
import { watchPauses } from "./watchPauses.js";

const fixture = useServer();

describe("opening", () => {
  it("asks service discovery with a random uuid and the given parameters", async () => {
    await fixture.connect({ params: { room: "a b&c", n: 1 } });
    const [query] = fixture.server.discoveries;
    expect(query?.get("uuid")).toMatch(/^[0-9a-f]{32}$/);
    expect([query?.get("room"), query?.get("n")]).toEqual(["a b&c", "1"]);
  });

  it("takes the answer of service discovery instead of its address", async () => {
    const duct = await connect(fixture.server.wsd(), { WebSocket });
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(fixture.server.discoveries).toHaveLength(0);
    await duct.close();
  });

  it("sends ALIVE_MONITORING first, once, with its time", async () => {
    const duct = await fixture.connect();
    await duct.call("ECHO");
    const { received } = fixture.server.last;
    expect(received.map(([, eid]) => eid)).toEqual([EVENT.ALIVE_MONITORING, EVENT.ECHO]);
    expect(received[0]?.[2]).toBeTypeOf("number");
  });

  it("is rejected when the server refuses", async () => {
    fixture.server.discoveryStatus = 403;
    const opening = fixture.connect();
    await expect(opening).rejects.toThrow("answered 403");
    await expect(opening).rejects.toMatchObject({ name: "ConnectionError", raw: "" });
  });

  it.each([408, 429, 500, 503])("is tried again while discovery answers %i, and not before the time that it names", async (status) => {
    const pauses = watchPauses();
    fixture.server.discoveryStatus = status;
    fixture.server.refusalHeaders = status === 503 ? { "Retry-After": "1" } : {};
    const opening = fixture.connect();
    await until(() => fixture.server.discoveries.length >= (status === 503 ? 1 : 3));
    fixture.server.discoveryStatus = 200;
    const duct = await opening;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(pauses(1000, 1005)).toHaveLength(status === 503 ? 1 : 0);
  });

  it("is tried again while WebSockets are refused with 503", async () => {
    fixture.server.socketStatus = 503;
    const opening = fixture.connect();
    await until(() => fixture.server.refused >= 3);
    fixture.server.socketStatus = 0;
    expect(await (await opening).call("ECHO", 1)).toBe(1);
  });

  it.each([0, 20])("is rejected with the status when the server cannot serve for longer than %i ms", async (openTimeout) => {
    fixture.server.discoveryStatus = 503;
    await expect(fixture.connect({ openTimeout })).rejects.toMatchObject({ name: "ConnectionError", message: expect.stringContaining("503") });
    expect(fixture.server.discoveries.length).toBeGreaterThanOrEqual(1);
  });

  it("says with which status a WebSocket was refused, and that a proxy may not pass them on", async () => {
    fixture.server.socketStatus = 404;
    await expect(fixture.connect()).rejects.toThrow("refused the WebSocket (404)");
    fixture.server.socketStatus = 0;
    fixture.server.failsUpgrades = true;
    await expect(fixture.connect()).rejects.toThrow("a proxy before it does not pass WebSockets on");
  });

  it("asks discovery where the answer that was handed over is an old one", async () => {
    fixture.server.socketStatus = 403;
    const opening = connect(fixture.server.wsd(), { WebSocket, url: fixture.server.url });
    await until(() => fixture.server.discoveries.length === 1);
    await expect(opening).rejects.toThrow("403");
    expect(fixture.server.discoveries).toHaveLength(1);
  });

  it("twice opens one socket", async () => {
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    expect(await Promise.all([duct.open(), duct.open()])).toEqual([duct, duct]);
    expect([fixture.server.sockets.length, fixture.server.discoveries.length]).toEqual([1, 1]);
    await duct.close();
  });

  it("is rejected when nobody listens", async () => {
    const { url } = fixture.server;
    fixture.server.unreachable = true;
    await expect(connect(url, { WebSocket })).rejects.toThrow("out of reach");
  });

  it("is rejected when the answer is something else", async () => {
    const answer = async (): Promise<Response> => new Response("<html>");
    await expect(connect("http://x/wsd", { WebSocket, fetch: answer })).rejects.toThrow("no service discovery");
    const json = async (): Promise<Response> => new Response('{"websocket_url":"ws://x"}');
    await expect(connect("http://x/wsd", { WebSocket, fetch: json })).rejects.toThrow("no service discovery");
  });

  it("gives up after the time set", async () => {
    const never = (_: unknown, init?: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    await expect(connect("http://x/wsd", { WebSocket, fetch: never, connectTimeout: 5 })).rejects.toThrow("out of reach");
  });

  it("lets calls wait that were made before", async () => {
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const early = duct.call("ECHO", "early");
    const states: string[] = [duct.state];
    duct.onopen = () => states.push(duct.state);
    await duct.open();
    expect(await early).toBe("early");
    expect(states).toEqual(["new", "open"]);
    await duct.close();
  });
});

describe("a call", () => {
  it.each([null, true, 1.5, "text", [1, [2]], { a: { b: null } }, new Uint8Array([1, 2, 3])])(
    "brings %j there and back",
    async (data) => {
      const duct = await fixture.connect();
      expect(await duct.call("ECHO", data)).toEqual(data);
      expect(await duct.call(EVENT.ECHO, data)).toEqual(data);
    },
  );

  it("sends a missing argument as nil", async () => {
    const duct = await fixture.connect();
    await duct.call("ECHO");
    expect(fixture.server.requests()).toEqual([[expect.any(Number), EVENT.ECHO, null]]);
  });

  it("gets its own reply when replies overtake each other", async () => {
    const duct = await fixture.connect();
    const held: (() => void)[] = [];
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid, data]) => held.push(() => socket.send([rid, eid, data])));
    const calls = [1, 2, 3].map((n) => duct.call("SILENT", n));
    await until(() => held.length === 3);
    for (const answer of held.reverse()) answer();
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  });

  it("is rejected with the server's error", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.send([rid, -eid, "KeyError('no such group')"]));
    const error = await duct.call("SILENT").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DuctsError);
    expect(error).toMatchObject({ name: "KeyError", message: "no such group", raw: "KeyError('no such group')" });
  });

  it("of an unknown key is rejected without asking the server", async () => {
    const duct = await fixture.connect();
    await expect(duct.call("NOPE")).rejects.toMatchObject({ name: "KeyError" });
    expect(fixture.server.requests()).toEqual([]);
  });

  it("with data that cannot be sent is rejected", async () => {
    const duct = await fixture.connect();
    await expect(duct.call("ECHO", () => 1)).rejects.toThrow(TypeError);
  });

  it("is given up by its signal, and the server is told", async () => {
    const duct = await fixture.connect();
    const abort = new AbortController();
    const call = duct.call("SILENT", null, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await until(() => fixture.server.requests().length === 2);
    const [request, cancel] = fixture.server.requests();
    expect(cancel).toEqual([expect.any(Number), EVENT.CANCEL, request?.[0]]);
    await expect(duct.call("ECHO", 1, { signal: abort.signal })).rejects.toThrow("enough");
  });

  it("of an event that streams is rejected with what to do, and cancelled", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, EVENT.LOOP_RESPONSE_START, [rid, eid, 1]]));
    await expect(duct.call("COUNT")).rejects.toThrow("stream()");
    await until(() => fixture.server.requests().some(([, eid]) => eid === EVENT.CANCEL));
  });
});

describe("a divided reply", () => {
  it("is put together, with others between its pieces", async () => {
    const duct = await fixture.connect();
    const data = new Uint8Array(1_000_000).map((_, index) => index);
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => {
      const whole = encode([rid, eid, data]);
      for (let at = 0; at < whole.length; at += 300_000) {
        socket.send([rid, EVENT.DIVIDED_RESPONSE_APPEND, whole.subarray(at, at + 300_000)]);
        socket.send([null, EVENT.ECHO, "between"]);
      }
      socket.send([rid, EVENT.DIVIDED_RESPONSE_END, null]);
    });
    expect(Buffer.compare(await duct.call<Uint8Array>("SILENT"), data)).toBe(0);
  });

  it("may be an error", async () => {
    const duct = await fixture.connect();
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => {
      socket.send([rid, EVENT.DIVIDED_RESPONSE_APPEND, encode([rid, -eid, "ValueError('long')"])]);
      socket.send([rid, EVENT.DIVIDED_RESPONSE_END, null]);
    });
    await expect(duct.call("SILENT")).rejects.toMatchObject({ name: "ValueError", message: "long" });
  });
});

describe("a push", () => {
  it("reaches the functions set for its event by key and by id, until they are taken away", async () => {
    const duct = await fixture.connect();
    const seen: unknown[] = [];
    const off = duct.on("COUNT", (data, info) => seen.push(["key", data, info.requestId]));
    duct.on(EVENT.COUNT, (data) => seen.push(["id", data]));
    fixture.server.last.send([null, EVENT.COUNT, 1]);
    await duct.call("ECHO");
    off();
    fixture.server.last.send([null, EVENT.COUNT, 2]);
    await duct.call("ECHO");
    expect(seen).toEqual([["id", 1], ["key", 1, null], ["id", 2]]);
  });

  it("that comes together with the opened socket is not missed", async () => {
    fixture.server.opened = (socket) => socket.send([null, EVENT.COUNT, "welcome"]);
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const seen: unknown[] = [];
    duct.onopen = () => seen.push("open");
    duct.on("COUNT", (data) => seen.push(data));
    await duct.open();
    await duct.call("ECHO");
    expect(seen).toEqual(["open", "welcome"]);
    await duct.close();
  });

  it("is not the only thing they get: replies and errors come too", async () => {
    const duct = await fixture.connect();
    const seen: unknown[] = [];
    duct.on("SILENT", (data, { error }) => seen.push(error?.name ?? data));
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid, data]) =>
      socket.send(data ? [rid, eid, data] : [rid, -eid, "ValueError('x')"]),
    );
    await duct.call("SILENT", 1);
    await duct.call("SILENT", 0).catch(() => {});
    expect(seen).toEqual([1, "ValueError"]);
  });

  it("goes to all even if one of them throws", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    const seen: unknown[] = [];
    duct.on("COUNT", () => {
      throw new Error("mine");
    });
    duct.on("COUNT", (data) => seen.push(data));
    fixture.server.last.send([null, EVENT.COUNT, 1]);
    expect(await duct.call("ECHO", 2)).toBe(2);
    expect(seen).toEqual([1]);
    expect(errors.map((error) => error.message)).toEqual(["mine"]);
  });
});

describe("a message without a waiting request", () => {
  it("that is an error reaches onerror", async () => {
    const duct = await fixture.connect();
    const errors = watchErrors(duct);
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.send([rid, -eid, "ValueError('unasked')"]));
    duct.send("SILENT", 1);
    await until(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ name: "ValueError", message: "unasked" });
  });

  it.each([
    ["text", "hello"],
    ["no MessagePack", new Uint8Array([0xc1])],
    ["no array", encode({ a: 1 })],
    ["too short", encode([1, 2])],
    ["without a number for its event", encode([1, "x", 2])],
    ["a stream's with nothing in it", encode([1, EVENT.LOOP_RESPONSE_NEXT, null])],
    ["the end of a divided one that had not begun", encode([1, EVENT.DIVIDED_RESPONSE_END, null])],
  ])("that is %s is reported, and the session goes on", async (_, bytes) => {
    const duct = await fixture.connect();
    const errors: Error[] = [];
    duct.addEventListener("error", (event) => errors.push(event.detail));
    fixture.server.last.sendRaw(bytes);
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(errors.map((error) => error.message)).toEqual([expect.stringContaining("cannot be read")]);
  });
});

describe("the clock", () => {
  it("knows the server's time and how far it is", async () => {
    const ahead = 90;
    fixture.server.on(EVENT.ALIVE_MONITORING, (socket, [rid]) => {
      const now = Date.now() / 1000 + ahead;
      socket.send([rid, EVENT.ALIVE_MONITORING, [now, now]]);
    });
    const duct = await fixture.connect();
    await duct.call("ECHO");
    expect(Math.round(duct.timeOffset / 10_000)).toBe(9);
    expect(duct.latency).toBeGreaterThanOrEqual(-1);
    expect(duct.latency).toBeLessThan(10_000);
  });
});

describe("closing", () => {
  it("sends 1000, rejects what waits, and is final", async () => {
    const duct = await fixture.connect();
    const closed: number[] = [];
    duct.onclosed = ({ code }) => closed.push(code);
    const call = duct.call("SILENT");
    const rejected = expect(call).rejects.toMatchObject({ name: "ConnectionError" });
    const code = new Promise((resolve) => fixture.server.last.socket.on("close", resolve));
    await duct.close();
    await rejected;
    expect(await code).toBe(1000);
    expect([duct.state, closed]).toEqual(["closed", [1000]]);
    await expect(duct.call("ECHO")).rejects.toThrow("closed");
    await duct.close();
  });

  it("twice, and once more later, resolves each time and sends one frame", async () => {
    const duct = await fixture.connect();
    const closed: number[] = [];
    duct.onclosed = ({ code }) => closed.push(code);
    await Promise.all([duct.close(), duct.close()]);
    await duct.close();
    expect(closed).toEqual([1000]);
  });

  it("rejects calls and streams that are made while the server has not confirmed it", async () => {
    const duct = await fixture.connect();
    const closing = duct.close();
    const call = expect(duct.call("ECHO", 1)).rejects.toThrow("closed");
    const stream = expect(duct.stream("COUNT").next()).rejects.toThrow("closed");
    await Promise.all([closing, call, stream]);
  });

  it("while opening is tried again gives up at once", async () => {
    fixture.server.discoveryStatus = 503;
    fixture.server.refusalHeaders = { "Retry-After": "30" };
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const opening = expect(duct.open()).rejects.toMatchObject({ name: "ConnectionError" });
    await until(() => fixture.server.discoveries.length === 1);
    await Promise.all([duct.close(), duct.close()]);
    await opening;
    expect(duct.state).toBe("closed");
  });

  it("ends a session that was never opened", async () => {
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const early = expect(duct.call("ECHO")).rejects.toThrow("closed");
    await duct.close();
    await early;
    await expect(duct.open()).rejects.toThrow("closed");
  });

  it("while opening gives up", async () => {
    const duct = new DuctsSession(fixture.server.url, { WebSocket });
    const opening = expect(duct.open()).rejects.toThrow();
    await duct.close();
    await opening;
    expect(duct.state).toBe("closed");
  });
});

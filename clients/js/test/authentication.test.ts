import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, DuctsError, DuctsNotAuthorizedError, DuctsSession } from "../src/index.js";
import { EVENT } from "./fakeServer.js";
import { useServer } from "./fixture.js";
import { until } from "./until.js";

const fixture = useServer();
const authenticate = 10;
const { LOOP_RESPONSE_START: START, LOOP_RESPONSE_NEXT: NEXT } = EVENT;

/** The tickets that came over any socket. */
const tickets = (): unknown[] => fixture.server.requests().filter(([, eid]) => eid === authenticate).map(([, , data]) => data);

/** Answers AUTHENTICATE. */
const accept = (): void => fixture.server.on(authenticate, (socket, [rid, eid]) => socket.send([rid, eid, true]));

function watch(duct: DuctsSession): { errors: Error[]; states: string[] } {
  const errors: Error[] = [];
  const states: string[] = [];
  duct.onerror = (error) => errors.push(error);
  duct.onreconnecting = ({ code }) => states.push(`reconnecting ${code}`);
  duct.onreconnected = ({ fresh }) => states.push(fresh ? "fresh" : "same");
  duct.onclosed = ({ code }) => states.push(`closed ${code}`);
  return { errors, states };
}

describe("a token", () => {
  it.each([
    ["text", "t0"],
    ["a function", () => "t0"],
    ["an asynchronous function", () => Promise.resolve("t0")],
  ])("that is %s goes with service discovery and nowhere else", async (_, token) => {
    const duct = await fixture.connect({ token, headers: { "X-Tenant": "a", authorization: "Basic x" } });
    expect(fixture.server.headers[0]).toMatchObject({ authorization: "Bearer t0", "x-tenant": "a" });
    expect([...(fixture.server.discoveries[0]?.keys() ?? [])]).toEqual(["uuid"]);
    expect(JSON.stringify(duct.wsd)).not.toContain("t0");
  });

  it("is asked for anew when a new session is opened", async () => {
    let count = 0;
    const duct = await fixture.connect({ token: () => `t${++count}` });
    fixture.server.live.clear();
    fixture.server.last.cut();
    await until(() => fixture.server.sockets.length === 2);
    await duct.call("ECHO");
    expect(fixture.server.headers.map(({ authorization }) => authorization)).toEqual(["Bearer t1", "Bearer t2"]);
  });

  it.each([[""], [null], [undefined]])("that is %j is not sent", async (token) => {
    await fixture.connect({ token: () => token });
    expect(fixture.server.headers[0]).not.toHaveProperty("authorization");
  });

  it("whose function throws rejects, with its error as the cause", async () => {
    const cause = new Error("signed out");
    const opening = fixture.connect({ token: () => { throw cause; } });
    await expect(opening).rejects.toMatchObject({ name: "ConnectionError", cause });
    expect(fixture.server.discoveries).toHaveLength(0);
  });

  it.each(["secret\r\nX: y", "secret secret", "secret\u00e9", { secret: 1 } as unknown as string])("that no header can hold rejects without telling it: %j", async (token) => {
    const error: Error = await fixture.connect({ token: () => token }).then(() => new Error("opened"), (thrown: Error) => thrown);
    expect(error).toMatchObject({ name: "ConnectionError" });
    expect(`${error.message} ${String(error.cause)}`).not.toContain("secret");
    expect(fixture.server.discoveries).toHaveLength(0);
  });

  it("whose function hangs ends connecting after its time", async () => {
    const opening = fixture.connect({ token: () => new Promise<string>(() => {}), connectTimeout: 20 });
    await expect(opening).rejects.toMatchObject({ name: "ConnectionError" });
  });

  it("whose function hangs does not hold up closing", async () => {
    let asked = false;
    const duct = new DuctsSession(fixture.server.url, { WebSocket, token: () => ((asked = true), new Promise<string>(() => {})) });
    const opening = expect(duct.open()).rejects.toMatchObject({ name: "ConnectionError" });
    await until(() => asked);
    await duct.close();
    await opening;
  });

  it("whose function fails while a new session is opened is asked for again", async () => {
    let count = 0;
    const duct = await fixture.connect({ token: () => (++count === 2 ? Promise.reject(new Error("offline")) : `t${count}`) });
    fixture.server.live.clear();
    fixture.server.last.cut();
    await until(() => fixture.server.sockets.length === 2);
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(fixture.server.headers.map(({ authorization }) => authorization)).toEqual(["Bearer t1", "Bearer t3"]);
  });
});

describe("who is not authorized", () => {
  it.each([401, 403])("by service discovery with %i is told so, in the server's words", async (status) => {
    fixture.server.discoveryStatus = status;
    fixture.server.refusalBody = '{"error":"the token has expired"}';
    const error: DuctsNotAuthorizedError = await fixture.connect({ token: "old" }).then(() => undefined, (thrown) => thrown);
    expect(error).toBeInstanceOf(DuctsNotAuthorizedError);
    expect(error).toBeInstanceOf(DuctsError);
    expect(error).toMatchObject({ name: "ConnectionError", status, message: expect.stringMatching(/ answered 40\d \w+: the token has expired$/) });
  });

  it.each(["<html>", "null", "[]", '{"error":""}'])("by a proxy, whose answer is %j, is told the status", async (body) => {
    fixture.server.discoveryStatus = 401;
    fixture.server.refusalBody = body;
    const opening = fixture.connect();
    await expect(opening).rejects.toBeInstanceOf(DuctsNotAuthorizedError);
    await expect(opening).rejects.toThrow(/answered 401 Unauthorized\.$/);
  });

  it("by the WebSocket is told so, in the server's words", async () => {
    fixture.server.socketStatus = 403;
    fixture.server.refusalBody = '{"error":"another user"}';
    const opening = fixture.connect();
    await expect(opening).rejects.toBeInstanceOf(DuctsNotAuthorizedError);
    await expect(opening).rejects.toMatchObject({ status: 403, message: "The server refused the WebSocket (403): another user" });
  });

  it("for an event gets the typed error of a call and of a stream", async () => {
    const text = "PermissionError('this event needs the role admin')";
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.send([rid, -eid, text]));
    fixture.server.on(EVENT.COUNT, (socket, [rid, eid]) => socket.send([rid, START, [rid, eid, 1]], [rid, NEXT, [rid, -eid, text]]));
    const duct = await fixture.connect();
    const call = duct.call("SILENT");
    await expect(call).rejects.toBeInstanceOf(DuctsNotAuthorizedError);
    await expect(call).rejects.toMatchObject({ name: "PermissionError", message: "this event needs the role admin", raw: text, status: 0 });
    const stream = duct.stream("COUNT");
    await stream.next();
    await expect(stream.next()).rejects.toBeInstanceOf(DuctsNotAuthorizedError);
    fixture.server.on(EVENT.SILENT, (socket, [rid, eid]) => socket.send([rid, -eid, "KeyError('x')"]));
    await expect(duct.call("SILENT")).rejects.not.toBeInstanceOf(DuctsNotAuthorizedError);
  });
});

describe("rights that expire", () => {
  it("are renewed with a new token over the same session", async () => {
    accept();
    fixture.server.moreOfWsd = { user: "ada", auth_expires_in: 1 };
    let count = 0;
    const duct = await fixture.connect({ token: () => `t${++count}` });
    const { errors, states } = watch(duct);
    fixture.server.moreOfWsd = { user: "ada" };
    await until(() => tickets().length === 1);
    expect(tickets()).toEqual([{ ticket: "session2" }]);
    expect(fixture.server.headers.map(({ authorization }) => authorization)).toEqual(["Bearer t1", "Bearer t2"]);
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect([errors, states, fixture.server.sockets.length]).toEqual([[], [], 1]);
    expect(duct.wsd).toMatchObject({ user: "ada", websocket_url: expect.stringContaining("session1") });
  });

  it("are renewed without a token, for a cookie may have been renewed", async () => {
    accept();
    fixture.server.moreOfWsd = { auth_expires_in: 1 };
    await fixture.connect();
    fixture.server.moreOfWsd = {};
    await until(() => tickets().length === 1);
  });

  it("are renewed again after a failure: of the token's function, of discovery, of AUTHENTICATE", async () => {
    fixture.server.moreOfWsd = { auth_expires_in: 20 };
    const fails = [() => "first", () => Promise.reject(new Error("offline"))];
    const refused: number[] = [];
    fixture.server.on(authenticate, (socket, [rid, eid]) => {
      refused.push(eid);
      if (refused.length === 1) socket.send([rid, -eid, "PermissionError('another user')"]);
      else socket.send([rid, eid, true]);
    });
    // The first session's rights last 20 s, those of a handed over answer as long as it says.
    const duct = await connect({ ...fixture.server.wsd(), auth_expires_in: 1 } as never, {
      WebSocket,
      url: fixture.server.url,
      token: () => (fails.shift() ?? (() => "later"))(),
    });
    const { errors } = watch(duct);
    await until(() => refused.length === 2);
    expect(errors).toEqual([]);
    await duct.close();
  });

  it("and cannot be renewed are told by a typed error, and the session is left to the server", async () => {
    fixture.server.moreOfWsd = { auth_expires_in: 0 };
    const duct = await fixture.connect();
    const { errors, states } = watch(duct);
    fixture.server.discoveryStatus = 401;
    fixture.server.refusalBody = '{"error":"signed out"}';
    await until(() => errors.length === 1);
    expect(errors[0]).toBeInstanceOf(DuctsNotAuthorizedError);
    expect(errors[0]).toMatchObject({ name: "PermissionError", message: expect.stringContaining("signed out"), cause: { status: 401 } });
    expect([duct.state, states]).toEqual(["open", []]);
    expect(await duct.call("ECHO", 1)).toBe(1);
  });

  it("of a fixed token are not renewed", async () => {
    accept();
    fixture.server.moreOfWsd = { auth_expires_in: 0 };
    let asked = 0;
    const other = await connect(fixture.server.url, { WebSocket, token: () => `t${++asked}` });
    await fixture.connect({ token: "fixed" });
    // By then the other one, whose rights are of the same age, has renewed its own.
    await until(() => asked >= 3);
    expect(fixture.server.headers.filter(({ authorization }) => authorization === "Bearer fixed")).toHaveLength(1);
    await other.close();
  });

  it("while there is no connection are renewed once there is one", async () => {
    accept();
    fixture.server.moreOfWsd = { auth_expires_in: 1 };
    let asked = 0;
    const duct = await fixture.connect({ token: () => `t${++asked}` });
    const { errors, states } = watch(duct);
    fixture.server.moreOfWsd = {};
    fixture.server.socketStatus = 503;
    fixture.server.last.cut();
    const due = performance.now() + 1_100;
    await until(() => performance.now() > due);
    expect(asked).toBe(1);
    fixture.server.socketStatus = 0;
    await until(() => tickets().length === 1);
    expect([asked, errors, states]).toEqual([2, [], ["reconnecting 1006", "same"]]);
    expect(fixture.server.last.reconnected).toBe(true);
  });

  it("are not renewed any more after closing, also when it comes meanwhile", async () => {
    fixture.server.moreOfWsd = { auth_expires_in: 0 };
    let asked = 0;
    const duct = await fixture.connect({ token: () => (++asked === 1 ? "t" : new Promise<string>(() => {})) });
    const { errors, states } = watch(duct);
    await until(() => asked === 2);
    await duct.close();
    expect([errors, states, tickets()]).toEqual([[], ["closed 1000"], []]);
  });

  it("and whose renewal is interrupted are renewed in the next connection", async () => {
    fixture.server.moreOfWsd = { auth_expires_in: 1 };
    const duct = await fixture.connect();
    const { errors } = watch(duct);
    await until(() => tickets().length === 1);
    accept();
    fixture.server.moreOfWsd = {};
    fixture.server.last.cut();
    await until(() => tickets().length === 2);
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(errors).toEqual([]);
  });
});

describe("a session that the server closes", () => {
  it.each([4401, 4005])("with %i is followed by a new one, with a new token", async (code) => {
    let count = 0;
    const duct = await fixture.connect({ token: () => `t${++count}` });
    const { states } = watch(duct);
    const open = expect(duct.call("SILENT")).rejects.toMatchObject({ name: "ConnectionError" });
    const stream = expect(duct.stream("SILENT").next()).rejects.toMatchObject({ name: "ConnectionError" });
    await until(() => fixture.server.requests().length === 2);
    fixture.server.last.socket.close(code);
    await Promise.all([open, stream]);
    expect(await duct.call("ECHO", "waited")).toBe("waited");
    expect(states).toEqual([`reconnecting ${code}`, "fresh"]);
    expect(fixture.server.headers.map(({ authorization }) => authorization)).toEqual(["Bearer t1", "Bearer t2"]);
    // Nobody has tried to go on with the old one.
    expect([fixture.server.refused, fixture.server.last.reconnected, fixture.server.asked]).toEqual([0, false, []]);
  });

  it("with 4401 and does not open for the user again is tried on, and that is told once", async () => {
    const duct = await fixture.connect({ token: () => "t" });
    const { errors, states } = watch(duct);
    fixture.server.discoveryStatus = 401;
    fixture.server.refusalBody = '{"error":"signed out"}';
    fixture.server.last.socket.close(4401);
    await until(() => fixture.server.discoveries.length >= 5);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(DuctsNotAuthorizedError);
    expect(errors[0]?.message).toContain("signed out");
    fixture.server.discoveryStatus = 200;
    expect(await duct.call("ECHO", 1)).toBe(1);
    expect(states).toEqual(["reconnecting 4401", "fresh"]);
  });

  it("with 4401 is over where reconnecting is turned off", async () => {
    const duct = await fixture.connect({ reconnect: false });
    const { states } = watch(duct);
    fixture.server.last.socket.close(4401);
    await until(() => duct.state === "closed");
    expect(states).toEqual(["closed 4401"]);
  });

  it("with 4401 is over where no address is known to ask for another", async () => {
    const duct = await connect(fixture.server.wsd(), { WebSocket, reconnect: { minDelay: 1, maxDelay: 2 } });
    const { states } = watch(duct);
    fixture.server.last.socket.close(4401);
    await until(() => duct.state === "closed");
    expect(states).toEqual(["reconnecting 4401", "closed 4401"]);
  });
});

import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { connect, Duct } from "../src/index.js";
import { shownSocketUrl, shownUrl } from "../src/shownUrl.js";
import { useServer } from "./fixture.js";

const id = "3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w";
const fixture = useServer();

describe("an address in an error", () => {
  it.each([
    [`ws://host:8080/ducts/ws/v1/${id}`, "ws://host:8080/ducts/ws/v1/…"],
    [`wss://u:p@host/ws/${id}/reconnect?ticket=${id}#x`, "wss://host/ws/…/reconnect"],
    [`/ducts/ws/v1/${id}`, "/ducts/ws/v1/…"],
    [id, "…"],
  ])("of a socket %s is %s", (url, shown) => expect(shownSocketUrl(url)).toBe(shown));

  it("of service discovery has neither user nor query", () => {
    expect(shownUrl("https://u:p@host/ducts/wsd?token=t")).toBe("https://host/ducts/wsd");
  });
});

describe("a session's address", () => {
  const logged: unknown[] = [];
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation((...what) => logged.push(...what)));
  afterEach(() => {
    vi.restoreAllMocks();
    logged.length = 0;
  });

  // What the platform itself says of these has the whole address.
  it.each([`http//${id}`, `/ducts/ws/v1/${id}`, `ws://127.0.0.1:1/ducts/ws/v1/${id}#fragment`])("that is refused, %s, is in no error", async (url) => {
    fixture.server.moreOfWsd = { websocket_url: url };
    const options = { WebSocket, openTimeout: 0 };
    const errors = [
      await connect(fixture.server.url, options).catch((error: unknown) => error),
      await new Duct(options).open(fixture.server.url).catch((error: unknown) => error),
    ];
    for (const error of errors) {
      expect(String(error)).toContain("… cannot be opened (SyntaxError).");
      expect(inspect([error, logged], { depth: 9 })).not.toContain("3bf0e158");
    }
  });

  it("that nobody listens at, or that is refused, is in no error", async () => {
    const socket = fixture.server.wsd().websocket_url.replace(/[^/]+$/, id);
    fixture.server.moreOfWsd = { websocket_url: socket };
    fixture.server.socketStatus = 403;
    const refused = await connect(fixture.server.url, { WebSocket, openTimeout: 0 }).catch((error: unknown) => error);
    expect(String(refused)).toContain("refused");
    fixture.server.moreOfWsd = { websocket_url: `ws://127.0.0.1:1/ducts/ws/v1/${id}` };
    const away = await connect(fixture.server.url, { WebSocket, openTimeout: 0 }).catch((error: unknown) => error);
    expect(String(away)).toContain("ConnectionError");
    expect(inspect([refused, away, logged], { depth: 9 })).not.toContain("3bf0e158");
  });

  it("of service discovery is named without its query", async () => {
    fixture.server.discoveryStatus = 403;
    const url = `${fixture.server.url}?token=hush`;
    const error = await connect(url, { WebSocket }).catch((error: unknown) => error);
    expect(String(error)).toContain(`The server at ${fixture.server.url} answered 403`);
    expect(inspect(error, { depth: 9 })).not.toContain("hush");
  });
});

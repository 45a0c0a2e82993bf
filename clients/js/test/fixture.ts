import { afterEach, beforeEach } from "vitest";
import { WebSocket } from "ws";
import { connect, type ConnectOptions, type DuctsSession } from "../src/index.js";
import type { ExactSession } from "./exactSession.js";
import { EVENT, FakeServer, type Message } from "./fakeServer.js";

interface Fixture {
  readonly server: FakeServer;
  connect(options?: ConnectOptions): Promise<DuctsSession>;
}

/**
 * A fake server for each test of a file, and sessions with it that are closed afterwards.
 *
 * @param isExact Whether it speaks version 2 of the protocol.
 */
export function useServer(isExact = false): Fixture {
  let server: FakeServer;
  const sessions: DuctsSession[] = [];

  beforeEach(async () => {
    server = await FakeServer.start();
    server.isExact = isExact;
    server.on(12, (socket, [rid, eid]) => {
      socket.send([rid, eid, true]);
      if (socket.exact) socket.exact.isOver = true;
      socket.socket.close(1000);
    });
    server.on(EVENT.ALIVE_MONITORING, (socket, [rid]) => {
      const now = Date.now() / 1000;
      socket.send([rid, EVENT.ALIVE_MONITORING, [now, now]]);
    });
    server.on(EVENT.ECHO, (socket, [rid, eid, data]) => socket.send([rid, eid, data]));
  });

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await server.stop();
  });

  return {
    get server() {
      return server;
    },
    async connect(options = {}) {
      const session = await connect(server.url, {
        WebSocket,
        reconnect: { minDelay: 1, maxDelay: 5 },
        ...options,
      });
      sessions.push(session);
      return session;
    },
  };
}

/** A fake server that speaks version 2 of the protocol, the session that was discovered last, and what came in that. */
export function useExactServer(): { fixture: Fixture; exact: () => ExactSession; numbered: () => Message[] } {
  const fixture = useServer(true);
  return { fixture, exact: () => fixture.server.lastExact, numbered: () => fixture.server.numbered() };
}

// Drives sessions of the TypeScript client whose connections fail, and prints what came of it as JSON:
// node exact.mjs modern|compat SEED ADDRESS:RUN...
import { createRequire } from "node:module";
import * as ducts from "../../../clients/js/dist/ducts.mjs";
import { drive } from "./exactSession.mjs";

const { WebSocket } = createRequire(new URL("../../../clients/js/package.json", import.meta.url))("ws");

const [kind, seed, ...sessions] = process.argv.slice(2);
const results = await Promise.all(sessions.map((session, i) => {
  const [port, run] = session.split(":");
  return drive({ ducts, WebSocket, connectTimeout: 3000 }, kind, `http://127.0.0.1:${port}/`, run, Number(seed) + i);
}));
process.stdout.write(JSON.stringify(results));
process.exit(0);

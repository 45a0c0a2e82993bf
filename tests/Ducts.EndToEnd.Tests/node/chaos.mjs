// Drives sessions of the TypeScript client at a cluster whose nodes die, until a file is there, and prints what came of it as JSON:
// node chaos.mjs ADDRESS SEED FILE NAME...
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import * as ducts from "../../../clients/js/dist/ducts.mjs";

const { WebSocket } = createRequire(new URL("../../../clients/js/package.json", import.meta.url))("ws");
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const patience = 60_000;

const [address, seed, file, ...names] = process.argv.slice(2);
let isOver = false;
const watch = setInterval(() => (isOver ||= existsSync(file)), 50);
const results = await Promise.all(names.map((name, i) => drive(name, randomOf(Number(seed) + i))));
clearInterval(watch);
process.stdout.write(JSON.stringify(results));
process.exit(0);

async function drive(name, random) {
  const result = { name, answered: [], failed: [], begun: 0, items: 0, pushes: 0, places: [], wrong: [] };
  const duct = await connect();
  const ended = [];
  const replies = new Map();
  const stop = new AbortController();
  let pending = 0;
  let isClosing = false;
  const wrong = (text) => result.wrong.length < 20 && result.wrong.push(text);
  duct.onerror = (error) => wrong(`error ${error}`);
  duct.onreconnected = ({ fresh }) => fresh && result.begun++;
  duct.onclosed = ({ code, reason, error }) => isClosing || wrong(`closed by ${code} ${reason} ${error ?? ""}`);
  duct.on("DO", (data, { error }) => !error && replies.set(data.id, (replies.get(data.id) ?? 0) + 1));
  const pushed = follow("push", () => result.pushes++);
  duct.on("PUSHES", (data, { requestId }) => requestId === null && pushed(data));

  // What ends because its session does: that is known for certain at the end.
  const note = (what, error, begun) => (error?.name === "ConnectionError" ? ended.push([what, begun, String(error)]) : wrong(`${what}: ${error}`));

  const call = async (id) => {
    const { begun } = result;
    pending++;
    try {
      const reply = await duct.call("DO", { id, pause: random() < 0.3 ? Math.floor(random() * 200) : 0 });
      if (reply.id !== id) wrong(`${id} was answered with ${reply.id}`);
      const last = result.places.at(-1);
      if (last?.session !== reply.session || last.pid !== reply.pid) result.places.push({ session: reply.session, pid: reply.pid });
      result.answered.push(id);
      return true;
    } catch (error) {
      result.failed.push(id);
      note(id, error, begun);
      return false;
    } finally {
      pending--;
    }
  };

  const read = async (pause) => {
    pending++;
    while (!isOver) {
      const { begun } = result;
      const take = follow("item", () => result.items++);
      try {
        for await (const item of duct.stream("NUMBERS", { pause }, { window: 16 })) {
          take(item);
          if (isOver) break;
        }
        if (!isOver) wrong("a stream ended");
      } catch (error) {
        note("a stream", error, begun);
      }
    }
    pending--;
  };

  const takePushes = async () => {
    while (!isOver) {
      const { begun } = result;
      try {
        await duct.call("PUSHES", undefined, { signal: stop.signal });
        wrong("pushes ended");
      } catch (error) {
        if (error !== stop.signal.reason) note("pushes", error, begun);
      }
    }
  };

  /** Checks that numbers come in their order; those of another life begin from 1. */
  function follow(what, count) {
    let life;
    let last = 0;
    const former = new Set();
    return (data) => {
      count();
      if (data.life !== life) {
        if (former.has(data.life)) wrong(`${what} ${data.number} of a life that has ended`);
        former.add(life);
        [life, last] = [data.life, 0];
      }
      if (data.number !== ++last) wrong(`${what} ${data.number}, not ${last}`);
      last = data.number;
    };
  }

  void read(15);
  void read(200);
  void takePushes();
  for (let number = 1; !isOver; number++) {
    void call(`${name}-${number}`);
    do await sleep(random() * 40);
    while (pending > 30 && !isOver);
  }
  stop.abort();
  const until = Date.now() + patience;
  for (let number = 1; !(await call(`${name}-last-${number}`)); number++) {
    if (Date.now() > until) {
      wrong("does not work again");
      break;
    }
    await sleep(50);
  }
  while (pending > 0 && Date.now() < until) await sleep(10);
  if (pending > 0) wrong(`${pending} calls or streams never ended`);
  for (const [what, begun, error] of ended) if (begun >= result.begun) wrong(`${what} failed though its session goes on: ${error}`);
  for (const [id, count] of replies) if (count !== 1) wrong(`${id} was answered ${count} times`);
  isClosing = true;
  await Promise.race([duct.close(), sleep(patience)]);
  return result;
}

// What cuts the very first connection, before there is a session, is told to the application: it tries again.
async function connect() {
  for (;;) {
    try {
      return await ducts.connect(`${address}ducts/wsd`, { WebSocket, connectTimeout: 2000, reconnect: { minDelay: 20, maxDelay: 300 } });
    } catch {
      await sleep(50);
    }
  }
}

function randomOf(start) {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

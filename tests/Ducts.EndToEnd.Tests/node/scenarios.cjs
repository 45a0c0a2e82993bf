// Runs one scenario with the client of npm and prints what came of it as JSON: node scenarios.cjs NAME ADDRESS [ARGUMENT...]
const { CuttingProxy } = require("./cuttingProxy.cjs");
const { Duct } = require("@iflb/ducts-client");
const WebSocketConnection = require("websocket").connection;

const scenarios = {
  async openAndClose(duct) {
    const keys = Object.keys(duct.EVENT);
    const state = duct.state;
    const closed = await duct.close();
    return { keys, state, code: closed.code, clean: closed.wasClean };
  },

  async call(duct) {
    return {
      ping: await duct.call(duct.EVENT.PING),
      echo: await duct.call(duct.EVENT.ECHO, { text: "grüße 🎈", list: [1, -1, 2 ** 40, 1.5, true, null] }),
      concurrent: await Promise.all(Array.from({ length: 100 }, (_, i) => duct.call(duct.EVENT.ECHO, { i }))),
    };
  },

  async eventHandler(duct) {
    const seen = [];
    duct.setEventHandler(duct.EVENT.ECHO, (rid, eid, data) => {
      seen.push([eid, data]);
    });
    const sent = duct.nextRid();
    duct.send(sent, duct.EVENT.ECHO, ["by the handler"]);
    await until(() => seen.length === 1);
    duct.setEventHandler(duct.EVENT.ECHO, () => {
      throw new Error("removed handlers are not called");
    });
    duct.setEventHandler(duct.EVENT.ECHO);
    return { seen, after: await duct.call(duct.EVENT.ECHO, ["without"]) };
  },

  async ten(duct) {
    const queue = await duct.call(duct.EVENT.TEN);
    return { items: await read(queue) };
  },

  async none(duct) {
    const queue = await duct.call(duct.EVENT.NONE);
    return { items: [await outcome(queue.dequeue()), await outcome(queue.dequeue())] };
  },

  // The queue gives the error to a reader that was there already as if it were an item, and rejects when it came first:
  // both are the client's own ways, and both end.
  async half(duct) {
    const messages = [];
    duct.setEventHandler(duct.EVENT.HALF, (rid, eid, data) => {
      messages.push([eid, data]);
    });
    const queue = await duct.call(duct.EVENT.HALF);
    await until(() => messages.length === 4);
    const items = [];
    for (let i = 0; i < 4; i++) items.push(await outcome(queue.dequeue()));
    return { items, messages, event: duct.EVENT.HALF };
  },

  async refuse(duct) {
    return {
      refused: await outcome(duct.call(duct.EVENT.REFUSE, { upTo: -1 })),
      accepted: await read(await duct.call(duct.EVENT.REFUSE, { upTo: 7 })),
    };
  },

  async big(duct) {
    const length = 10 * 1024 * 1024;
    const [bytes, quick] = await Promise.all([
      duct.call(duct.EVENT.BIG, { length }),
      duct.call(duct.EVENT.ECHO, ["meanwhile"]),
    ]);
    let wrong = 0;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== ((i * 31 + (i >> 16)) & 255)) wrong++;
    return { length: bytes.length, wrong, quick };
  },

  // Over the 16 KiB at which the client begins to fragment.
  async upload(duct) {
    const bytes = Buffer.alloc(1_000_000, "ducts");
    const back = await duct.call(duct.EVENT.ECHO, bytes);
    return { length: back.length, same: Buffer.compare(bytes, back) === 0 };
  },

  async unknown(duct) {
    return { unknown: await outcome(duct.call(4711, [])), after: await duct.call(duct.EVENT.ECHO, ["still here"]) };
  },

  // Ids that a misspelt EVENT.KEY gives, and others that no event has.
  async typos(duct) {
    const outcomes = {};
    for (const id of [undefined, 1, 2, 3, 4, 5, "abc", -5, 1.5, null]) outcomes[String(id)] = await outcome(duct.call(id, []));
    const unknown = [];
    for (let id = 40000; id < 40020; id++) unknown.push(await outcome(duct.call(id, [])));
    return { outcomes, unknown, after: await duct.call(duct.EVENT.ECHO, ["still here"]) };
  },

  async overlong(duct) {
    const characters = [];
    for (let code = 0x500; code <= 0x7ff; code++) characters.push(String.fromCharCode(code));
    const texts = [];
    for (let i = 0; i < characters.length; i += 8) texts.push(characters.slice(i, i + 8).join(""));
    const described = [];
    for (const text of texts) described.push(await duct.call(duct.EVENT.DESCRIBE, text));
    return { described };
  },

  async values(duct) {
    const describe = (data) => duct.call(duct.EVENT.DESCRIBE, data);
    // call() puts [] in place of undefined; send() lets it through.
    const rid = duct.nextRid();
    const missing = new Promise((resolve) => duct.setEventHandler(duct.EVENT.DESCRIBE, (id, eid, data) => {
      if (id === rid) resolve([eid === duct.EVENT.DESCRIBE, data]);
    }));
    duct.send(rid, duct.EVENT.DESCRIBE, undefined);
    return {
      missing: await missing,
      null: await describe(null),
      nan: await describe(NaN),
      infinity: await describe(Infinity),
      minusInfinity: await describe(-Infinity),
      nested: await describe([undefined, NaN, 1.5, "é"]),
    };
  },

  async errors(duct) {
    return {
      named: await outcome(duct.call(duct.EVENT.FAIL, { name: "KeyError", message: "it's \"gone\"\n" })),
      secret: await outcome(duct.call(duct.EVENT.SECRET)),
      argument: await outcome(duct.call(duct.EVENT.BIG, { lenght: 3 })),
    };
  },

  async reconnect(duct, address) {
    const other = await open(address);
    const gate = `gate-${process.pid}-`;
    const waiting = duct.call(duct.EVENT.WAIT, { gate });
    const ticks = duct.call(duct.EVENT.TICK, { gate, count: 3 });
    await other.call(other.EVENT.RELEASE, { gate: `${gate}1` });
    const queue = await ticks;
    const first = await queue.dequeue();

    const lost = new Promise((resolve) => duct._connectionListener.on("onclose", (event) => resolve(event.source.code)));
    cut(duct);
    const code = await lost;
    // While the client is away: an item and a reply, kept for it.
    await other.call(other.EVENT.RELEASE, { gate: `${gate}2` });
    await other.call(other.EVENT.RELEASE, { gate });
    await duct.reconnect();
    const reply = await waiting;
    // The first may come once more: its receipt may not have got through before the cut.
    let second = await queue.dequeue();
    if (second === first) second = await queue.dequeue();
    await other.call(other.EVENT.RELEASE, { gate: `${gate}3` });
    const rest = await read(queue);
    const echo = await duct.call(duct.EVENT.ECHO, ["again"]);
    other.close();
    return { code, first, reply, second, rest, echo };
  },

  // Sessions whose sockets are cut again and again, at bytes that a seed chooses.
  async cuts(duct, address, sessions, cuts, seed) {
    const runs = await Promise.all(Array.from({ length: Number(sessions) }, (_, i) => beCut(duct, address, Number(cuts), randomOf(Number(seed) + i), i)));
    const sum = (name) => runs.reduce((total, run) => total + run[name], 0);
    const counts = Object.keys(runs[0]).filter((name) => name !== "wrong");
    return { ...Object.fromEntries(counts.map((name) => [name, sum(name)])), wrong: runs.flatMap((run) => run.wrong) };
  },

  async monitoring(duct) {
    await until(() => duct._timeCount > 0);
    return { offset: duct.timeOffset, latency: duct.timeLatency };
  },
};

async function open(address) {
  const duct = new Duct();
  duct.eventErrorHandler = (rid, eid, data, error) => {
    console.error("eventErrorHandler", rid, eid, error);
    process.exitCode = 2;
  };
  return await duct.open(`${address}ducts/wsd`);
}

async function beCut(other, address, cuts, random, number) {
  const run = { sockets: 1, items: 0, repeated: 0, asked: 0, answered: 0, interrupted: 0, bytes: 0, done: 0, ends: 0, wrong: [] };
  const proxy = await CuttingProxy.to(address);
  const duct = await open(proxy.address);
  const gate = `cuts-${process.pid}-${number}`;
  const last = new Map();
  const lastOnSocket = new Map();
  const ended = new Set();
  const settled = new Set();
  const readers = [];
  duct.setEventHandler(duct.EVENT.FLOW, (rid, eid, item) => {
    if (item === null) {
      if (!ended.has(rid)) run.ends++;
      ended.add(rid);
      return;
    }
    const before = last.get(rid) ?? 0;
    // A new socket may begin with items that have come already; on each, one follows the other.
    const fits = lastOnSocket.has(rid) ? item === lastOnSocket.get(rid) + 1 : item <= before + 1;
    if (!fits) run.wrong.push(`${item} after ${before}`);
    if (item > before) run.items++;
    else run.repeated++;
    last.set(rid, Math.max(before, item));
    lastOnSocket.set(rid, item);
  });
  await Promise.all([1, 2].map(() => duct.call(duct.EVENT.FLOW, { gate, pause: 50 })));

  for (let i = 0; i <= cuts; i++) {
    // The first socket is cut at once, the last one not at all.
    if (i === 0) await lost(duct, () => cut(duct));
    const most = i % 3 === 2 ? 1500000 : 3000;
    proxy.cutAfter = i < cuts ? 400 + Math.floor(random() * most) : Infinity;
    // Once it has reconnected the client holds a lost socket for open, and reconnect() then does nothing.
    duct._ws = null;
    lastOnSocket.clear();
    await duct.reconnect();
    run.sockets++;
    readers.push(readBytes(duct, run, `${gate}-${i}`));
    if (i === cuts) break;
    await lost(duct, () => callUntilClosed(duct, run, gate, settled));
  }

  // On the last socket at least, bytes come whatever the cuts were.
  await until(() => run.bytes > 0);
  await other.call(other.EVENT.RELEASE, { gate });
  for (let i = 0; i <= cuts; i++) await other.call(other.EVENT.RELEASE, { gate: `${gate}-${i}` });
  await until(() => run.ends === 2);
  const done = await other.call(other.EVENT.DONE, { run: gate });
  if (new Set(done).size !== done.length) run.wrong.push("executed twice");
  await until(() => done.every((asked) => settled.has(asked)));
  run.done = done.length;
  run.answered = settled.size;
  // A stream that the server has not heard of gives nothing; all others end.
  await until(() => readers.every((reader) => reader.isOver || !reader.hasBegun));
  await duct.call(duct.EVENT.ECHO, "the last");
  duct.close();
  proxy.close();
  return run;
}

// Items of bytes: one follows the other, to the end or to an error.
function readBytes(duct, run, gate) {
  const reader = { hasBegun: false, isOver: false };
  const read = async () => {
    const queue = await duct.call(duct.EVENT.ITEMS, { gate, size: 300, pause: 10 });
    reader.hasBegun = true;
    for (let expected = 1; ; expected++) {
      const item = await queue.dequeue();
      if (item === null) return;
      // A reader that waits gets an error as if it were an item.
      if (typeof item === "string") throw new Error(item);
      const count = Buffer.from(item).readInt32LE(0);
      if (count < 0) continue;
      if (count !== expected || !isOf(item, count)) run.wrong.push(`bytes ${count} in the place of ${expected}`);
      run.bytes++;
    }
  };
  read().catch((error) => noteInterrupted(run, error)).finally(() => (reader.isOver = true));
  return reader;
}

function noteInterrupted(run, error) {
  run.interrupted++;
  if (!/^ConnectionError\('interrupted, call again'\)$/.test(error.message)) run.wrong.push(error.message);
}

function isOf(bytes, number) {
  for (let i = 4; i < bytes.length; i++) if (bytes[i] !== ((number + i * 31) & 255)) return false;
  return true;
}

function lost(duct, meanwhile) {
  const closed = new Promise((resolve) => duct._connectionListener.on("onclose", resolve));
  meanwhile();
  return closed;
}

async function callUntilClosed(duct, run, gate, settled) {
  const socket = duct._ws;
  while (socket.readyState === 1) {
    // Not awaited: the answer to one that a dead socket took never comes.
    const number = ++run.asked;
    const size = number % 8 === 0 ? 700000 : number % 50;
    duct.call(duct.EVENT.DO, { run: gate, number, size, padding: Buffer.alloc(0) }).then(
      (bytes) => {
        if (bytes.length !== size + 8 || Buffer.from(bytes).readInt32LE(0) !== number || !isOf(bytes, number)) run.wrong.push(`reply ${number}`);
        settled.add(number);
      },
      (error) => {
        noteInterrupted(run, error);
        settled.add(number);
      });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** As a network that goes away: no close frame, no farewell. */
function cut(duct) {
  const connection = duct._ws._connection;
  if (!(connection instanceof WebSocketConnection)) throw new Error("The client's WebSocket is not what it was.");
  connection.socket.destroy();
}

async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: error?.message ?? error };
  }
}

async function read(queue) {
  const items = [];
  for (let item = await queue.dequeue(); item !== null; item = await queue.dequeue()) items.push(item);
  return items;
}

async function until(condition) {
  for (const began = Date.now(); !condition(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    // Only keeps a run that fails from hanging.
    if (Date.now() - began > 120000) throw new Error(`Did not become true: ${condition}`);
  }
}

async function main([name, address, ...rest]) {
  const duct = await open(address);
  const result = await scenarios[name](duct, address, ...rest);
  process.stdout.write(JSON.stringify(result));
  // Not awaited: after a reconnect() the client's close() never resolves, whatever the server does.
  duct.close();
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

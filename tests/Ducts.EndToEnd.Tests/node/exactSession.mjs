// A session of the TypeScript client whose connections fail, and which notes what is missing, doubled or out of order. It runs in
// Node.js and in pages.
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// What cuts the very first connection, before there is a session, is told to the application: it tries again.
async function until(open) {
  for (;;) {
    try {
      return await open();
    } catch {
      await sleep(20);
    }
  }
}

async function modern({ ducts, WebSocket, connectTimeout }, address, errors) {
  const duct = await until(() => ducts.connect(`${address}ducts/wsd`, { WebSocket, connectTimeout, reconnect: { minDelay: 5, maxDelay: 60 } }));
  duct.onerror = (error) => errors.push(String(error));
  duct.onreconnected = ({ fresh }) => fresh && errors.push("a new session");
  return {
    ready: () => undefined,
    call: (event, data) => duct.call(event, data),
    send: (event, data) => duct.send(event, data),
    items: (event, data, window) => duct.stream(event, data, { window }),
    on: (event, handler) => duct.on(event, (data, { requestId, error }) => handler(requestId, data, error)),
    close: () => duct.close(),
  };
}

async function compat({ ducts, WebSocket, connectTimeout }, address, errors) {
  const duct = new ducts.Duct({ WebSocket });
  duct.eventErrorHandler = (...parts) => errors.push(parts.map(String).join());
  let isClosing = false;
  await until(() => duct.open(`${address}ducts/wsd`));
  const reconnect = async () => {
    while (!isClosing && duct.state !== 1) {
      await sleep(5 + Math.random() * 40);
      await Promise.race([duct.reconnect(), sleep(connectTimeout)]).catch(() => undefined);
    }
  };
  duct._connectionListener.onclose = () => void reconnect();
  if (duct.state !== 1) void reconnect();
  return {
    // undefined where it need not be waited for: nothing then comes between.
    ready: () => (duct.state === 1 ? undefined : sleep(5)),
    call: (event, data) => duct.call(duct.EVENT[event], data),
    send: (event, data) => duct.send(duct.nextRid(), duct.EVENT[event], data),
    async *items(event, data) {
      const queue = await duct.call(duct.EVENT[event], data);
      for (let item = await queue.dequeue(); item !== null; item = await queue.dequeue()) yield item;
    },
    on: (event, handler) => duct.setEventHandler(duct.EVENT[event], (id, eid, data) => void handler(id, data, eid < 0)),
    close: () => ((isClosing = true), duct.close()),
  };
}

/**
 * Drives one session and returns what came of it.
 *
 * @param platform What it is driven with: the client's module, and the class of its sockets.
 * @param kind Which of the client's APIs: modern or compat.
 */
export async function drive(platform, kind, address, run, seed) {
  const { patience = 60_000 } = platform;
  const random = randomOf(seed);
  const open = kind === "compat" ? compat : modern;
  const result = { run, last: 0, refused: [], pushes: 0, items: [], wrong: [] };
  const client = await open(platform, address, result.wrong);
  const answers = new Map();
  let isOver = false;
  let pending = 0;
  let large = 0;
  const ready = async () => {
    for (let wait = client.ready(); wait; wait = client.ready()) await wait;
  };
  const wrong = (text) => result.wrong.length < 20 && result.wrong.push(text);
  const numberOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  client.on("DO", (id, data, error) => {
    if (error || typeof data === "string") return wrong(`answer ${data}`);
    const number = numberOf(data);
    answers.set(number, (answers.get(number) ?? 0) + 1);
    return undefined;
  });
  client.on("PUSHES", (id, data) => {
    if (id === null && data !== ++result.pushes) wrong(`push ${data}, not ${result.pushes}`);
  });
  await ready();
  const pushing = client.call("PUSHES", { gate: run });
  // Without a window, the slow reader must not be so slow that what waits for it grows without end.
  const streams = [{ size: 0, pause: 10, slow: 0 }, { size: 0, pause: open === modern ? 0 : 30, slow: 3 }, { size: 20_000, pause: 20, slow: 0 }].map(async ({ size, pause, slow }) => {
    let last = 0;
    await ready();
    for await (const bytes of client.items("ITEMS", { gate: run, size, pause }, 16)) {
      const number = numberOf(bytes);
      if (last < 0 || Math.abs(number) !== last + 1 || (number > 0 && bytes.length !== 4 + (size && (number * 7919) % size))) wrong(`item ${number} of ${bytes.length} after ${last}`);
      last = number;
      if (slow) await sleep(slow);
    }
    if (last >= 0) wrong(`a stream ended after ${last}`);
    result.items.push(-last);
  });
  const call = async (number, size, padding) => {
    pending++;
    try {
      const bytes = await client.call("DO", { run, number, size, padding });
      if (numberOf(bytes) !== number || bytes.length !== size + 8) wrong(`${number} was answered with ${numberOf(bytes)}, ${bytes.length} bytes`);
      for (let i = 4; i < bytes.length; i++) if (bytes[i] !== ((number + i * 31) & 255)) return wrong(`byte ${i} of answer ${number}`);
      if (padding.length > 1_000_000) wrong(`${number} was not refused`);
    } catch (error) {
      if (padding.length <= 1_000_000 || !/1009|larger/.test(String(error))) wrong(`${number}: ${error}`);
    } finally {
      pending--;
      if (size > 1_000_000) large--;
    }
    return undefined;
  };
  pushing.then((count) => (result.told = count), (error) => wrong(`pushes: ${error}`)).finally(() => (isOver = true));
  while (!isOver) {
    await ready();
    const number = ++result.last;
    const chance = random();
    const padding = new Uint8Array(chance < 0.01 ? 1_500_000 : chance < 0.03 ? 700_000 : chance < 0.3 ? 9000 * random() : 20);
    if (padding.length > 1_000_000) result.refused.push(number);
    if (chance > 0.7) client.send("DO", { run, number, size: 0, padding });
    else void call(number, chance > 0.68 && large === 0 ? (large++, 3_000_000) : chance > 0.5 ? 5000 : 0, padding);
    do await sleep(random() * 12);
    while (pending > 40 && !isOver);
  }
  const until = Date.now() + patience;
  const isComplete = () => pending === 0 && answers.size === result.last - result.refused.length && result.items.length === 3;
  while (!isComplete() && Date.now() < until) await sleep(10);
  if (!isComplete()) wrong(`pending ${pending}, answers ${answers.size}, streams ${result.items.length}`);
  if (result.told !== result.pushes) wrong(`${result.told} pushes were sent, ${result.pushes} came`);
  for (const [number, count] of answers) if (count !== 1) wrong(`${number} was answered ${count} times`);
  void streams;
  await Promise.race([client.close(), sleep(5000)]);
  return result;
}

function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

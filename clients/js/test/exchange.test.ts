import { decode, encode } from "@msgpack/msgpack";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeCredit, Exchange, type Outgoing } from "../src/exchange.js";
import type { Message } from "./fakeServer.js";

let timers: { action: () => void; milliseconds: number }[];
let written: Message[];
let exchange: Exchange;

const write = (bytes: Uint8Array): void => void written.push(decode(bytes) as Message);
const welcome = (received: unknown, more: object = {}): Uint8Array => encode([null, 8, { received, life: "a", lost: false, ...more }]);
const message = (id: number, size = 10): Outgoing => {
  const head = encode([id, 1000, ""]).length;
  return { message: encode([id, 1000, "x".repeat(size - head)]), bound: false, number: 0 };
};
const ids = (): unknown[] => written.map(([id]) => id);

function begin(limit = 1_000): void {
  exchange = new Exchange("key", limit, (action, milliseconds) => {
    const timer = { action, milliseconds };
    timers.push(timer);
    return () => void (timers = timers.filter((other) => other !== timer));
  });
}

function connect(received = 0, more: object = {}): string {
  exchange.hello();
  const result = exchange.welcome(welcome(received, more));
  written = [];
  exchange.connected(write);
  return result;
}

/** The time of the only timer comes. */
function pass(): number {
  const [timer, ...others] = timers.splice(0);
  expect(others).toEqual([]);
  timer?.action();
  return timer?.milliseconds ?? NaN;
}

beforeEach(() => {
  timers = [];
  written = [];
  begin();
});

describe("HELLO", () => {
  it("names the key, what was processed, the life, and an attempt that grows", () => {
    expect(decode(exchange.hello())).toEqual([null, 13, { key: "key", received: 0, life: null, attempt: 1 }]);
    exchange.welcome(welcome(0));
    exchange.connected(write);
    exchange.processed(1000, 5);
    exchange.processed(-1000, 5);
    expect(decode(exchange.hello())).toEqual([null, 13, { key: "key", received: 2, life: "a", attempt: 2 }]);
  });

  it("has at most 4,096 bytes", () => {
    begin();
    exchange.welcome(welcome(0, { life: "x".repeat(64) }));
    expect(exchange.hello().length).toBeLessThan(4_096);
  });
});

describe("WELCOME", () => {
  it("is told from anything else", () => {
    const wrong = ["text", encode([1, 8, { received: 0, life: "a" }]), encode([null, 7, 0]), encode([null, 8, null]), encode([null, 8, {}]), new Uint8Array([0xc1])];
    for (const bytes of [...wrong, welcome("0"), welcome(0, { life: null })]) expect(exchange.welcome(bytes)).toBe("unreadable");
  });

  it("is the first, goes on, or says that the state is lost", () => {
    expect(connect()).toBe("begun");
    expect(connect()).toBe("resumed");
    expect(connect(0, { life: "b", lost: true })).toBe("lost");
    expect(connect(0, { life: "b" })).toBe("resumed");
    expect(connect(0, { life: "c" })).toBe("lost");
  });

  it("whose number does not fit ends the session", () => {
    connect();
    for (const id of [1, 2, 3]) exchange.send(message(id));
    exchange.received(2);
    for (const wrong of [1, 4, -1]) expect(exchange.welcome(welcome(wrong))).toBe("unfit");
    expect(exchange.welcome(welcome(2))).toBe("resumed");
  });

  it("with a lost state begins the numbers anew, and leaves what was never sent", () => {
    begin(20);
    connect();
    const [first, second, third] = [message(1), message(2), message(3)];
    for (const outgoing of [first, second, third]) exchange.send(outgoing);
    exchange.processed(1000, 1);
    expect([ids(), third.number]).toEqual([[1, 2], 0]);
    connect(0, { life: "b", lost: true });
    expect([ids(), third.number]).toEqual([[3], 1]);
    expect((decode(exchange.hello()) as Message)[2]).toMatchObject({ received: 0, life: "b", attempt: 3 });
  });
});

describe("what is sent", () => {
  it("is sent again from the first that did not come, as it was", () => {
    connect();
    const data = message(2);
    const bytes = [...data.message];
    for (const outgoing of [message(1), data, message(3)]) exchange.send(outgoing);
    exchange.disconnected();
    exchange.send(message(4));
    exchange.hello();
    exchange.welcome(welcome(1));
    const again: Uint8Array[] = [];
    exchange.connected((part) => again.push(part));
    expect(again.map((part) => (decode(part) as Message)[0])).toEqual([2, 3, 4]);
    expect([...(again[0] as Uint8Array)]).toEqual(bytes);
  });

  it("waits in order while the limit or more is unconfirmed, and may end above it", () => {
    begin(20);
    connect();
    for (const outgoing of [message(1), message(2, 9), message(3, 50), message(4), message(5)]) exchange.send(outgoing);
    expect(ids()).toEqual([1, 2, 3]);
    exchange.received(2);
    expect(ids()).toEqual([1, 2, 3]);
    exchange.received(3);
    expect(ids()).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([20, 21])("waits behind a message of 20 bytes where the limit is 20, and not where it is 21", (limit) => {
    begin(limit);
    connect();
    for (const outgoing of [message(1, 20), message(2)]) exchange.send(outgoing);
    expect(ids()).toEqual(limit === 20 ? [1] : [1, 2]);
  });

  it("is sent alone where it is larger than the limit, before and after it", () => {
    begin(20);
    connect();
    for (const outgoing of [message(1), message(2, 300), message(3, 300)]) exchange.send(outgoing);
    expect(ids()).toEqual([1, 2]);
    exchange.received(1);
    expect(ids()).toEqual([1, 2]);
    exchange.received(2);
    expect(ids()).toEqual([1, 2, 3]);
  });

  it("still counts for the limit when WELCOME says that it came, for it may wait in the server", () => {
    begin(20);
    connect();
    for (const id of [1, 2, 3]) exchange.send(message(id));
    connect(2);
    expect(ids()).toEqual([]);
    exchange.received(2);
    expect(ids()).toEqual([3]);
  });

  it("is confirmed by an answer, with all before it", () => {
    begin(20);
    connect();
    const second = message(2);
    for (const outgoing of [message(1), second, message(3), message(4)]) exchange.send(outgoing);
    exchange.answered(second);
    expect(ids()).toEqual([1, 2, 3, 4]);
  });

  it("and is bound waits for no limit, only for a connection, and counts for nothing", () => {
    begin(20);
    connect();
    for (const id of [1, 2, 3]) exchange.send(message(id));
    exchange.send({ ...message(9), bound: true });
    exchange.sendCredit(1, 7);
    expect(written.slice(2)).toEqual([expect.arrayContaining([9]), [null, 9, { id: 1, credit: 7 }]]);
    exchange.disconnected();
    exchange.sendCredit(1, 8);
    connect(0);
    expect(written.slice(-1)).toEqual([[null, 9, { id: 1, credit: 8 }]]);
    expect(ids()).toEqual([1, 2, 9, null, null]);
    exchange.received(2);
    expect(ids().at(-1)).toBe(3);
  });

  it("with a CREDIT is a pair, held back and sent again as one, of which each part has a number", () => {
    begin(20);
    connect();
    for (const id of [1, 2]) exchange.send(message(id));
    const stream = { ...message(3), credit: encodeCredit(3, 256) };
    exchange.send(stream);
    exchange.sendCredit(1, 1);
    exchange.received(3);
    expect(written.slice(2)).toEqual([[null, 9, { id: 1, credit: 1 }], [null, 9, { id: 3, credit: 256 }], expect.arrayContaining([3])]);
    expect(stream.number).toBe(5);
    connect(4);
    expect(ids()).toEqual([3]);
  });

  it("may be taken back before it is sent", () => {
    begin(10);
    connect();
    const [taken, second, last] = [message(2), message(3), message(4)];
    for (const outgoing of [message(1), taken, second]) exchange.send(outgoing);
    expect(exchange.drop(taken)).toBe(true);
    expect(ids()).toEqual([1]);
    exchange.received(1);
    expect(ids()).toEqual([1, 3]);
    expect([exchange.drop(second), exchange.drop(taken)]).toEqual([false, false]);
    exchange.send(last);
    expect([exchange.takeUnsent(), exchange.takeUnsent()]).toEqual([[last], []]);
  });

  it("is not confirmed by a receipt that cannot be", () => {
    begin(10);
    connect();
    for (const id of [1, 2]) exchange.send(message(id));
    for (const wrong of [2, -1, 1.5, "1", null, NaN]) exchange.received(wrong);
    expect(ids()).toEqual([1]);
  });
});

describe("a receipt", () => {
  beforeEach(() => void connect());

  it("is sent after 64 KiB, and again after 64 KiB", () => {
    exchange.processed(1000, 65_535);
    expect(written).toEqual([]);
    exchange.processed(1000, 1);
    expect(written).toEqual([[null, 7, 2]]);
    for (let n = 0; n < 1_023; n++) exchange.processed(2, 64);
    expect(written).toHaveLength(1);
    exchange.processed(2, 64);
    expect([written, timers]).toEqual([[[null, 7, 2], [null, 7, 1_026]], []]);
  });

  it("is sent for no number of small messages before its time", () => {
    for (let n = 0; n < 10_000; n++) exchange.processed(2, 6);
    expect(written).toEqual([]);
    pass();
    pass();
    expect(written).toEqual([[null, 7, 10_000]]);
  });

  it("is sent one second after the first message that it confirms", () => {
    exchange.processed(1000, 1);
    exchange.processed(1000, 1);
    const first = pass();
    exchange.processed(1000, 1);
    expect(written).toEqual([]);
    expect(first + pass()).toBe(1_000);
    expect([written, timers]).toEqual([[[null, 7, 3]], []]);
    exchange.processed(1000, 1);
    expect(timers).toHaveLength(1);
  });

  it.each([
    ["half a second", () => (exchange.processed(1000, 1), pass())],
    ["32 KiB", () => exchange.processed(1000, 32_768)],
  ])("goes along with what is sent after %s, before it, and once", (_, process) => {
    process();
    expect(written).toEqual([]);
    exchange.sendCredit(1, 5);
    exchange.send(message(2));
    expect(written).toEqual([[null, 7, 1], [null, 9, { id: 1, credit: 5 }], expect.arrayContaining([2])]);
    expect(timers).toEqual([]);
  });

  it("does not separate a CREDIT from its request", () => {
    exchange.processed(1000, 32_768);
    exchange.send({ ...message(3), credit: encodeCredit(3, 256) });
    expect(written.map(([, eventId]) => eventId)).toEqual([7, 9, 1000]);
  });

  it("does not go along with every call of many: it would be one more message each", () => {
    for (let n = 1; n <= 100; n++) {
      exchange.send(message(n));
      exchange.processed(1000, 10);
    }
    expect(ids()).not.toContain(null);
  });

  it("does not count what has no number, and counts what could not be read", () => {
    for (const eventId of [0, 7, 8]) exchange.processed(eventId, 100_000);
    expect([written, timers]).toEqual([[], []]);
    exchange.processed(undefined, 70_000);
    expect(written).toEqual([[null, 7, 1]]);
  });

  it("is not sent without a connection: HELLO has the number", () => {
    exchange.processed(1000, 1);
    exchange.disconnected();
    expect(timers).toEqual([]);
    exchange.processed(1000, 100_000);
    expect((decode(exchange.hello()) as Message)[2]).toMatchObject({ received: 2 });
    exchange.welcome(welcome(0));
    exchange.connected(write);
    expect([written, timers]).toEqual([[], []]);
  });
});

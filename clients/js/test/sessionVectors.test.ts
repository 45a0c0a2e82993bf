import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Clock } from "../src/clock.js";
import { decode, encode, encodeMessage } from "../src/codec.js";
import { encodeCredit, Exchange } from "../src/exchange.js";
import { Inbound } from "../src/inbound.js";
import { Protocol } from "../src/protocol.js";
import { Requests } from "../src/requests.js";

interface Vector {
  name: string;
  form: "hello" | "welcome" | "received" | "credit" | "end" | "ended" | "refused";
  from: "client" | "server" | "both";
  hex: string;
  text?: string;
  value: { key: string; received: number; life: string | null; attempt: number; lost: boolean; number: number; code: number; id: string; credit: number };
  written: string[];
  refusal: string;
}

// The file is the whole project's: the server's tests read it too.
const file = new URL("../../../spec/vectors/sessions.json", import.meta.url);
const { messages, malformed } = JSON.parse(readFileSync(file, "utf8")) as Record<"messages" | "malformed", Vector[]>;

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const isOf = (...forms: Vector["form"][]) => ({ form, from, hex }: Vector): boolean => forms.includes(form) && from !== "client" && !!hex;

function exchange(key = "key"): Exchange {
  return new Exchange(key, Infinity, () => () => undefined);
}

/** What a message of the server comes to. */
function receive(hex: string): unknown[][] {
  const told: unknown[][] = [];
  const note = (what: string) => (...values: unknown[]) => void told.push([what, ...values]);
  const inbound = new Inbound(new Requests(), new Clock(), {
    message: note("message"),
    alive: note("alive"),
    received: note("received"),
    refused: note("refused"),
    answered: note("answered"),
    unread: note("unread"),
    error: note("error"),
  });
  inbound.receive(bytesOf(hex));
  return told;
}

function write({ form, value }: Vector): Uint8Array {
  const id = value.id && decode(bytesOf(value.id));
  switch (form) {
    case "hello":
      return encode([null, Protocol.hello, { key: value.key, received: value.received, life: value.life, attempt: value.attempt }]);
    case "received":
      return encode([null, Protocol.received, value.number]);
    case "credit":
      return encodeCredit(id, value.credit);
    default:
      return encodeMessage(id, Protocol.end, null);
  }
}

describe("the project's vectors for sessions that lose nothing", () => {
  it.each(messages.filter(({ written }) => written.includes("js")))("write $form: $name", (vector) => {
    expect(hexOf(write(vector))).toBe(vector.hex);
  });

  it.each(messages.filter(({ text }) => text))("$form: $name is the same in text", ({ text, hex }) => {
    const { request_id, event_id, data } = JSON.parse(text as string);
    expect(decode(bytesOf(hex))).toEqual([request_id, event_id, data]);
  });

  it("write the first HELLO and a later one", () => {
    const [, first, later] = messages.filter(({ form }) => form === "hello") as [Vector, Vector, Vector];
    const begun = exchange(first.value.key);
    expect(hexOf(begun.hello())).toBe(first.hex);
    expect(begun.welcome(encode([null, Protocol.welcome, { received: 0, life: later.value.life, lost: false }]))).toBe("begun");
    begun.connected(() => undefined);
    for (let i = 0; i < later.value.received; i++) begun.processed(1000, 10);
    expect(hexOf(begun.hello())).toBe(later.hex);
  });

  it.each(messages.filter(isOf("welcome")))("read WELCOME: $name", ({ hex, value }) => {
    const begun = exchange();
    begun.hello();
    // What it says to have received, nobody has sent here.
    expect(begun.welcome(bytesOf(hex))).toBe(value.received > 0 ? "unfit" : "begun");
    expect((decode(begun.hello()) as [null, number, { life: string }])[2].life).toBe(value.life);
  });

  it.each(messages.filter(isOf("received")))("read RECEIVED: $name", ({ hex, value }) => {
    expect(receive(hex)).toEqual([["received", value.number]]);
  });

  it.each(messages.filter(isOf("refused")))("read what was refused: $name", ({ hex, value }) => {
    expect(receive(hex)).toEqual([["refused", value.number, value.code]]);
  });

  it.each(messages.filter(isOf("ended")))("read the answer to END: $name", ({ hex, value }) => {
    expect(receive(hex)).toContainEqual(["message", Protocol.end, true, decode(bytesOf(value.id)), undefined]);
  });

  it.each(malformed.filter(isOf("welcome")))("refuse WELCOME: $name", ({ hex }) => {
    const begun = exchange();
    begun.hello();
    expect(["unreadable", "unfit"]).toContain(begun.welcome(bytesOf(hex)));
  });

  it.each(malformed.filter(isOf("received")))("ignore RECEIVED: $name", ({ hex }) => {
    const begun = exchange();
    begun.hello();
    begun.welcome(encode([null, Protocol.welcome, { received: 0, life: "life", lost: false }]));
    const written: string[] = [];
    begun.connected((bytes) => written.push(hexOf(bytes)));
    begun.send({ message: encode("kept"), bound: true, number: 0 });
    for (const [what, number] of receive(hex)) if (what === "received") begun.received(number);
    begun.hello();
    begun.connected((bytes) => written.push(hexOf(bytes)));
    expect(written).toEqual([hexOf(encode("kept")), hexOf(encode("kept"))]);
  });

  it.each(malformed.filter(isOf("refused")))("take for no refusal: $name", ({ hex }) => {
    expect(receive(hex).map(([what]) => what)).not.toContain("refused");
  });
});

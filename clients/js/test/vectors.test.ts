import { ExtData } from "@msgpack/msgpack";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../src/codec.js";

interface Meaning {
  nil?: true;
  bool?: boolean;
  int?: string;
  float?: string;
  string?: string;
  bin?: string;
  array?: Meaning[];
  map?: [Meaning, Meaning][];
  ext?: number;
  data?: string;
  timestamp?: string;
  nested?: number;
  times?: number;
}

interface Vectors {
  valid: { name: string; hex: string; value: Meaning; canonical: boolean }[];
  invalid: { name: string; hex: string; status: string }[];
}

// The file is the whole project's: the server's tests read it too.
const file = new URL("../../../spec/vectors/messagepack.json", import.meta.url);
const { valid, invalid } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

/** Bytes separated by blanks, where `61*3` stands for `616161`. */
function bytesOf(hex: string): Uint8Array {
  const parts = hex.split(" ").map((part) => part.split("*") as [string, string?]);
  return new Uint8Array(Buffer.from(parts.map(([bytes, times]) => bytes.repeat(Number(times ?? 1))).join(""), "hex"));
}

function valueOf(meaning: Meaning): unknown {
  const { nil, bool, int, float, string, bin, array, map, nested, times = 1 } = meaning;
  if (nil) return null;
  if (bool !== undefined) return bool;
  if (int !== undefined) return Number.isSafeInteger(Number(int)) ? Number(int) : BigInt(int);
  if (float !== undefined) return Number(float);
  if (string !== undefined) return string.repeat(times);
  if (bin !== undefined) return new Uint8Array(Buffer.from(bin.repeat(times), "hex"));
  if (nested !== undefined) return Array.from({ length: nested }).reduce<unknown[]>((inner, _, i) => (i ? [inner] : inner), []);
  if (map !== undefined) return Object.fromEntries(map.map(([key, value]) => [String(valueOf(key)), valueOf(value)]));
  if (array !== undefined) return Array.from({ length: times }).flatMap(() => array.map(valueOf));
  return new ExtData(meaning.ext as number, new Uint8Array(Buffer.from(meaning.data ?? "", "hex")));
}

/** Type 0 is what another client writes; this one never gets it from a server. */
const ofAnotherClient = (name: string): boolean => name.includes("of the JavaScript client");

/** The server reads malformed text leniently; it never writes any, so how a client shows it does not matter. */
function isWellFormed(hex: string): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(hex.slice(hex.indexOf(" ") + 1)));
    return true;
  } catch {
    return false;
  }
}

/** Whether JavaScript can tell this value from another that is written differently. */
function isExpressible({ float, map }: Meaning): boolean {
  if (float !== undefined) return !Number.isSafeInteger(Number(float));
  return map?.every(([key]) => key.string !== undefined) ?? true;
}

describe("the project's MessagePack vectors", () => {
  it.each(valid.filter(({ name }) => !ofAnotherClient(name)))("read: $name", ({ hex, value }) => {
    const actual = decode(bytesOf(hex));
    if (value.string !== undefined && !isWellFormed(hex)) expect(actual).toBeTypeOf("string");
    // A Date has whole milliseconds.
    else if (value.timestamp !== undefined) expect(Number(actual) / 1000).toBeCloseTo(Date.parse(value.timestamp) / 1000, 2);
    else expect(actual).toEqual(valueOf(value));
  });

  it.each(valid.filter(({ canonical, value }) => canonical && isExpressible(value)))("write: $name", ({ hex, value }) => {
    expect(Buffer.compare(encode(valueOf(value)), bytesOf(hex))).toBe(0);
  });

  // How deep a server's message may be is the server's concern.
  it.each(invalid.filter(({ status }) => status !== "TooDeep"))("refuse: $name", ({ hex }) => {
    expect(() => decode(bytesOf(hex))).toThrow();
  });
});

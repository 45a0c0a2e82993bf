import { describe, expect, it } from "vitest";
import { decode, encode, frame } from "../src/codec.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("packing", () => {
  it.each([
    ["undefined as nil", undefined, "c0"],
    ["undefined in an array as nil", [undefined], "91c0"],
    ["a map without its undefined values", { a: undefined, b: 1 }, "81a16201"],
    ["NaN as a float", NaN, "cb7ff8000000000000"],
    ["infinity as a float", Infinity, "cb7ff0000000000000"],
    ["minus infinity as a float", -Infinity, "cbfff0000000000000"],
    ["bytes as bin", new Uint8Array([1, 2]), "c4020102"],
    ["a buffer as bin", new Uint8Array([1, 2]).buffer, "c4020102"],
    ["a view as its bytes", new Uint16Array([0x0201]), "c4020102"],
    ["a date as text", new Date(0), "b8313937302d30312d30315430303a30303a30302e3030305a"],
    ["an invalid date as nil", new Date(NaN), "c0"],
    ["a map of type Map", new Map<unknown, unknown>([["a", 1]]), "81a16101"],
    ["a Set as an array", new Set([1, 2]), "920102"],
    ["an object by its toJSON", { toJSON: () => "x" }, "a178"],
    ["a bigint", 18446744073709551615n, "cfffffffffffffffff"],
    ["a negative bigint", -9223372036854775808n, "d38000000000000000"],
    ["a number over 32 bits as an integer", 4294967296, "cf0000000100000000"],
    ["a negative number over 32 bits as an integer", -4294967296, "d3ffffffff00000000"],
    ["a large number beside a bigint as an integer", [4294967296, 1n], "92cf0000000100000000cf0000000000000001"],
  ])("writes %s", (_, value, expected) => {
    expect(hex(encode(value))).toBe(expected);
  });

  it("refuses what cannot be sent", () => {
    expect(() => encode(() => 1)).toThrow(TypeError);
    expect(() => encode([Symbol("x")])).toThrow(TypeError);
    expect(() => encode({ a: 2n ** 64n })).toThrow(RangeError);
  });

  it("is usable again after a value was refused", () => {
    expect(() => encode([1, () => 1])).toThrow(TypeError);
    expect(hex(encode([1]))).toBe("9101");
  });

  it("puts packed data into a message", () => {
    expect(decode(frame(7, 1000, encode({ a: [1n, "x"] })))).toEqual([7, 1000, { a: [1, "x"] }]);
    expect(decode(frame(2 ** 40, 1000, encode(null)))).toEqual([2 ** 40, 1000, null]);
  });
});

describe("unpacking", () => {
  it("gives exact integers: numbers where they can hold it, else bigint", () => {
    expect(decode(Buffer.from("93cf001fffffffffffffcf0020000000000000d38000000000000000", "hex"))).toEqual([
      Number.MAX_SAFE_INTEGER,
      9007199254740992n,
      -9223372036854775808n,
    ]);
  });

  it("finds wide integers in nested maps and arrays, and leaves bytes alone", () => {
    const packed = encode({ a: [{ b: 2n ** 60n, c: 5n }], bytes: new Uint8Array([0xcf, 0xd3]), d: null });
    expect(decode(packed)).toEqual({ a: [{ b: 2n ** 60n, c: 5 }], bytes: new Uint8Array([0xcf, 0xd3]), d: null });
  });

  it("reads maps whose keys are not text", () => {
    expect(decode(Buffer.from("82c2010102", "hex"))).toEqual({ false: 1, 1: 2 });
  });
});

import { describe, expect, it } from "vitest";
import { decode, decodeHead, encode, encodeMessage, frame } from "../src/codec.js";

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

  class Point {
    constructor(
      readonly x: number,
      readonly y: number,
    ) {}
  }

  it.each([
    ["an object of a class as its properties", new Point(1, 2), "82a17801a17902"],
    ["a number object as its number", Object(5) as unknown, "05"],
    ["a string object as its string", Object("x") as unknown, "a178"],
    ["an object without a prototype as a map", Object.assign(Object.create(null), { a: 1 }), "81a16101"],
    ["keys of a Map that are numbers as text", new Map([[1, 2]]), "81a13102"],
  ])("writes %s", (_, value, expected) => {
    expect(hex(encode(value))).toBe(expected);
  });

  const cycle: unknown[] = [1];
  cycle.push({ again: cycle });
  const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1);

  it.each([
    ["a Blob", new Blob(["x"]), "data cannot be sent: it is of class Blob"],
    ["a File", { user: { photos: [1, new File(["x"], "a.png")] } }, "data.user.photos[1] cannot be sent: it is of class File"],
    ["a FormData", [new FormData()], "data[0] cannot be sent: it is of class FormData"],
    ["a Promise", { a: Promise.resolve(1) }, "data.a cannot be sent: it is of class Promise"],
    ["what has then", { a: Object.assign(new (class Later {})(), { then: () => {}, b: 1 }) }, "data.a cannot be sent: it is of class Later"],
    ["a function", { "on click": () => 1 }, 'data["on click"] cannot be sent: it is a function'],
    ["a symbol", new Map([["a", Symbol("x")]]), "data.a cannot be sent: it is a symbol"],
    ["an error", { error: new Error("x") }, "data.error cannot be sent: it is of class Error"],
    ["an error with properties", Object.assign(new RangeError("x"), { code: 1 }), "data cannot be sent: it is of class RangeError"],
    ["a regular expression", { a: /x/ }, "data.a cannot be sent: it is of class RegExp"],
    ["a WeakMap with properties", Object.assign(new WeakMap(), { a: 1 }), "data cannot be sent: it is of class WeakMap"],
    ["parameters of a URL", { a: new URLSearchParams("a=1") }, "data.a cannot be sent: it is of class URLSearchParams"],
    ["headers", { a: new Headers() }, "data.a cannot be sent: it is of class Headers"],
    ["an iterator", [[1].values()], "data[0] cannot be sent"],
    ["an object of a class without properties", { a: new (class Empty {})() }, "data.a cannot be sent: it is of class Empty"],
    ["a value that contains itself", { a: cycle }, "data.a[1].again cannot be sent: it contains itself"],
    ["a value that is nested too deep", deep, "is nested too deep"],
    ["a Map whose keys have one text", new Map<unknown, string>([[1, "a"], ["1", "b"]]), 'data cannot be sent: it has two keys "1"'],
    ["a Map with an object for its key", { a: new Map([[{}, 1]]) }, "data.a cannot be sent: it has a key of type object"],
    ["a bigint over 64 bits", [2n ** 64n], "data[0]: 18446744073709551616 does not fit into 64 bits"],
  ])("refuses %s and says where it is", (_, value, message) => {
    expect(() => encodeMessage(1, 1000, value)).toThrow(message);
  });

  it("takes a value that is in two places", () => {
    const twice = { n: 1n };
    expect(decode(encode({ a: twice, b: [twice, twice] }))).toEqual({ a: { n: 1 }, b: [{ n: 1 }, { n: 1 }] });
  });

  it("takes the key __proto__ like any other, there and back", () => {
    const parsed = JSON.parse('{"a":[{"__proto__":{"admin":true}}],"n":1}') as unknown;
    for (const sent of [parsed, new Map([["a", [new Map([["__proto__", { admin: true }]])]], ["n", 1]] as [string, unknown][])]) {
      const back = decode(encode(sent)) as { a: [{ admin?: unknown }] };
      expect(JSON.stringify(back)).toBe(JSON.stringify(parsed));
      expect(back.a[0].admin).toBeUndefined();
    }
    expect(Object.keys(decode(encode(new Map([["__proto__", 2n ** 60n]]))) as object)).toEqual(["__proto__"]);
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

  it("gives no map another prototype, whatever its keys are", () => {
    // {["__proto__"]: {x: 1}} with the key in an array, and {"__proto__": {x: 1}, "12345678\u00e9": 2}.
    const inArray = decode(Buffer.from("8191a95f5f70726f746f5f5f81a17801", "hex")) as { x?: number };
    expect([Object.keys(inArray), inArray.x]).toEqual([["__proto__"], undefined]);
    const beside = decode(Buffer.from("82a95f5f70726f746f5f5f81a17801a9313233343536373ca902", "hex")) as { x?: number };
    expect([Object.keys(beside).length, beside.x]).toEqual([2, undefined]);
  });

  it("reads the ids of a message whose data is broken", () => {
    expect(decodeHead(Buffer.from("9307cd03e8c1", "hex"))).toEqual([7, 1000]);
    expect(decodeHead(Buffer.from("9307cd03e8", "hex"))).toEqual([7, 1000]);
    expect(decodeHead(Buffer.from("9307", "hex"))).toEqual([7]);
    expect(decodeHead(Buffer.from("c1", "hex"))).toEqual([]);
    expect(decodeHead(Buffer.alloc(0))).toEqual([]);
  });
});

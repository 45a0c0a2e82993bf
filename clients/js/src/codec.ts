import { Decoder, DecodeError, decodeTimestampExtension, Encoder, EXT_TIMESTAMP, ExtData } from "@msgpack/msgpack";
import { isPlain, toPlain } from "./plain.js";

/** Thrown from inside the encoder when a value needs rewriting first; never leaves this file. */
const needsRewriting = new Error("needs rewriting");

/** Of extension types, timestamps are read and none is written. */
const extensionCodec = {
  tryToEncode: (): null => null,
  decode: (data: Uint8Array, type: number): unknown => (type === EXT_TIMESTAMP ? decodeTimestampExtension(data) : new ExtData(type, data)),
};

const probe = {
  ...extensionCodec,
  tryToEncode(value: unknown): null {
    if (isPlain(value)) return null;
    throw needsRewriting;
  },
};

// A map's undefined values are left out, as JSON does: to a handler they are arguments not given.
const encoder = new Encoder({ extensionCodec: probe, ignoreUndefined: true });
const wideEncoder = new Encoder({ extensionCodec, useBigInt64: true, ignoreUndefined: true });

const proto = "__proto__";

/** Stands for the key `__proto__` while a map is read, for an assignment to that one would set the map's prototype. */
const protoStandIn = "\0__proto__";

const toKey = (key: unknown): string | number => (typeof key === "number" ? key : String(key));

/** As the decoder itself does for text: maps with that key are read by another decoder. */
const mapKeyConverter = (key: unknown): string | number => {
  const converted = toKey(key);
  if (converted === proto) throw new DecodeError("A map has the key __proto__.");
  return converted;
};

const text = new TextDecoder();
const keyDecoder = {
  canBeCached: (length: number) => length === proto.length,
  decode(bytes: Uint8Array, offset: number, length: number): string {
    const key = text.decode(bytes.subarray(offset, offset + length));
    return key === proto ? protoStandIn : key;
  },
};

const decoder = new Decoder({ extensionCodec, mapKeyConverter });
const wideDecoder = new Decoder({ extensionCodec, mapKeyConverter, useBigInt64: true });
const protoDecoder = new Decoder({
  mapKeyConverter: (key) => (toKey(key) === proto ? protoStandIn : toKey(key)),
  extensionCodec,
  useBigInt64: true,
  keyDecoder,
});

/**
 * Packs a value. Never makes an extension type, which no client and server of the protocol reads: a `Date` becomes its
 * ISO 8601 text, a `Map` a map, a `Set` an array, an `ArrayBuffer` and its views bytes, a `bigint` a 64-bit integer,
 * an object with `toJSON` what that returns, one of a class its own properties; `undefined` is nil. `NaN` and the
 * infinities are floats.
 *
 * @param name What an error calls the value.
 * @throws TypeError for what has no such form: functions, symbols, promises, `Blob`, `File`, `FormData`, errors and other
 * objects of the platform, objects of a class without properties, values that contain themselves, maps two of whose keys
 * are the same text, values that are nested too deep. RangeError for a `bigint` over 64 bits.
 */
export function encode(value: unknown, name = "the value"): Uint8Array<ArrayBuffer> {
  try {
    return encoder.encode(value);
  } catch {
    // Whatever it was, the copy is made of what can be packed, or says what cannot and where it is.
    return wideEncoder.encode(toPlain(value, name));
  }
}

/** Packs the message `[requestId, eventId, data]`. An error calls the data `data`. */
export function encodeMessage(requestId: unknown, eventId: number | string, data: unknown): Uint8Array<ArrayBuffer> {
  try {
    return encoder.encode([requestId, eventId, data]);
  } catch {
    return wideEncoder.encode([toPlain(requestId, "the request's id"), eventId, toPlain(data, "data")]);
  }
}

/**
 * Unpacks a value. Integers that a number cannot hold exactly come as `bigint`, all others as numbers. The key `__proto__`
 * is one like any other, as in `JSON.parse`.
 */
export function decode(bytes: Uint8Array): unknown {
  try {
    // 64-bit integers start with one of these two; where neither occurs, the faster way is exact.
    if (!bytes.includes(0xcf) && !bytes.includes(0xd3)) return decoder.decode(bytes);
    return narrow(wideDecoder.decode(bytes));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return renameKeys(narrow(protoDecoder.decode(bytes)));
  }
}

/**
 * What can be read of a message `[requestId, eventId, data]` whose data cannot: its first two values, as far as they are
 * there.
 */
export function decodeHead(bytes: Uint8Array): unknown[] {
  const head: unknown[] = [];
  if (bytes[0] !== 0x93) return head;
  try {
    for (const value of decoder.decodeMulti(bytes.subarray(1))) {
      head.push(value);
      if (head.length === 2) break;
    }
  } catch {
    // Cut off or worse: what came before is all there is.
  }
  return head;
}

/** The message `[requestId, eventId, data]` of data that is packed already. */
export function frame(requestId: number, eventId: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encode([requestId, eventId]);
  const message = new Uint8Array(head.length + data.length);
  message.set(head);
  message[0] = 0x93;
  message.set(data, head.length);
  return message;
}

function narrow(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const container = value as Record<string | number, unknown>;
  for (const key of Object.keys(container)) {
    const item = container[key];
    if (typeof item === "bigint" || typeof item === "object") container[key] = narrow(item);
  }
  return value;
}

function renameKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const item = renameKeys(container[key]);
    if (key !== protoStandIn) continue;
    delete container[key];
    Object.defineProperty(container, proto, { value: item, writable: true, enumerable: true, configurable: true });
  }
  return value;
}

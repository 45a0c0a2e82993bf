import { Decoder, Encoder, ExtensionCodec } from "@msgpack/msgpack";
import { isPlain, toPlain } from "./plain.js";

/** Thrown from inside the encoder when a value needs rewriting first; never leaves this file. */
const needsRewriting = new Error("needs rewriting");

const probe = {
  tryToEncode(value: unknown): null {
    if (isPlain(value)) return null;
    throw needsRewriting;
  },
  decode: (data: Uint8Array, type: number, context: undefined) => ExtensionCodec.defaultCodec.decode(data, type, context),
};

// A map's undefined values are left out, as JSON does: to a handler they are arguments not given.
const encoder = new Encoder({ extensionCodec: probe, ignoreUndefined: true });
const wideEncoder = new Encoder({ useBigInt64: true, ignoreUndefined: true });

const mapKeyConverter = (key: unknown): string | number => (typeof key === "number" ? key : String(key));
const decoder = new Decoder({ mapKeyConverter });
const wideDecoder = new Decoder({ mapKeyConverter, useBigInt64: true });

/**
 * Packs a value. Never makes an extension type, which no client and server of the protocol reads: a `Date` becomes its
 * ISO 8601 text, a `Map` a map, a `Set` an array, an `ArrayBuffer` and its views bytes, a `bigint` a 64-bit integer,
 * an object with `toJSON` what that returns; `undefined` is nil. `NaN` and the infinities are floats.
 *
 * @throws TypeError for functions and symbols, RangeError for a `bigint` over 64 bits.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  try {
    return encoder.encode(value);
  } catch (error) {
    if (error !== needsRewriting) throw error;
  }
  return wideEncoder.encode(toPlain(value));
}

/** Unpacks a value. Integers that a number cannot hold exactly come as `bigint`, all others as numbers. */
export function decode(bytes: Uint8Array): unknown {
  // 64-bit integers start with one of these two; where neither occurs, the faster way is exact.
  if (!bytes.includes(0xcf) && !bytes.includes(0xd3)) return decoder.decode(bytes);
  return narrow(wideDecoder.decode(bytes));
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

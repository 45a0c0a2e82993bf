const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/** Whether the MessagePack encoder writes this value, itself and not what is in it, as it should. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return true;
  return (
    typeof (value as { toJSON?: unknown }).toJSON !== "function" &&
    !(value instanceof Map || value instanceof Set || value instanceof ArrayBuffer)
  );
}

/** A copy of a value in which all is of a kind that the MessagePack encoder with 64-bit integers writes as it should. */
export function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      // The encoder writes integers over 32 bits as floats when bigint is enabled.
      return Number.isSafeInteger(value) && (value > 0xffffffff || value < -0x80000000) ? BigInt(value) : value;
    case "bigint":
      if (value < int64Min || value > uint64Max) throw new RangeError(`${value} does not fit into 64 bits.`);
      return value;
    case "function":
    case "symbol":
      throw new TypeError(`A ${typeof value} cannot be sent.`);
    case "object":
      return value === null ? null : objectToPlain(value);
    default:
      return value;
  }
}

function objectToPlain(value: object): unknown {
  if (ArrayBuffer.isView(value)) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Set) return Array.from(value, toPlain);
  const { toJSON } = value as { toJSON?: () => unknown };
  if (typeof toJSON === "function") return toPlain(toJSON.call(value));
  const entries = value instanceof Map ? value.entries() : Object.entries(value);
  const plain: Record<string, unknown> = {};
  for (const [key, item] of entries) plain[String(key)] = toPlain(item);
  return plain;
}

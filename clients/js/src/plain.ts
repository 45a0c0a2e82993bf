const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/** How deep a value may be nested; the encoder counts the message around it, too, and takes 100 levels. */
const maxDepth = 98;

/** Whether the MessagePack encoder writes this value, itself and not what is in it, as it should. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !hasToJson(value);
}

/**
 * A copy of a value in which all is of a kind that the MessagePack encoder with 64-bit integers writes as it should.
 *
 * @param name What the value is called where a part of it cannot be sent, such as `data`: the error then names
 * `data.photo[0]`.
 */
export function toPlain(value: unknown, name: string): unknown {
  return new Copier(name).copy(value);
}

class Copier {
  readonly #path: string[];
  readonly #parents = new Set<object>();

  constructor(name: string) {
    this.#path = [name];
  }

  copy(value: unknown): unknown {
    switch (typeof value) {
      case "number":
        // The encoder writes integers over 32 bits as floats when bigint is enabled.
        return Number.isSafeInteger(value) && (value > 0xffffffff || value < -0x80000000) ? BigInt(value) : value;
      case "bigint":
        if (value < int64Min || value > uint64Max) throw new RangeError(`${this.#name}: ${value} does not fit into 64 bits.`);
        return value;
      case "function":
      case "symbol":
        return this.#refuse(`is a ${typeof value}`);
      case "object":
        return value === null || ArrayBuffer.isView(value) ? value : this.#copyObject(value);
      default:
        return value;
    }
  }

  get #name(): string {
    return this.#path.join("");
  }

  #copyObject(value: object): unknown {
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (this.#parents.has(value)) this.#refuse("contains itself");
    if (this.#parents.size >= maxDepth) this.#refuse("is nested too deep");
    this.#parents.add(value);
    const copy = this.#copyParts(value);
    this.#parents.delete(value);
    return copy;
  }

  #copyParts(value: object): unknown {
    if (Array.isArray(value)) return value.map((item, index) => this.#copyPart(`[${index}]`, item));
    if (value instanceof Set) return Array.from(value, (item, index) => this.#copyPart(`[${index}]`, item));
    if (hasToJson(value)) return this.copy(value.toJSON());
    if (value instanceof Map) return this.#copyEntries(value);
    if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
    if (!hasData(value)) this.#refuse(`is of class ${nameOf(value)}`);
    return this.#copyEntries(Object.entries(value));
  }

  #copyEntries(entries: Iterable<[unknown, unknown]>): unknown {
    // Without a prototype "__proto__" is a key like any other.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of entries) {
      const text = this.#keyOf(key);
      if (text in copy) this.#refuse(`has two keys ${JSON.stringify(text)}`);
      copy[text] = this.#copyPart(/^[A-Za-z_$][\w$]*$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`, item);
    }
    return copy;
  }

  #keyOf(key: unknown): string {
    if (Object(key) === key || typeof key === "symbol") this.#refuse(`has a key of type ${typeof key}`);
    return String(key);
  }

  #copyPart(step: string, value: unknown): unknown {
    this.#path.push(step);
    const copy = this.copy(value);
    this.#path.pop();
    return copy;
  }

  #refuse(what: string): never {
    throw new TypeError(`${this.#name} cannot be sent: it ${what}.`);
  }
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/**
 * Whether an object's own properties are what it means. Those of a class of the platform, such as `Blob`, `Promise`,
 * `Error` or an element of a page, are not, whatever a library has added to it.
 */
function hasData(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // A plain object; another window's has another Object, so it is not compared with this one's.
  if (prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty"))) return true;
  if (value instanceof Error || typeof (value as { then?: unknown }).then === "function") return false;
  return Object.keys(value).length > 0 && !/\{\s*\[native code\]/.test(String(prototype.constructor));
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name : Object.prototype.toString.call(value).slice(8, -1);
}

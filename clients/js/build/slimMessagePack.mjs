// Leaves out of @msgpack/msgpack what the client does not use and a bundler cannot see to be unused: methods that read
// streams, a second way to encode, extension types that are written, options that the client does not set. Names that only
// the package and the codec use are shortened.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("@msgpack/msgpack/package.json")), "dist.esm");

/** What is cut, from a first text up to, not including, a second. */
const cuts = {
  "Decoder.mjs": [
    // Every engine that knows private members throws what is tested for.
    ["try {\n    // IE11", "const MORE_DATA"],
    // Nothing of the client runs while it reads, so a decoder is not called by itself.
    ["    clone() {", "    reinitializeState() {"],
    ["    appendBuffer(", "    hasRemaining("],
    ["    async decodeAsync(", "    doDecodeSync() {"],
    ["    readArraySize() {", "    pushMapState(size) {\n        if"],
  ],
  "Encoder.mjs": [
    ["    encodeSharedRef(", "    encode("],
    ["    encodeExtension(", "    writeU8("],
  ],
  "CachedKeyDecoder.mjs": [],
  "DecodeError.mjs": [["    constructor(", "}\n//#"]],
  "typedArrays.mjs": [["    else if (isArrayBufferLike", "}\n//#"]],
};

/** What is replaced. */
const replacements = {
  "Decoder.mjs": [
    // Limits that the client does not set: a message is no larger than what came.
    [/if \([^\n]* > this\.max\w+Length\) \{\s*throw new DecodeError\([^;]*\);\s*\}/g, ""],
    [/if \(this\.entered\) \{[^}]*\}/g, ""],
    [/try \{\s*this\.entered = true;([^]*?)\n {8}\}\n {8}finally \{\s*this\.entered = false;\s*\}/g, "$1"],
    [/ {4}(entered|totalPos) = .*\n/g, ""],
    [/this\.totalPos = 0;/, ""],
    // A state that is used again is set up anew; what it holds until then is to be freed.
    [/(release\(state\) \{)[^]*?(this\.stackHeadPosition--;)/, "$1 state.array = state.map = undefined; $2"],
    [/ \?\? ExtensionCodec\.defaultCodec/, ""],
  ],
  "Encoder.mjs": [
    [/(clone\(\) \{)[^]*?\n {4}\}\n/, "$1 return new Encoder(this); }\n"],
    [/this\.encodeExtension\(ext\);/, ""],
    [/ \?\? ExtensionCodec\.defaultCodec/, ""],
  ],
  "CachedKeyDecoder.mjs": [
    [/constructor\([^)]*\)/, "constructor()"],
    [/ {4}(hit|miss) = .*\n/g, ""],
    [/this\.(hit|miss)\+\+;/g, ""],
  ],
  "DecodeError.mjs": [],
  "typedArrays.mjs": [],
};

/** Options and what they are where nobody sets them. */
const unset = {
  context: "undefined",
  maxDepth: "100",
  initialBufferSize: "2048",
  sortKeys: "false",
  forceFloat32: "false",
  forceIntegerToFloat: "false",
  rawStrings: "false",
  maxKeyLength: "16",
  maxLengthPerKey: "16",
};

/** Names that users of the package set as options, or that are too short to be worth it. */
const kept = /^(max\w+|pos|view|bytes|find|store|clone)$/;

/** Names that the package does not call private, and nobody else uses. */
const inner = [
  ...["extensionCodec", "useBigInt64", "ignoreUndefined", "mapKeyConverter", "keyDecoder", "tryToEncode", "canBeCached", "caches"],
  ...["stackHeadPosition", "getUninitializedStateFromPool", "readCount", "createExtraByteError", "doDecodeSync"],
];

const privateNames = ["Decoder", "Encoder"]
  .flatMap((name) => [...readFileSync(join(folder, `${name}.d.ts`), "utf8").matchAll(/private (?:readonly )?(\w+)[;(]/g)])
  .map(([, name]) => name)
  .filter((name) => !kept.test(name));

/** For the option `mangleProps` of esbuild. */
export const mangleProps = new RegExp(`^(${[...new Set([...privateNames, ...inner])].join("|")})$`);

/** A plugin of esbuild. */
export const slimMessagePack = {
  name: "slim-messagepack",
  setup(build) {
    build.onLoad({ filter: /msgpack[\\/]dist\.esm[\\/](?:utils[\\/])?(Decoder|Encoder|CachedKeyDecoder|DecodeError|typedArrays)\.mjs$/ }, ({ path }) => {
      const name = path.split(/[\\/]/).at(-1);
      const changed = () => new Error(`${path} is not what it was: look at build/slimMessagePack.mjs.`);
      let contents = readFileSync(path, "utf8");
      for (const [from, to] of cuts[name]) {
        const start = contents.indexOf(from);
        const end = contents.indexOf(to, start + from.length);
        if (start < 0 || end < 0) throw changed();
        contents = contents.slice(0, start) + contents.slice(end);
      }
      for (const [what, by] of replacements[name]) {
        if (contents.search(what) < 0) throw changed();
        contents = contents.replace(what, by);
      }
      for (const [option, value] of Object.entries(unset)) {
        contents = contents.replace(new RegExp(` {8}this\\.${option} = .*\\n`), "").replaceAll(new RegExp(`this\\.${option}\\b`, "g"), value);
      }
      // A field without a value is set before it is read.
      contents = contents.replaceAll(/^ {4}\w+;\n/gm, "");
      return { contents, loader: "js" };
    });
  },
};

// Leaves out of @msgpack/msgpack what the client does not use and a bundler cannot see to be unused: methods that read
// streams, a second way to encode, and timestamps, which the client never writes. Names that the package calls private
// are shortened.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("@msgpack/msgpack/package.json")), "dist.esm");

/** What is cut, from a first text up to, not including, a second. */
const cuts = {
  "Decoder.mjs": [["    async decodeAsync(", "    doDecodeSync() {"]],
  "Encoder.mjs": [["    encodeSharedRef(", "    encode("]],
  "timestamp.mjs": [["const TIMESTAMP32_MAX_SEC", "export function decodeTimestampToTimeSpec("]],
};

/** Limits that the client does not set: a message is no larger than what came. */
const unusedLimit = /if \([^\n]* > this\.max\w+Length\) \{\s*throw new DecodeError\([^;]*\);\s*\}/g;

const timestampStubs = `
export const encodeTimestampExtension = () => null;
export let encodeDateToTimeSpec, encodeTimeSpecToTimestamp;
`;

/** Names that users of the package set as options, or that are too short to be worth it. */
const kept = /^(extensionCodec|context|useBigInt64|max\w+|initialBufferSize|sortKeys|force\w+|ignoreUndefined|rawStrings|keyDecoder|mapKeyConverter|pos|view|bytes|find|store|clone)$/;

const privateNames = ["Decoder", "Encoder"]
  .flatMap((name) => [...readFileSync(join(folder, `${name}.d.ts`), "utf8").matchAll(/private (?:readonly )?(\w+)[;(]/g)])
  .map(([, name]) => name)
  .filter((name) => !kept.test(name));

/** For the option `mangleProps` of esbuild. */
export const mangleProps = new RegExp(`^(${privateNames.join("|")})$`);

/** A plugin of esbuild. */
export const slimMessagePack = {
  name: "slim-messagepack",
  setup(build) {
    build.onLoad({ filter: /msgpack[\\/]dist\.esm[\\/](Decoder|Encoder|timestamp)\.mjs$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [from, to] of cuts[path.split(/[\\/]/).at(-1)]) {
        const start = contents.indexOf(from);
        const end = contents.indexOf(to, start + from.length);
        if (start < 0 || end < 0) throw new Error(`${path} is not what it was: look at build/slimMessagePack.mjs.`);
        contents = contents.slice(0, start) + contents.slice(end);
      }
      contents = contents.replaceAll(unusedLimit, "");
      if (path.endsWith("timestamp.mjs")) contents += timestampStubs;
      return { contents, loader: "js" };
    });
  },
};

// Builds dist/ducts.js (a script that sets the global `ducts`), dist/ducts.mjs and the type declarations.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { mangleProps, slimMessagePack } from "./slimMessagePack.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

rmSync(dist, { recursive: true, force: true });

/** Names of members that only the client's own modules use: they are shortened, as those of @msgpack/msgpack are. */
const ownNames = [
  ...["regained", "unauthorized", "lostAt", "unexplained", "retryAfter", "closeCode", "closeReason", "over", "fault", "wait"],
  ...["sessionLost", "refusedForSize", "isAbandoned", "eventOf", "handedOver", "nextId", "refused", "ignore", "finish", "abandon"],
  ...["exchange", "connected", "disconnected", "takeUnsent", "sendCredit", "answered", "processed", "bound", "drop"],
  ...["requests", "listener", "clock", "alive", "unread", "heard", "fallen", "opened", "ended", "sink", "nullStart"],
];

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  target: ["es2022"],
  plugins: [slimMessagePack],
  mangleProps: new RegExp(`${mangleProps.source}|^(${ownNames.join("|")})$`),
  banner: {
    js: `/*! Ducts client ${version} | MIT License | contains @msgpack/msgpack, (c) The MessagePack community, ISC License */`,
  },
};

await Promise.all([
  build({ ...common, entryPoints: ["src/script.ts"], format: "iife", outfile: "dist/ducts.js" }),
  build({ ...common, entryPoints: ["src/index.ts"], format: "esm", outfile: "dist/ducts.mjs" }),
]);

// Pages and Node get the same API, so one set of declarations serves both.
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.types.json")], { stdio: "inherit" });
writeFileSync(join(dist, "ducts.d.ts"), 'export * from "./types/index.js";\nexport as namespace ducts;\n');

for (const name of ["ducts.js", "ducts.mjs"]) {
  const file = join(dist, name);
  const packed = gzipSync(readFileSync(file), { level: 9 }).length;
  console.log(`${name}  ${statSync(file).size} bytes, ${packed} gzipped`);
}

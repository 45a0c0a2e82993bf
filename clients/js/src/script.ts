// What the script for pages does; modules import index.ts.
import { loadPlugins } from "./compat/loadPlugins.js";
import * as ducts from "./index.js";

const page = globalThis as { ducts?: unknown };

// An element with the id "ducts" answers to this name too, but is not the page's own.
const present = Object.hasOwn(page, "ducts") ? page.ducts : undefined;
const isUsable = typeof present === "object" && present !== null && Object.isExtensible(present);
const target = (isUsable ? present : Object.assign({}, present)) as Record<string, unknown>;
for (const [name, value] of Object.entries(ducts)) if (!(name in target)) target[name] = value;
page.ducts = target;

if (typeof document !== "undefined") loadPlugins(target);

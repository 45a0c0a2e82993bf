import { createContext, runInContext } from "node:vm";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

let script: string;

beforeAll(async () => {
  const entry = fileURLToPath(new URL("../src/script.ts", import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife", target: "es2022" });
  script = outputFiles[0]?.text ?? "";
}, 120_000);

/** A page with as much of a document as the script uses: what is appended is written down, and loads when the test says so. */
function makePage(readyState: string, before = "") {
  const appended: { src: string; onload(): void; onerror(): void }[] = [];
  const listeners: Record<string, () => void> = {};
  const errors: string[] = [];
  const page = createContext({
    EventTarget,
    TextEncoder,
    TextDecoder,
    AbortController,
    console: { error: (text: string) => errors.push(text) },
    addEventListener: (name: string, listener: () => void) => (listeners[name] = listener),
    document: {
      readyState,
      body: { append: (element: never) => appended.push(element) },
      createElement: (name: string) => ({ name }),
      addEventListener: (name: string, listener: () => void) => (listeners[name] = listener),
    },
  });
  const run = (code: string): unknown => runInContext(code, page);
  if (before) run(before);
  run(script);
  return { appended, listeners, errors, run };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const seen = 'window = globalThis; seen = []; ';

describe("the script for pages", () => {
  it("leaves what the page has set, and adds the rest", () => {
    const { run } = makePage("complete", `${seen} window.ducts = { user: "me", State: "mine", app: {} }; mine = window.ducts;`);
    expect(run("mine === window.ducts")).toBe(true);
    expect(run("[ducts.user, ducts.State, typeof ducts.app, typeof ducts.connect, typeof ducts.Duct]")).toEqual(["me", "mine", "object", "function", "function"]);
    expect(run("ducts.context_url")).toBe("/ducts");
    for (const name of ["DuctError", "DuctEvent", "DuctMessageEvent", "DuctConnectionEvent", "DuctEventListener", "ConnectionEventListener", "Duct"]) {
      expect(run(`typeof ducts.${name}`)).toBe("function");
    }
  });

  it("takes the place of what is no object of the page's", () => {
    expect(makePage("complete", `${seen} window.ducts = "text";`).run("typeof ducts.connect")).toBe("function");
    expect(makePage("complete", `${seen} window.ducts = Object.freeze({ user: "me" });`).run("[typeof ducts.connect, ducts.user]")).toEqual(["function", "me"]);
  });

  it("loads libs_plugin one after another and then calls main, as tutti's loader needs it", async () => {
    const { appended, run } = makePage(
      "complete",
      `${seen} window.ducts = { user: "guest", context_url: "/elsewhere", libs_plugin: ["/a.js", "/b.js"], main: () => seen.push("main " + typeof ducts.tutti.Duct) };`,
    );
    await settled();
    expect(appended.map(({ src }) => src)).toEqual(["/a.js"]);
    // As tutti's plugin begins.
    run("window.ducts.tutti = {}; window.ducts.tutti.Duct = class extends window.ducts.Duct {}; window.ducts.tutti.L = class extends window.ducts.DuctEventListener {};");
    appended[0]?.onload();
    await settled();
    expect([appended.map(({ src }) => src), run("seen")]).toEqual([["/a.js", "/b.js"], []]);
    appended[1]?.onload();
    await settled();
    expect(run("seen")).toEqual(["main function"]);
    expect(run("[ducts.context_url, typeof MessagePack.Buffer.from, MessagePack.Buffer.from(new ArrayBuffer(2)).length]")).toEqual(["/elsewhere", "function", 2]);
  });

  it("calls main though a plugin is missing, and says which", async () => {
    const { appended, errors, run } = makePage("complete", `${seen} window.ducts = { libs_plugin: ["/gone.js"], main: () => seen.push("main") };`);
    await settled();
    appended[0]?.onerror();
    await settled();
    expect([run("seen"), errors]).toEqual([["main"], ["ducts: the plugin /gone.js could not be loaded."]]);
  });

  it("calls a main that the page sets after it, when the page is parsed, and once", async () => {
    const { listeners, run } = makePage("loading", seen);
    run('ducts.main = () => seen.push("main")');
    await settled();
    expect(run("seen")).toEqual([]);
    listeners["DOMContentLoaded"]?.();
    listeners["load"]?.();
    await settled();
    expect(run("seen")).toEqual(["main"]);
  });

  it("calls the main of each loader that loads it anew", async () => {
    const { run } = makePage("complete", `${seen} window.ducts = { main: () => seen.push(1) };`);
    await settled();
    run("window.ducts.main = () => seen.push(2);");
    run(script);
    await settled();
    expect(run("seen")).toEqual([1, 2]);
  });

  it("asks for nothing and says nothing where the page has set nothing", async () => {
    const { appended, errors, run } = makePage("complete", seen);
    await settled();
    expect([appended, errors, run("typeof MessagePack")]).toEqual([[], [], "undefined"]);
  });

  it("calls the function of the JSONP bootstrap in the place of main: at once, or when the plugins are loaded", async () => {
    const bootstrap = '(globalThis.ducts?._local?.callback ?? (run => run()))(() => { ducts.main({ url: "x" }); });';
    const plain = makePage("complete", `${seen} window.ducts = { main: (wsd) => seen.push(wsd.url) };`);
    plain.run(bootstrap);
    expect(plain.run("seen")).toEqual(["x"]);
    await settled();
    expect(plain.run("seen")).toEqual(["x"]);

    const plugged = makePage("complete", `${seen} window.ducts = { libs_plugin: ["/a.js"], main: (wsd) => seen.push(wsd.url) };`);
    plugged.run(bootstrap);
    await settled();
    expect(plugged.run("seen")).toEqual([]);
    plugged.appended[0]?.onload();
    await settled();
    expect(plugged.run("seen")).toEqual(["x"]);
  });
});

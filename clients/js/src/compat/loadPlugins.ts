import { decode, encode } from "../codec.js";

/** What a page of the original sets before it loads the script, and finds afterwards. */
interface Page {
  /** Where the server's paths begin. */
  context_url?: string;
  /** Scripts to load one after another. */
  libs_plugin?: string[];
  /** Called when they are loaded. */
  main?: () => unknown;
  msgpack?: unknown;
  _local?: { callback(run: () => void): void };
}

/**
 * Loads the scripts that `ducts.libs_plugin` names, in order, and then calls `ducts.main`, as the script of the original
 * does. `main` may be set after the script, as long as the page is being parsed.
 */
export function loadPlugins(page: Page): void {
  page.context_url ??= "/ducts";
  const plugins = page.libs_plugin ?? [];
  let main: (() => void) | undefined;
  if (plugins.length > 0) provideMessagePack(page);

  const loaded = plugins.reduce((before, source) => before.then(() => load(source)), Promise.resolve());
  const parsed = new Promise<void>((resolve) => {
    if (document.readyState === "complete") resolve();
    document.addEventListener("DOMContentLoaded", () => resolve());
    addEventListener("load", () => resolve());
  });
  void Promise.all([loaded, parsed]).then(() => (main ? main() : page.main?.()));

  // The answer of the JSONP bootstrap calls a function of its own in the place of main.
  page._local = {
    callback(run) {
      if (plugins.length > 0) {
        main = run;
        return;
      }
      main = () => {};
      run();
    },
  };
}

function load(source: string): Promise<void> {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve();
    // What needs it fails by itself, and says more than a page that waits for ever.
    script.onerror = () => {
      console.error(`ducts: the plugin ${source} could not be loaded.`);
      resolve();
    };
    (document.body ?? document.documentElement).append(script);
  });
}

/** The codec of the original as far as its plugins use it: they unpack messages themselves. */
function provideMessagePack(page: Page): void {
  page.msgpack ??= { encode, decode };
  const globals = globalThis as { MessagePack?: unknown };
  globals.MessagePack ??= { Buffer: { from: (data: ArrayBuffer) => new Uint8Array(data) }, initialize: () => page.msgpack };
}

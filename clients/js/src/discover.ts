import { answerError } from "./answerError.js";
import type { ConnectOptions } from "./connectOptions.js";
import { DuctsError } from "./ductsError.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";
import { shownUrl } from "./shownUrl.js";

/** Asks a server where to connect. Each answer is good for one session. */
export async function discover(url: string, options: ConnectOptions, fetcher: typeof fetch, signal: AbortSignal): Promise<ServiceDiscovery> {
  const { token } = options;
  const headers = new Headers(options.headers);
  try {
    const bearer = typeof token === "function" ? await token() : token;
    // No error tells the token, as that of the platform for a wrong character would.
    if (bearer) headers.set("authorization", `Bearer ${/^[!-~]+$/.exec(bearer)![0]}`);
  } catch (error) {
    throw DuctsError.connection("The token function gave no valid token.", error);
  }
  const shown = shownUrl(url);
  const target = withQuery(url, { uuid: randomId(), ...options.params });
  let response: Response;
  try {
    response = await fetcher(target, { signal, cache: "no-store", headers });
  } catch (error) {
    throw DuctsError.connection(`The server at ${shown} is out of reach.`, error);
  }
  if (!response.ok) throw await answerError(`The server at ${shown} answered ${response.status} ${response.statusText}`, response);
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (error) {
    throw DuctsError.connection(`The answer of ${shown} is no service discovery.`, error);
  }
  if (!isServiceDiscovery(answer)) throw DuctsError.connection(`The answer of ${shown} is no service discovery.`);
  return answer;
}

function isServiceDiscovery(value: unknown): value is ServiceDiscovery {
  const wsd = value as Partial<ServiceDiscovery> | null;
  return (
    typeof wsd?.websocket_url === "string" &&
    typeof wsd.websocket_url_reconnect === "string" &&
    typeof wsd.EVENT === "object" &&
    wsd.EVENT !== null
  );
}

function withQuery(url: string, params: Readonly<Record<string, string | number | boolean>>): string {
  const query = new URLSearchParams(Object.entries(params).map(([key, value]) => [key, String(value)]));
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** 128 random bits in hex. Not `crypto.randomUUID`: pages that are not served over HTTPS do not have it. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

import type { ConnectOptions } from "./connectOptions.js";
import { DuctsSession } from "./ductsSession.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";

/**
 * Opens a session with a Ducts server.
 *
 * ```js
 * const duct = await ducts.connect("/ducts/wsd");
 * console.log(await duct.call("HELLO", { name: "Ada" }));
 * for await (const n of duct.stream("COUNT", 10)) console.log(n);
 * ```
 *
 * @param target Address of service discovery, or the answer of one, such as the JSONP bootstrap hands over. Default:
 * `/ducts/wsd` of the page's own server.
 * @throws DuctsError `ConnectionError` when the server is out of reach or refuses.
 */
export function connect(target?: string | ServiceDiscovery, options?: ConnectOptions): Promise<DuctsSession> {
  return new DuctsSession(target, options).open();
}

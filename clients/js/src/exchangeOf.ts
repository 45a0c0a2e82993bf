import { Exchange, type Outgoing } from "./exchange.js";
import type { ServiceDiscovery } from "./serviceDiscovery.js";

/** What a session that discovery answered begins with; undefined where the server does not speak version 2. */
export function exchangeOf<T extends Outgoing>({ session_key, inbox_limit = Infinity, receipt_bytes }: ServiceDiscovery): Exchange<T> | undefined {
  if (!session_key) return undefined;
  return new Exchange(session_key, inbox_limit, (action, milliseconds) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  }, receipt_bytes);
}

/** The address for a connection of version 2. */
export function versioned(url: string, exchange: unknown): string {
  return exchange ? `${url}?v=2` : url;
}

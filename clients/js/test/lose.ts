import type { DuctsSession } from "../src/index.js";

/** What calls are rejected with whose requests were sent, and whose answers can come no more. */
export const unknown = "whether the request was carried out is not known";

/** Writes down the errors that the session reports. */
export function watchErrors(duct: DuctsSession): Error[] {
  const errors: Error[] = [];
  duct.onerror = (error) => errors.push(error);
  return errors;
}

/** Writes down what the session tells of its connection. */
export function watch(duct: DuctsSession): unknown[] {
  const seen: unknown[] = [];
  duct.addEventListener("reconnecting", (event) => seen.push(`reconnecting ${event.detail.code}`));
  duct.addEventListener("reconnected", (event) => seen.push(`reconnected ${event.detail.fresh ? "fresh" : "same"}`));
  duct.addEventListener("closed", (event) => seen.push(`closed ${event.detail.code}`));
  return seen;
}

/** Breaks the connection and waits until the session has noticed. */
export function lose(duct: DuctsSession, how: () => void): Promise<unknown> {
  const noticed = new Promise((resolve) => duct.addEventListener("reconnecting", resolve, { once: true }));
  how();
  return noticed;
}

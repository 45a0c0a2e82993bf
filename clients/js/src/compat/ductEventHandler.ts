import type { Outgoing } from "../exchange.js";

/** A function set for an event. What it returns, if anything, takes the message's place. */
export type DuctEventHandler = (rid: unknown, eid: number, data: unknown) => unknown;

/** Who waits for an answer. */
export interface PromiseContext {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** The message of the call, which knows its number. */
  readonly sent?: Outgoing | undefined;
}

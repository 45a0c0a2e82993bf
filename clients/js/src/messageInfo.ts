import type { DuctsError } from "./ductsError.js";

/** What a handler set with `on` is told besides the data. */
export interface MessageInfo {
  /** The event's id. */
  eventId: number;
  /** The request the message answers; null when the server sent it by itself. */
  requestId: unknown;
  /** Set where the message is an error; the data is then its text. */
  error: DuctsError | undefined;
}

/** A function that is given every message of an event. */
export type MessageHandler<T = unknown> = (data: T, info: MessageInfo) => void;

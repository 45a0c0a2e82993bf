import type { MessageHandler, MessageInfo } from "./messageInfo.js";

/** The functions set for events, by key or by id. */
export class MessageHandlers {
  readonly #handlers = new Map<string | number, Set<MessageHandler>>();
  #keys = new Map<number, string>();

  /** Tells which keys the ids of a new session have. */
  setEvents(events: Readonly<Record<string, number>>): void {
    this.#keys = new Map(Object.entries(events).map(([key, id]) => [id, key]));
  }

  add(event: string | number, handler: MessageHandler): () => void {
    let handlers = this.#handlers.get(event);
    if (!handlers) this.#handlers.set(event, (handlers = new Set()));
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(event) === handlers) this.#handlers.delete(event);
    };
  }

  /** Gives a message to all that are set for it. One that throws stops no other. */
  invoke(data: unknown, info: MessageInfo, thrown: (error: unknown) => void): void {
    if (this.#handlers.size === 0) return;
    const key = this.#keys.get(info.eventId);
    for (const event of key === undefined ? [info.eventId] : [info.eventId, key]) {
      for (const handler of this.#handlers.get(event) ?? []) {
        try {
          handler(data, info);
        } catch (error) {
          thrown(error);
        }
      }
    }
  }
}

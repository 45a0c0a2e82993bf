import { CREDIT, type ExactSession } from "./exactSession.js";
import type { Message } from "./fakeServer.js";

/** A message that the server has received and not handed to a handler. */
interface Waiting {
  readonly id: number;
  readonly number: number;
  readonly size: number;
  /** How many bytes of it wait. */
  readonly waits: number;
}

/**
 * Whether a server that does what the specification says confirms what has left its inbox since it did so last.
 *
 * @param messages How many messages that is, those that did not wait among them.
 */
export function confirmsInTime(messages: number, bytes: number, inboxLimit: number): boolean {
  return messages >= 64 || bytes >= Math.min(262_144, inboxLimit / 2);
}

/** What a server does with the messages that its session received: they wait, are handed to handlers, and are answered. */
export class ExactInbox {
  /** The requests that the server was given of this life. */
  taken: number[] = [];
  readonly everTaken = new Set<number>();
  /** How many CANCEL and CREDIT came in this life, those aside that precede a request. */
  boundTaken = 0;
  #lastCredit: unknown;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Requests that are with a handler, and those that were answered or, in the inbox, cancelled. */
  #running: number[] = [];
  readonly #answered = new Set<number>();
  /** What has left the inbox since the client was last told. */
  #told = 0;
  #leftBytes = 0;

  /**
   * @param limit How many bytes may wait when another message comes.
   * @param poisoned The requests that are refused.
   */
  constructor(
    private readonly session: ExactSession,
    private readonly limit: number,
    private readonly poisoned: ReadonlySet<number>,
    private readonly isReceiptDue: typeof confirmsInTime,
  ) {
    session.confirms = false;
    session.refuses = ([id], size) => {
      if (!poisoned.has(id as number)) return 0;
      // It does not wait, but those before it may: it has left the inbox when they have.
      this.#waiting.push({ id: id as number, number: session.received.length, size, waits: 0 });
      return 1009;
    };
    session.left = () => this.#noteTold();
    session.handle = (message, size) => this.#take(message, size);
  }

  /** Requests are handed to handlers, in their order; those that were cancelled meanwhile are not, but keep their place. */
  leave(count: number): void {
    for (let left = Math.min(count, this.#waiting.length); left > 0; left--) {
      const { id, size, waits } = this.#waiting.shift() as Waiting;
      this.#waitingBytes -= waits;
      this.#leftBytes += size;
      if (waits && !this.#answered.has(id)) this.#running.push(id);
      if (this.session.connection && this.isReceiptDue(this.#left - this.#told, this.#leftBytes, this.limit)) {
        this.session.send([null, 7, this.#noteTold()]);
      }
    }
  }

  /** A handler answers. */
  answer(random: (limit: number) => number): void {
    const id = this.#running[random(Math.max(this.#running.length, 1))];
    if (id !== undefined) this.#end(id);
  }

  /** The server's process has died. */
  forget(): void {
    this.#waiting = [];
    this.#running = [];
    this.taken = [];
    this.#waitingBytes = this.boundTaken = this.#told = this.#leftBytes = 0;
    this.#lastCredit = undefined;
  }

  #take([id, eventId, data]: Message, size: number): void {
    if (this.#lastCredit !== undefined && this.#lastCredit !== id) throw new Error(`The CREDIT of ${this.#lastCredit} came before ${id ?? eventId}.`);
    this.#lastCredit = undefined;
    const target = eventId === CREDIT ? (data as { id: number }).id : eventId === 6 ? (data as number) : undefined;
    if (target !== undefined) {
      // A CREDIT whose request has not come is the first of its pair.
      if (!this.everTaken.has(target) && !this.poisoned.has(target)) {
        if (eventId === 6) throw new Error(`The CANCEL of ${target} came before it.`);
        this.#lastCredit = target;
      } else if (!this.poisoned.has(target)) {
        this.boundTaken++;
        if (eventId === 6) this.#end(target);
      }
      return;
    }
    if (this.everTaken.has(id as number)) throw new Error(`${id} came twice.`);
    this.everTaken.add(id as number);
    this.taken.push(id as number);
    if (this.#waitingBytes >= this.limit) throw new Error(`${this.#waitingBytes} bytes waited already, of ${this.limit}.`);
    this.#waiting.push({ id: id as number, number: this.session.received.length, size, waits: size });
    this.#waitingBytes += size;
  }

  /** A request is answered, wherever it is: a cancelled one at once. */
  #end(id: number): void {
    this.#running = this.#running.filter((other) => other !== id);
    if (this.#answered.has(id)) return;
    this.#answered.add(id);
    this.session.send([id, 1001, null]);
  }

  /** The number of the last message before which none waits in the inbox. */
  get #left(): number {
    const [first] = this.#waiting;
    return first ? first.number - 1 : this.session.received.length;
  }

  /** The client is told what has left the inbox. */
  #noteTold(): number {
    this.#leftBytes = 0;
    return (this.#told = this.#left);
  }
}

import { decode, encode } from "./codec.js";
import { Protocol } from "./protocol.js";

/** A receipt is due after so many bytes of messages, where the server does not say otherwise, */
const defaultReceiptBytes = 65_536;

/** or so many milliseconds after a message. From half of either on, it goes along with what is sent. */
const receiptDelay = 1_000;

/** A message to the server. */
export interface Outgoing {
  /** The packed message, until it is sent. It is sent, and sent again, as it is. */
  message: Uint8Array<ArrayBuffer>;
  /** The packed CREDIT that precedes the message directly, where it asks for a stream. */
  credit?: Uint8Array<ArrayBuffer> | undefined;
  /** Whether it concerns a request that was sent before: CANCEL, CREDIT and END are not counted and wait for nothing. */
  readonly bound: boolean;
  /** The number under which it was sent; 0 before that. */
  number: number;
}

/** Calls a function later. Returns what calls that off. */
export type Schedule = (action: () => void, milliseconds: number) => () => void;

/**
 * What a WELCOME comes to: it is the first; the session goes on; its state is lost and both sides begin anew; the numbers do
 * not fit, and the session is over; or it is no WELCOME.
 */
export type Welcome = "begun" | "resumed" | "lost" | "unfit" | "unreadable";

/** What is in the place of a message that is not packed yet, or was sent. */
export const nothing = new Uint8Array();

type Write = (bytes: Uint8Array<ArrayBuffer>) => void;

/**
 * What a session of version 2 of the protocol knows of its messages, over all of its connections: it numbers what is
 * sent and keeps it until it is confirmed, counts what has come and confirms that. It has no socket of its own.
 */
export class Exchange<T extends Outgoing = Outgoing> {
  readonly #key: string;
  readonly #limit: number;
  readonly #schedule: Schedule;
  readonly #receiptBytes: number;
  #attempt = 0;
  #life: string | null = null;
  /** The last message of the server that was processed. */
  #processed = 0;
  /** How many bytes of messages no receipt has been sent for. */
  #unreceipted = 0;
  #callOff: (() => void) | undefined;
  /** The last message of the client that was sent, and those up to it that the server may not have received. */
  #sent = 0;
  #kept: Uint8Array<ArrayBuffer>[] = [];
  /**
   * What those up to it count that may still wait in the server, and their sum. WELCOME tells what was received, and not
   * whether it waits.
   */
  #counts: number[] = [];
  #unconfirmed = 0;
  /** What waits for a connection, */
  readonly #bound: Outgoing[] = [];
  /** or until there is room for it. */
  readonly #held = new Set<T>();
  #write: Write | undefined;

  /**
   * @param key The session's key.
   * @param limit The number of unconfirmed bytes from which on nothing more is sent, what is bound aside.
   */
  constructor(key: string, limit: number, schedule: Schedule, receiptBytes = defaultReceiptBytes) {
    this.#key = key;
    this.#limit = limit;
    this.#schedule = schedule;
    this.#receiptBytes = receiptBytes;
  }

  /** The first message of a new connection. Whoever asks for it listens to no older connection any more. */
  hello(): Uint8Array<ArrayBuffer> {
    this.disconnected();
    this.#receipted();
    return encode([null, Protocol.hello, { key: this.#key, received: this.#processed, life: this.#life, attempt: ++this.#attempt }]);
  }

  /** Takes the first message that has come over a new connection. */
  welcome(bytes: Uint8Array | string): Welcome {
    const welcome = readWelcome(bytes);
    if (!welcome) return "unreadable";
    const { received, life } = welcome;
    const before = this.#life;
    const isLost = welcome.lost || (before !== null && before !== life);
    if (isLost) {
      this.#processed = this.#sent = this.#unconfirmed = 0;
      this.#kept = [];
      this.#counts = [];
      this.#bound.length = 0;
    }
    this.#life = life;
    if (received < this.#sent - this.#kept.length || received > this.#sent) return "unfit";
    this.#drop(received);
    return before === null ? "begun" : isLost ? "lost" : "resumed";
  }

  /** Sends again what the server has not received, then what waited. */
  connected(write: Write): void {
    this.#write = write;
    for (const bytes of this.#kept) write(bytes);
    for (const outgoing of this.#bound.splice(0)) this.#send(outgoing);
    this.#flush();
  }

  /** The connection is let go of. */
  disconnected(): void {
    this.#write = undefined;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  /** Sends a message, at once or when there is a connection and room for it. */
  send(outgoing: T | (Outgoing & { readonly bound: true })): void {
    if (!outgoing.bound) {
      this.#held.add(outgoing as T);
      this.#flush();
    } else if (this.#write) {
      this.#send(outgoing);
    } else {
      this.#bound.push(outgoing);
    }
  }

  /** Sends a CREDIT for a request that was sent before. */
  sendCredit(id: unknown, credit: number): void {
    this.send({ message: encodeCredit(id, credit), bound: true, number: 0 });
  }

  /** Takes back a message. False: it has been sent. */
  drop(outgoing: T): boolean {
    return this.#held.delete(outgoing);
  }

  /** Takes back all messages that have never been sent. */
  takeUnsent(): T[] {
    const unsent = [...this.#held];
    this.#held.clear();
    return unsent;
  }

  /** RECEIVED came. What it cannot mean is ignored. */
  received(number: unknown): void {
    if (!Number.isSafeInteger(number) || (number as number) > this.#sent) return;
    this.#drop(number as number);
    const left = (number as number) - (this.#sent - this.#counts.length);
    for (const count of this.#counts.splice(0, Math.max(left, 0))) this.#unconfirmed -= count;
    this.#flush();
  }

  /** An answer to a message came, which was not cancelled: requests are handled in their order. */
  answered({ number }: T): void {
    if (number) this.received(number);
  }

  /**
   * A message of the server has been given to its queue, promise or handler.
   *
   * @param eventId Its event; anything else for a message that could not be read.
   */
  processed(eventId: unknown, size: number): void {
    if (eventId === Protocol.aliveMonitoring || eventId === Protocol.received || eventId === Protocol.welcome) return;
    this.#processed++;
    this.#unreceipted += size;
    // What is processed after its connection was let go of, the next HELLO tells.
    if (!this.#write) return;
    if (this.#unreceipted >= this.#receiptBytes) this.#sendReceipt();
    else this.#callOff ??= this.#schedule(() => this.#halfDue(), receiptDelay / 2);
  }

  #halfDue(): void {
    this.#unreceipted = Math.max(this.#unreceipted, this.#receiptBytes / 2);
    this.#callOff = this.#schedule(() => this.#sendReceipt(), receiptDelay / 2);
  }

  #sendReceipt(): void {
    this.#receipted();
    this.#write?.(encode([null, Protocol.received, this.#processed]));
  }

  #receipted(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#unreceipted = 0;
  }

  /** Drops what the server has received, up to a number. */
  #drop(number: number): void {
    this.#kept.splice(0, Math.max(number - (this.#sent - this.#kept.length), 0));
  }

  #flush(): void {
    for (const outgoing of this.#held) {
      if (!this.#write || this.#unconfirmed >= this.#limit) return;
      this.#held.delete(outgoing);
      this.#send(outgoing);
    }
  }

  /** Nothing comes between a CREDIT and its request. */
  #send(outgoing: Outgoing): void {
    const { message, credit, bound } = outgoing;
    if (this.#unreceipted >= this.#receiptBytes / 2) this.#sendReceipt();
    if (credit) this.#keep(credit, 0);
    this.#keep(message, bound ? 0 : message.length);
    outgoing.number = this.#sent;
    // A request may wait for its answer long after it is confirmed.
    outgoing.message = nothing;
    outgoing.credit = undefined;
    if (credit) this.#write?.(credit);
    this.#write?.(message);
  }

  #keep(bytes: Uint8Array<ArrayBuffer>, counted: number): void {
    this.#kept.push(bytes);
    this.#counts.push(counted);
    this.#sent++;
    this.#unconfirmed += counted;
  }
}

/** CREDIT, which gives the stream of a request room for further items. */
export function encodeCredit(id: unknown, credit: number): Uint8Array<ArrayBuffer> {
  return encode([null, Protocol.credit, { id, credit }]);
}

function readWelcome(bytes: Uint8Array | string): { received: number; life: string; lost: boolean } | undefined {
  try {
    const [id, eventId, data] = decode(bytes as Uint8Array) as [unknown, unknown, Record<string, unknown>];
    const { received, life, lost } = data;
    if (id !== null || eventId !== Protocol.welcome || typeof life !== "string" || !Number.isSafeInteger(received)) return undefined;
    return { received: received as number, life, lost: lost === true };
  } catch {
    return undefined;
  }
}

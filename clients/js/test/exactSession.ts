import { decode, encode } from "@msgpack/msgpack";
import type { Message } from "./fakeServer.js";

/** What an exact session says to one connection. */
export interface ExactConnection {
  write(bytes: Uint8Array): void;
  close(code: number, reason?: string): void;
}

export const HELLO = 13;
export const RECEIVED = 7;
export const WELCOME = 8;
export const CREDIT = 9;
export const END = 12;

/** A session of version 2 as a server has it, for the tests: written from the specification and not from the client. */
export class ExactSession {
  readonly hellos: { key: string; received: number; life: string | null; attempt: number }[] = [];
  /** All messages with a number that came in this life, the first being number 1. */
  received: Message[] = [];
  life = "life 1";
  connection: ExactConnection | undefined;
  /** Whether the session is over: HELLO gets 4005. */
  isOver = false;
  /** Close code for every HELLO, as long as it is set. */
  refusal = 0;
  /** Whether the next WELCOME is lost with its connection. */
  losesWelcome = false;
  /** What to say was received, in the place of the truth. */
  welcomes: number | undefined;
  /** Whether RECEIVED is sent for each message at once. */
  confirms = true;
  /** The number up to which none waits in the inbox any more. */
  left: () => number = () => (this.confirms ? this.received.length : 0);
  /** Messages that are refused, with the close code. */
  refuses: (message: Message, size: number) => number = () => 0;
  /** Called with each message that has a number and is not refused. */
  handle: (message: Message, size: number) => void = () => {};
  /** Numbers of the client's receipts, in the order in which they came. */
  readonly receipts: number[] = [];
  sent = 0;
  kept: { number: number; bytes: Uint8Array }[] = [];
  #highest = 0;
  #untold: { number: number; code: number } | undefined;

  constructor(readonly key: string) {}

  /** The messages of the server that are not confirmed, without their numbers. */
  get unconfirmed(): number {
    return this.kept.length;
  }

  /** The server's process has died: nothing is known but the key. */
  forgetState(): void {
    this.received = [];
    this.kept = [];
    this.sent = 0;
    this.#highest = 0;
    this.#untold = undefined;
    this.life = `life ${Number(this.life.slice(5)) + 1}`;
    this.connection = undefined;
  }

  /** Sends messages, with a number where they have one. */
  send(...messages: Message[]): void {
    for (const message of messages) {
      const bytes = encode(message);
      if (message[1] !== 0 && message[1] !== RECEIVED && message[1] !== WELCOME) this.kept.push({ number: ++this.sent, bytes });
      this.connection?.write(bytes);
    }
  }

  /** RECEIVED for what has come. */
  confirm(): void {
    this.send([null, RECEIVED, this.received.length]);
  }

  /** The end of a connection was noticed. */
  lost(connection: ExactConnection): void {
    if (this.connection === connection) this.connection = undefined;
  }

  /** A message came over a connection. */
  message(connection: ExactConnection, bytes: Uint8Array): void {
    let message: Message;
    try {
      message = decode(bytes) as Message;
    } catch {
      connection.close(1002);
      return;
    }
    const [id, eventId, data] = message;
    if (id === null && eventId === HELLO) {
      this.#hello(connection, data as ExactSession["hellos"][number]);
    } else if (this.connection !== connection) {
      // Nothing that is read from an older connection counts; before HELLO, nothing else may come.
    } else if (id === null && eventId === RECEIVED) {
      this.receipts.push(data as number);
      if (!this.#confirmed(data as number)) connection.close(4002);
    } else {
      this.received.push(message);
      const code = this.refuses(message, bytes.length);
      if (code) {
        this.#untold = { number: this.received.length, code };
        this.connection = undefined;
        connection.close(code);
        return;
      }
      if (this.confirms) this.confirm();
      this.handle(message, bytes.length);
    }
  }

  #hello(connection: ExactConnection, hello: ExactSession["hellos"][number]): void {
    this.hellos.push(hello);
    if (this.refusal) return connection.close(this.refusal);
    if (this.isOver || hello.key !== this.key) return connection.close(4005);
    if (hello.attempt <= this.#highest) return connection.close(4004);
    this.#highest = hello.attempt;
    const isLost = hello.life != null && hello.life !== this.life;
    const { connection: old } = this;
    this.connection = undefined;
    old?.close(4001);
    if (!isLost && hello.received > this.sent) return connection.close(4002);
    if (!isLost && !this.#confirmed(hello.received)) return connection.close(4003, `gap ${hello.received + 1}-${this.sent - this.kept.length}`);
    this.connection = connection;
    if (this.losesWelcome) {
      this.losesWelcome = false;
      this.connection = undefined;
      connection.close(0);
      return;
    }
    connection.write(encode([null, WELCOME, { received: this.welcomes ?? this.received.length, life: this.life, lost: isLost }]));
    // An earlier receipt may be lost.
    const left = this.left();
    if (left) this.send([null, RECEIVED, left]);
    for (const { bytes } of this.kept) connection.write(bytes);
    if (!this.#untold) return;
    const untold = this.#untold;
    this.#untold = undefined;
    this.send([null, 99, untold]);
  }

  #confirmed(number: number): boolean {
    if (number > this.sent || number < this.sent - this.kept.length) return false;
    this.kept = this.kept.filter((message) => message.number > number);
    return true;
  }
}

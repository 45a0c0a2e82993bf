import { decode, encode } from "@msgpack/msgpack";
import { Exchange, encodeCredit, type Outgoing } from "../src/exchange.js";
import { confirmsInTime, ExactInbox } from "./exactInbox.js";
import { ExactSession, type ExactConnection } from "./exactSession.js";
import type { Message } from "./fakeServer.js";

/** Numbers that look random and are the same for the same seed. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** What a test plants in a world's client to see whether it is found. */
export type Bug =
  | "none"
  | "forgets to count"
  | "counts before it gives"
  | "listens to an older connection"
  | "takes the answer to a cancelled request for its receipt";

interface Sent extends Outgoing {
  readonly id: number;
  /** In which life it was sent, where it was. */
  life: string;
  isCancelled: boolean;
}

/** A connection between the two, with what is under way in either direction. */
class Wire implements ExactConnection {
  readonly toServer: Uint8Array[] = [];
  readonly toClient: (Uint8Array | { code: number })[] = [];
  isHeard = true;

  write(bytes: Uint8Array): void {
    this.toClient.push(bytes);
  }

  close(code: number): void {
    this.toClient.push({ code });
  }
}

/** Pushes are small, but now and then two are worth a receipt. */
const large = new Uint8Array(40_000);

/** A client's exchange and a server's session with a network between that does whatever a schedule says. */
export class ExactWorld {
  readonly session = new ExactSession("key");
  readonly exchange: Exchange<Sent>;
  /** What the client was given, by the life of the session; the server's messages are numbered by themselves. */
  given: number[] = [];
  readonly requests: Sent[] = [];
  readonly poisoned = new Set<number>();
  readonly failed = new Set<number>();
  /** The last push, and the last before the server's process died. */
  #pushed = 0;
  #pushedBefore = 0;
  #attempt = 0;
  #life = "";
  /** How many CANCEL and CREDIT were sent in this life, those aside that precede a request. */
  #boundSent = 0;
  #wires: Wire[] = [];
  #wire: Wire | undefined;
  #isWelcome = false;
  #now = 0;
  #timers = new Set<{ at: number; action: () => void }>();
  #lastId = 0;
  readonly #inbox: ExactInbox;
  readonly #answersGot = new Set<number>();

  constructor(
    private readonly random: (limit: number) => number,
    private readonly bug: Bug,
    isReceiptDue = confirmsInTime,
  ) {
    // Some sessions take hardly more than one message at a time, which may be larger than the limit.
    const inboxLimit = 1 + random(random(2) ? 100 : 600);
    this.#inbox = new ExactInbox(this.session, inboxLimit, this.poisoned, isReceiptDue);
    this.exchange = new Exchange<Sent>("key", inboxLimit, (action, milliseconds) => {
      const timer = { at: this.#now + milliseconds, action };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    });
  }

  step(): void {
    const { random } = this;
    switch (random(20)) {
      case 0:
      case 1:
      case 2:
        return this.#request(random(4) === 0, random(25) === 0);
      case 3:
        return this.#cancel();
      case 4:
      case 5:
        return this.push();
      case 6:
        return this.#inbox.leave(1 + random(3));
      case 7:
        return this.#inbox.answer(random);
      case 8:
        return random(4) === 0 ? this.#cut() : undefined;
      case 9:
        return random(3) === 0 || !this.#wire ? this.connect() : undefined;
      case 10:
        if (random(10) === 0) this.session.losesWelcome = true;
        return;
      case 11:
        return random(40) === 0 ? this.#restart() : undefined;
      case 12:
        return this.#pass(random(700));
      default:
        this.#deliver();
    }
  }

  /** The network is well again, and everything comes to an end, though the server confirms no more than it has to and answers nothing. */
  heal(): void {
    this.session.losesWelcome = false;
    for (let round = 0; round < 300; round++) {
      if (!this.#wire || !this.#isWelcome) this.connect();
      while (this.#deliver());
      this.#inbox.leave(1_000);
      this.#pass(400);
      while (this.#deliver());
      if (round > 10 && this.#isWelcome && this.session.unconfirmed === 0 && this.requests.every(({ number }) => number)) return;
    }
  }

  /** What is not as it should be at the end. */
  check(): void {
    const { session, given } = this;
    const { taken, boundTaken } = this.#inbox;
    if (session.unconfirmed) throw new Error(`${session.unconfirmed} messages of the server are not confirmed.`);
    const pushes = Array.from({ length: this.#pushed - this.#pushedBefore }, (_, n) => this.#pushedBefore + n + 1);
    if (given.join() !== pushes.join()) throw new Error(`The client was given ${given} for ${pushes}.`);
    if (boundTaken !== this.#boundSent) throw new Error(`${boundTaken} CANCEL and CREDIT came of ${this.#boundSent}.`);
    if (this.exchange.takeUnsent().length) throw new Error("Messages wait though all is confirmed.");
    if (taken.join() !== [...taken].sort((a, b) => a - b).join()) throw new Error(`The server was given ${taken}.`);
    for (const { id, life, number } of this.requests) {
      const isOurs = life === session.life;
      if (!number) throw new Error(`${id} was never sent.`);
      if (this.poisoned.has(id)) {
        if (isOurs && !this.failed.has(id)) throw new Error(`${id} was refused, and the client does not know.`);
      } else if (this.failed.has(id)) {
        throw new Error(`${id} was not refused.`);
      } else if (isOurs && !taken.includes(id)) {
        throw new Error(`${id} never came.`);
      }
    }
  }

  /** Lets the old connection go and opens another. */
  connect(): void {
    if (this.#wire && this.bug !== "listens to an older connection") this.#wire.isHeard = false;
    this.exchange.disconnected();
    const wire = new Wire();
    this.#wire = wire;
    this.#isWelcome = false;
    this.#wires.push(wire);
    const hello = this.exchange.hello();
    const { attempt } = (decode(hello) as Message)[2] as { attempt: number };
    if (attempt !== ++this.#attempt) throw new Error(`Attempt ${attempt} is not ${this.#attempt}.`);
    wire.toServer.push(hello);
  }

  push(): void {
    this.session.send([null, 1000, [++this.#pushed, this.random(20) ? "" : large]]);
  }

  #request(isStream: boolean, isPoisoned: boolean): void {
    const id = ++this.#lastId;
    const message = encode([id, 1000, "x".repeat(this.random(120))]);
    const credit = isStream ? encodeCredit(id, 5) : undefined;
    const request: Sent = { id, message, credit, bound: false, number: 0, life: "", isCancelled: false };
    if (isPoisoned) this.poisoned.add(id);
    this.requests.push(request);
    this.exchange.send(request);
  }

  /** CANCEL or CREDIT for something that was sent. */
  #cancel(): void {
    const sent = this.requests.filter(({ id, life }) => life && life === this.#life && !this.poisoned.has(id));
    const request = sent[this.random(Math.max(sent.length, 1))];
    if (request) this.#boundSent++;
    if (request && this.random(2)) {
      this.exchange.sendCredit(request.id, 1);
    } else if (request) {
      request.isCancelled = true;
      this.exchange.send({ message: encode([++this.#lastId, 6, request.id]), bound: true, number: 0 });
    }
  }

  #cut(): void {
    const wire = this.#wire;
    if (!wire) return;
    // What is under way may be lost in either direction; the server may notice it now, or only by the next HELLO.
    this.#let(wire);
    wire.toServer.length = this.random(wire.toServer.length + 1);
  }

  #let(wire: Wire): void {
    wire.isHeard = false;
    if (wire !== this.#wire) return;
    this.#wire = undefined;
    this.#isWelcome = false;
    this.exchange.disconnected();
  }

  #restart(): void {
    if (this.session.hellos.length === 0) return;
    this.session.forgetState();
    this.#inbox.forget();
    this.#wires = this.#wires.filter((wire) => wire === this.#wire && !this.#isWelcome);
    if (this.#wire && this.#isWelcome) this.#let(this.#wire);
    for (const wire of this.#wires) wire.toClient.length = 0;
    // What was pushed in the old life is lost with it.
    this.given = [];
    this.#pushedBefore = this.#pushed;
  }

  #pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.action();
    }
  }

  /** One message arrives, over any connection. */
  #deliver(): boolean {
    const wires = this.#wires.filter(({ toServer, toClient, isHeard }) => toServer.length || (isHeard && toClient.length));
    const wire = wires[this.random(Math.max(wires.length, 1))];
    if (!wire) {
      this.#wires = this.#wires.filter((other) => other === this.#wire);
      return false;
    }
    const isToServer = wire.toServer.length && (!wire.isHeard || !wire.toClient.length || this.random(2) === 0);
    if (isToServer) {
      this.session.message(wire, wire.toServer.shift() as Uint8Array);
    } else {
      const message = wire.toClient.shift() as Uint8Array | { code: number };
      if (!(message instanceof Uint8Array)) {
        if ([4002, 4003].includes(message.code)) throw new Error(`The server closed with ${message.code}.`);
        if (wire === this.#wire && [4001, 4004].includes(message.code)) throw new Error(`The newest connection was closed with ${message.code}.`);
        this.#let(wire);
      } else if (wire === this.#wire && !this.#isWelcome) {
        this.#welcome(wire, message);
      } else {
        this.#give(message);
      }
    }
    return true;
  }

  #welcome(wire: Wire, message: Uint8Array): void {
    const welcome = this.exchange.welcome(message);
    if (welcome === "unfit" || welcome === "unreadable") throw new Error(`WELCOME is ${welcome}.`);
    if (welcome === "lost") {
      this.given = [];
      this.#boundSent = 0;
    }
    this.#isWelcome = true;
    const { life } = ((decode(message) as Message)[2] as { life: string });
    this.#life = life;
    this.exchange.connected((bytes) => {
      const id = (decode(bytes) as Message)[0];
      const request = this.requests.find((candidate) => candidate.id === id && !candidate.life);
      if (request) request.life = life;
      wire.toServer.push(bytes);
    });
  }

  #give(bytes: Uint8Array): void {
    const [id, eventId, data] = decode(bytes) as Message;
    if (this.bug === "counts before it gives") this.exchange.processed(eventId, bytes.length);
    if (this.bug === "counts before it gives" && this.random(10) === 0) return;
    if (id === null && eventId === 7) {
      this.exchange.received(data);
    } else if (id === null && eventId === 99) {
      const { number } = data as { number: number };
      const request = this.requests.find((candidate) => candidate.number === number && candidate.life === this.session.life);
      if (!request) throw new Error(`Number ${number} was refused, which is no request's.`);
      this.failed.add(request.id);
    } else if (eventId === 1000) {
      this.given.push((data as [number])[0]);
    } else if (eventId === 1001) {
      const request = this.requests.find((candidate) => candidate.id === id) as Sent;
      if (this.#answersGot.has(request.id)) throw new Error(`${request.id} was answered twice.`);
      this.#answersGot.add(request.id);
      const isReceipt = !request.isCancelled || this.bug === "takes the answer to a cancelled request for its receipt";
      if (isReceipt) this.exchange.answered(request);
    }
    const forgets = this.bug === "forgets to count" && this.random(30) === 0;
    if (this.bug !== "counts before it gives" && !forgets) this.exchange.processed(eventId, bytes.length);
  }
}

import { DuctsError } from "./ductsError.js";
import type { ReplySink } from "./replySink.js";

/** Gives the one reply of a call to its promise. */
export class CallSink implements ReplySink {
  constructor(
    private readonly resolve: (data: unknown) => void,
    private readonly reject: (error: unknown) => void,
    private readonly cancel: () => void,
  ) {}

  reply(data: unknown): void {
    this.resolve(data);
  }

  item(): void {
    this.#isStream();
    this.cancel();
  }

  end(): void {
    this.#isStream();
  }

  fail(error: unknown): void {
    this.reject(error);
  }

  #isStream(): void {
    this.reject(new DuctsError("TypeError", "This event answers with a stream; read it with stream() instead of call()."));
  }
}

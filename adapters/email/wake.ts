import type { ImapFlow } from "imapflow";

/** Waits for whatever comes first: new mail, a broken connection, the poll time, or the end. */
export class Wake {
  readonly #client: ImapFlow;
  readonly #stopping: AbortSignal;
  #woken = Promise.withResolvers<void>();
  readonly wake = (): void => this.#woken.resolve();

  constructor(client: ImapFlow, stopping: AbortSignal) {
    this.#client = client;
    this.#stopping = stopping;
    client.on("exists", this.wake);
    client.on("close", this.wake);
    stopping.addEventListener("abort", this.wake);
  }

  /** Before looking for mail: what comes from here on wakes the next wait. */
  reset(): void {
    this.#woken = Promise.withResolvers<void>();
  }

  async wait(pollMs: number): Promise<void> {
    if (this.#stopping.aborted) return;
    const timer = setTimeout(this.wake, pollMs);
    await this.#woken.promise;
    clearTimeout(timer);
  }

  dispose(): void {
    this.#client.off("exists", this.wake);
    this.#client.off("close", this.wake);
    this.#stopping.removeEventListener("abort", this.wake);
  }
}

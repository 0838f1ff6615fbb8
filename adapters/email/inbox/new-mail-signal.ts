/** Waits until a folder has to be looked at again, such as for new mail. */
import type { ImapFlow } from "imapflow";

/** An IDLE that ended by itself is begun anew after this time, so that a server that ends each at once is not chased. */
const IDLE_AGAIN_MS = 500;

/** Waits for whatever comes first: new mail, a broken connection, the poll time, or the end. */
export class NewMailSignal {
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

  /**
   * `idling` resolves when IDLE has ended, which servers do as they like and the client does after some silence to find
   * out whether the connection is alive. Nothing is pushed from then on, so the next look does not wait for the poll
   * time. It resolves to false where the server refused IDLE, and polling is all there is.
   */
  async wait(pollMs: number, idling: Promise<boolean | undefined>): Promise<void> {
    if (this.#stopping.aborted) return;
    const { wake } = this;
    let timer = setTimeout(wake, pollMs);
    let isOver = false;
    void idling.then((ended) => {
      if (isOver || ended === false) return;
      clearTimeout(timer);
      timer = setTimeout(wake, Math.min(IDLE_AGAIN_MS, pollMs));
    });
    await this.#woken.promise;
    isOver = true;
    clearTimeout(timer);
  }

  dispose(): void {
    this.#client.off("exists", this.wake);
    this.#client.off("close", this.wake);
    this.#stopping.removeEventListener("abort", this.wake);
  }
}

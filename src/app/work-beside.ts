/** Work that nothing waits for, ended with the process. */

/** A place for such work, and its end. */
interface WorkBeside {
  /** Starts work that never throws; the signal aborts when the process stops. */
  readonly beside: (work: (signal: AbortSignal) => Promise<void>) => void;
  /** Aborts what is under way and waits for it, so that nothing uses what is closed afterwards. */
  readonly close: () => Promise<void>;
}

/** Makes a place for such work, which ends before `closeRest`; after that nothing is started any more. */
export function besideUntilClosed(closeRest: () => Promise<void>): WorkBeside {
  const controller = new AbortController();
  const underWay = new Set<Promise<void>>();
  return {
    beside(work) {
      if (controller.signal.aborted) return;
      const running = work(controller.signal).finally(() => underWay.delete(running));
      underWay.add(running);
    },
    async close() {
      controller.abort(new DOMException("the process stops", "AbortError"));
      await Promise.allSettled(underWay);
      await closeRest();
    },
  };
}

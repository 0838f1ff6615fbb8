/** A wake queue in memory that the harness works off itself. */
import type { WakeQueue } from "#jobs/queue.ts";

/** The queue of a process with one worker: it records wakes, and the harness works them off. */
export interface Bell {
  readonly queue: WakeQueue;
  /** The conversations that were woken without delay; clears the list. */
  take(): readonly string[];
}

export function createBell(): Bell {
  const rung = new Set<string>();
  const wake = async (conversationId: string, delayMs = 0): Promise<void> => {
    if (delayMs <= 0) rung.add(conversationId);
  };
  return {
    queue: {
      wake,
      wakeAnyway: (conversationId) => wake(conversationId),
      work: () => undefined,
      oldestMs: async () => 0,
      ping: async () => undefined,
      standstill: () => null,
      close: async () => undefined,
    },
    take() {
      const taken = [...rung];
      rung.clear();
      return taken;
    },
  };
}

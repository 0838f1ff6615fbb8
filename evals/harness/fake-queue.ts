/** A job queue in memory: collects wakes until the harness processes them. */
import type { WakeQueue } from "#jobs/queue.ts";

/** A queue for one worker: it collects wakes, and the harness processes them. */
export interface Bell {
  readonly queue: WakeQueue;
  /** Returns the conversations woken without delay, and forgets them. */
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

/** A job queue in memory: collects wakes until the harness processes them. */
import type { WakeQueue } from "#jobs/queue.ts";

/** The queue of a process with one worker: rings are noted, and worked off by whoever plays the case. */
export interface Bell {
  readonly queue: WakeQueue;
  /** The conversations that were rung for without delay; forgets them. */
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

/** A job queue in memory: collects wakes until the harness processes them. */
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";

/** A queue for one worker: it collects wakes, and the harness processes them. */
export interface FakeQueue {
  readonly queue: WakeQueue;
  /** Returns the conversations woken without delay, and forgets them. */
  take(): readonly string[];
}

export function createFakeQueue(): FakeQueue {
  const woken = new Set<string>();
  const wake = async (conversationId: string, delayMs = 0): Promise<void> => {
    if (delayMs <= 0) woken.add(conversationId);
  };
  return {
    queue: {
      changes: localNotices(),
      wake,
      wakeAnyway: (conversationId) => wake(conversationId),
      depth: async () => 0,
      work: () => undefined,
      oldestMs: async () => 0,
      ping: async () => undefined,
      standstill: () => null,
      close: async () => undefined,
    },
    take() {
      const taken = [...woken];
      woken.clear();
      return taken;
    },
  };
}

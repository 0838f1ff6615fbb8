/** State that the wakes of one process share: the slot for quarantined conversations, and the wake counts. */

import type { NotifiedBy } from "#jobs/queue/change-notices.ts";

/**
 * What a wake came to: work, nothing to do, or refused because the conversation is leased, on hold, quarantined or
 * gone.
 */
export type WakeKind = "worked" | "idle" | "refused";

/** What the wakes of one process share. */
export interface WorkerState {
  /**
   * Takes the one slot for a quarantined conversation, whose last wakes never finished. Only one of them runs in a
   * process at a time, so that a crash is not blamed on other conversations in flight. Returns the function that frees
   * the slot, or null while it is taken.
   */
  isolate(): (() => void) | null;
  count(notifiedBy: NotifiedBy, found: WakeKind): void;
  /** The number of wakes since the last call, by kind, such as `reconciler.idle`. */
  takeCounts(): ReadonlyMap<string, number>;
}

export function createWorkerState(): WorkerState {
  const room = { taken: false };
  const counts = new Map<string, number>();
  return {
    isolate() {
      if (room.taken) return null;
      room.taken = true;
      return () => (room.taken = false);
    },
    count(notifiedBy, found) {
      const kind = `${notifiedBy}.${found}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    },
    takeCounts() {
      const taken = new Map(counts);
      counts.clear();
      return taken;
    },
  };
}

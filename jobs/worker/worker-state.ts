/** Whose ring a wake followed: that of something that happened, or the clockwork's. */
export type NotifiedBy = "queue" | "reconciler";

/** What a wake came to: work, nothing to do, or somebody else was at it or nobody may be. */
export type WakeKind = "worked" | "idle" | "refused";

/** What the wakes of one process share. */
export interface WorkerState {
  /**
   * Room for a conversation whose last wake never finished. Only one such works in a process at a time, so that when the
   * process ends again, those that merely were in flight beside it are not blamed with it. Gives the way to leave the
   * room, or null while it is taken.
   */
  isolate(): (() => void) | null;
  count(ringer: NotifiedBy, found: WakeKind): void;
  /** How many wakes there were since this was asked last, by kind, such as `reconciler.idle`. */
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
    count(ringer, found) {
      const kind = `${ringer}.${found}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    },
    takeCounts() {
      const taken = new Map(counts);
      counts.clear();
      return taken;
    },
  };
}

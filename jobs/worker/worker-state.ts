/** State that the wakes of one process share: the slot for quarantined conversations. */

/**
 * What a wake came to: work, nothing to do, or refused because the conversation is leased, on hold, quarantined or
 * gone.
 */
export type WakeKind = "worked" | "idle" | "refused";

/** What the wakes of one process share. */
export type WorkerState = ReturnType<typeof createWorkerState>;

/**
 * `isolate` takes the one slot for a quarantined conversation, whose last wakes never finished. Only one of them runs in
 * a process at a time, so that a crash is not blamed on other conversations in flight. It returns the function that frees
 * the slot, or null while it is taken.
 */
export function createWorkerState() {
  const room = { taken: false };
  return {
    isolate(): (() => void) | null {
      if (room.taken) return null;
      room.taken = true;
      return () => (room.taken = false);
    },
  };
}

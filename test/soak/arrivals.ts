/** Watches the database for accepted messages, since the chat route responds only when there is an answer. */
import { setTimeout as delay } from "node:timers/promises";
import type { RunRecords } from "./books.ts";

const LOOK_EVERY_MS = 20;

export interface Arrivals {
  /** Resolves once the database has the event; never, when it never does. */
  takenIn(eventId: string): Promise<void>;
  stop(): void;
}

/** Looks for all awaited messages with one query, again and again. */
export function watchArrivals(records: Pick<RunRecords, "takenIn">): Arrivals {
  const waiting = new Map<string, () => void>();
  const state = { stopped: false };
  const loop = async (): Promise<void> => {
    while (!state.stopped) {
      await delay(LOOK_EVERY_MS);
      if (waiting.size === 0) continue;
      // A database that is away for a moment is asked again.
      const found = await records.takenIn([...waiting.keys()]).catch(() => new Set<string>());
      for (const id of found) {
        waiting.get(id)?.();
        waiting.delete(id);
      }
    }
  };
  void loop();
  return {
    takenIn: (eventId) => new Promise((resolve) => waiting.set(eventId, resolve)),
    stop: () => {
      state.stopped = true;
    },
  };
}

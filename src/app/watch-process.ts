/** Watches what this process alone sees, and tells the team on the desk. */

import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import { watchProcess } from "#jobs/operating/watch-process.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { Readiness } from "#server/http/readiness.ts";
import type { RoleTasks } from "#config/process-roles.ts";
import type { ComposedApp } from "./composed-app.ts";

/**
 * Starts the watch of this process. What all processes share (database, Redis, the place for mails) is told by those that
 * keep connections, of which there are few; a wrong clock and a full disk under the log by each.
 */
export function startWatch(
  parts: ComposedApp,
  given: {
    readonly board: ConnectionBoard;
    readonly readiness: Pick<Readiness, "look">;
    readonly queue: Pick<WakeQueue, "depth">;
    readonly tasks: RoleTasks;
  },
): { stop(): Promise<void> } {
  const { board, readiness, queue, tasks } = given;
  const isForAll = tasks.connects;
  return watchProcess(parts, {
    board: isForAll ? board : { states: () => [] },
    credentialStates: () => (isForAll ? parts.credentialStates() : {}),
    async refusals() {
      const { needs } = await readiness.look();
      const reasonOf = (name: string): string | null => needs[name]?.reason ?? null;
      const own = { clock: reasonOf("clock"), log: reasonOf("log") };
      return isForAll
        ? {
            ...own,
            database: reasonOf("database"),
            queue: reasonOf("queue"),
            blobs: reasonOf("blobs"),
          }
        : own;
    },
    queued: async () => (isForAll ? queue.depth() : null),
  });
}

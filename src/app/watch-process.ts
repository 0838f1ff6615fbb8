/** Watches what this process alone sees, and tells the team on the desk. */

import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Expiry } from "#core/connection/expiry.ts";
import type { Log } from "#core/contracts/ports.ts";
import { expiriesOf } from "#connections/expiries/expiries.ts";
import { followExpiries } from "#jobs/operating/expiring.ts";
import { watchProcess } from "#jobs/operating/watch-process.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { Readiness } from "#server/http/readiness.ts";
import type { Config } from "#config/environment.ts";
import { modelsAsked } from "#config/language-model.ts";
import type { RoleTasks } from "#config/process-roles.ts";
import type { ComposedApp } from "./composed-app.ts";

/** When certificates and tokens end, as this process has seen it. */
export type Expiries = ReturnType<typeof followExpiries>;

/** What ends is looked at by the processes that keep connections, of which there are few; the others see nothing. */
export function expiriesHere(
  { config, log }: { readonly config: Config; readonly log: Log },
  tasks: RoleTasks,
): Expiries {
  const look = async () => [...(await expiriesOf(config)), ...(await modelEnds(config))];
  return followExpiries(async () => (tasks.connects ? look() : []), log);
}

/** The ends of the models that are asked, each at its own server. */
async function modelEnds({ environment }: Config): Promise<readonly Expiry[]> {
  const models = modelsAsked(environment);
  if (models.length === 0) return [];
  const { modelEnd } = await import("#agent/model.ts");
  const ends = await Promise.all(models.map((model) => modelEnd({ ...model, timeoutMs: LIST_MS })));
  return ends.flat();
}

const LIST_MS = 10_000;

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
    readonly expiries: Pick<Expiries, "seen">;
  },
): { stop(): Promise<void> } {
  const { board, readiness, queue, tasks, expiries } = given;
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
    expiries: () => expiries.seen(),
    queued: async () => (isForAll ? queue.depth() : null),
  });
}

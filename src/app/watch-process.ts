/** Watches what this process alone sees, and tells the team on the desk. */

import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { ModelEnd } from "#core/contracts/model.ts";
import type { Log } from "#core/contracts/ports.ts";
import { followModelEnds, watchProcess } from "#jobs/operating/watch-process.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { Readiness } from "#server/http/health.ts";
import type { Config } from "#config/environment.ts";
import { modelsAsked } from "#config/language-model.ts";
import type { RoleTasks } from "#config/process-roles.ts";
import type { ComposedApp } from "./composed-app.ts";

/** When the models end that are asked, as this process has seen it. */
export type ModelEnds = ReturnType<typeof followModelEnds>;

/** Looked at by the processes that keep connections, of which there are few; the others see nothing. */
export function modelEndsHere({
  config,
  log,
  tasks,
}: {
  readonly config: Config;
  readonly log: Log;
  readonly tasks: RoleTasks;
}): ModelEnds {
  return followModelEnds(async () => (tasks.connects ? modelEnds(config) : []), log);
}

/** The ends of the models that are asked, each at its own server. */
async function modelEnds({ environment }: Config): Promise<readonly ModelEnd[]> {
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
    readonly modelEnds: Pick<ModelEnds, "seen">;
  },
): { stop(): Promise<void> } {
  const { board, readiness, queue, tasks, modelEnds: ends } = given;
  const isForAll = tasks.connects;
  return watchProcess(parts, {
    board: isForAll ? board : { states: () => [] },
    credentialStates: () => (isForAll ? parts.credentialStates() : {}),
    needs: async () => (await readiness.look()).needs,
    connects: isForAll,
    modelEnds: () => ends.seen(),
    queued: async () => (isForAll ? queue.depth() : null),
  });
}

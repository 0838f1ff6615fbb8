/** Gives the commands about procedures what they work on. */

import { readPolicyFile, policySourceOf } from "#config/policy-file.ts";
import { readProcedureFiles } from "#config/procedures-folder.ts";
import type { Config } from "#config/environment.ts";
import { openPolicyFile, openPolicyInForce } from "#policy/load-policy.ts";
import type { Publishing } from "#jobs/procedures/publish.ts";
import type { ProcedureShelf, PublishingDesk } from "#jobs/procedures/shelf.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import type { Store } from "#store/db/database.ts";
import { type ComposedApp, randomIds } from "#app/compose.ts";
import { procedureWorld } from "./world.ts";

/** Loaded when tests are played: a process may run for months without. */
const PLAY = () => import("./play.ts");

/** What only the running process can do: play tests with its model, tools and shop. */
type Playing = Pick<PublishingDesk, "play" | "model">;

const NOT_RUNNING: Playing = { play: null, model: "" };

/** Tests of procedures are played with the model, the tools and the shop of this process. */
export function playingOf(parts: ComposedApp): Playing {
  const { agentParts, agent } = parts;
  return {
    play: async (procedure) => (await PLAY()).playCases({ agentParts, jobs: parts }, procedure),
    model: agent.isRehearsal ? "the rehearsal rules, which are no AI" : agent.modelName,
  };
}

/** Procedures are compared with the policy in force; before the first start, with the policy file. */
export function procedureShelf(
  config: Config,
  { store, clock, ids }: Publishing,
  playing: Playing = NOT_RUNNING,
): ProcedureShelf {
  return {
    desk: { store, clock, ids, source: policySourceOf(config).kind, ...playing },
    folder: config.proceduresFolder,
    files: () => readProcedureFiles(config),
    async world() {
      const { kind, name } = policySourceOf(config);
      const active = await store.run((transaction) => activePolicy(transaction, kind));
      const policy =
        active === null
          ? openPolicyFile(readPolicyFile(config), name)
          : openPolicyInForce(active.text);
      return procedureWorld(store, policy);
    },
  };
}

/** The same outside the running process, where no test can be played. */
export function shelfHere(config: Config, store: Store): ProcedureShelf {
  return procedureShelf(config, { store, clock: { now: () => new Date() }, ids: randomIds });
}

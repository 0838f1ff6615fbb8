/** Gives the commands about procedures what they work on. */

import type { ComposedApp } from "#app/composed-app.ts";
import type { Config } from "#config/environment.ts";
import { readPolicyFile, policySourceOf } from "#config/policy-file.ts";
import { readProcedureFiles } from "#config/procedures-folder.ts";
import type { Model } from "#core/contracts/model.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import type { Publishing } from "#jobs/procedures/publish.ts";
import type { ProcedureShelf, PublishingDesk } from "#jobs/procedures/shelf.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { readPages } from "#knowledge/pages.ts";
import { pageNames } from "#knowledge/passage-rows.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import type { ProcedureWorld } from "#procedures/check.ts";
import type { Store } from "#store/db/database.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { DECLARED_TOOLS } from "#tools/index.ts";

/** Loaded when tests are played: a process may run for months without. */
const PLAY = () => import("./play.ts");

/** What plays tests: a model, tools, a shop. */
type Playing = Pick<PublishingDesk, "play" | "model">;

/** Tests of procedures are played with the model, the tools and the shop of this process. */
export function playingOf(parts: ComposedApp): Playing {
  const { agentParts, agent } = parts;
  return {
    play: async (procedure) => (await PLAY()).playCases({ agentParts, jobs: parts }, procedure),
    model: calledForPeople({ name: agent.modelName, isRehearsal: agent.isRehearsal }),
  };
}

/** What people read as the model that tests were played with. */
export function calledForPeople({
  name,
  isRehearsal,
}: Pick<Model, "name" | "isRehearsal">): string {
  return isRehearsal ? "the rehearsal rules, which are no AI" : name;
}

/** Procedures are compared with the policy in force; before the first start, with the policy file. */
export function procedureShelf(
  config: Config,
  { store, clock, ids }: Publishing,
  playing: Playing,
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

// What procedures are checked against in this installation: its tools, help pages, policy and guard.

const TOOLS = new Map(
  DECLARED_TOOLS.map((tool) => [tool.name, tool.kind === "write" ? tool.operation : null]),
);

/** The help pages are the files and what connected sources left in the tables. */
async function procedureWorld(store: Store, policy: PolicyFile): Promise<ProcedureWorld> {
  const files = await readPages(SAMPLE_PAGES);
  const stored = await pageNames(store);
  // Procedures name tools on every line, so the guard does not look for their names here.
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  return {
    tools: TOOLS,
    pages: new Set([...files.map(({ slug }) => slug), ...stored]),
    policy,
    inspect: (text, origin) => guard.inspectText(text, origin),
  };
}

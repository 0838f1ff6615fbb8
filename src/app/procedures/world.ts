/** What procedures are checked against in this installation: its tools, help pages, policy and guard. */

import { createInputGuard } from "#guard/input/input-guard.ts";
import { readPages } from "#knowledge/pages.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { pageNames } from "#knowledge/passage-rows.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import type { ProcedureWorld } from "#procedures/check.ts";
import type { Store } from "#store/db/database.ts";
import { allTools } from "#tools/index.ts";

/** Only names and operations of tools are read, so nothing behind them is asked. */
async function neverAsked(): Promise<never> {
  throw new Error("a check of procedures looks nothing up");
}

const TOOLS = new Map(
  allTools({
    knowledge: { search: neverAsked },
    shop: {
      customer: neverAsked,
      customerByEmail: neverAsked,
      orders: neverAsked,
      order: neverAsked,
      payments: neverAsked,
    },
  }).map((tool) => [tool.name, tool.kind === "write" ? tool.operation : null]),
);

/** The help pages are the files and what connected sources left in the tables. */
export async function procedureWorld(store: Store, policy: PolicyFile): Promise<ProcedureWorld> {
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

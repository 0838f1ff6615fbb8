/** Gives the commands about procedures what they work on. */

import type { ProcedureShelf } from "#cli/procedure-commands.ts";
import { readPolicyFile, policySourceOf } from "#config/policy-file.ts";
import { readProcedureFiles } from "#config/procedures-folder.ts";
import type { Config } from "#config/environment.ts";
import { openPolicyFile, openPolicyInForce } from "#policy/load-policy.ts";
import type { Store } from "#store/db/database.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { procedureWorld } from "./world.ts";

/** Procedures are compared with the policy in force; before the first start, with the policy file. */
export function procedureShelf(config: Config, store: Store): ProcedureShelf {
  return {
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

/** What `doctor --fix` does about findings. Nothing is repaired here until its `run` is called. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding, Fix } from "#core/connection/diagnosis.ts";
import {
  closeFile,
  environmentFilePath,
  planVariables,
  writeVariables,
} from "#config/environment-file.ts";
import { closeToOthers } from "#store/db/data-folder.ts";
import { openTrial } from "./trial.ts";

/** Where things are repaired. */
export interface RepairSite {
  /** The variables that are set, those of the file among them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly dataFolder: string;
}

/** One repair. */
export interface Repair {
  readonly fix: Fix;
  /** What will be done; a sentence. */
  readonly what: string;
  /** True when an admin's token for Zendesk has to be given. */
  readonly needsAdminToken: boolean;
  /** Carries it out and says what was done. Throws with the reason when it cannot be done. */
  run(adminToken: string | null): Promise<string>;
}

/** The repairs for these findings, each once. Findings without one need a person. */
export function repairsFor(findings: readonly Finding[], site: RepairSite): readonly Repair[] {
  const wanted = new Set(findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix])));
  return [...wanted].map((fix) => plannedRepair(fix, findings, site));
}

function plannedRepair(fix: Fix, findings: readonly Finding[], site: RepairSite): Repair {
  const { environment, folder, dataFolder } = site;
  switch (fix) {
    case "close_file": {
      const path = environmentFilePath(environment, folder);
      const run = async (): Promise<string> => {
        closeFile(path);
        return `${path} is closed to others`;
      };
      return { fix, what: `take other users' rights from ${path}`, needsAdminToken: false, run };
    }
    case "close_folder": {
      const run = async (): Promise<string> =>
        closeToOthers(dataFolder) ?? `${dataFolder} is closed`;
      return { fix, what: `close ${dataFolder} to other users`, needsAdminToken: false, run };
    }
    case "zendesk_account": {
      const about = findings.filter((one) => one.fix === fix).map(({ check }) => check);
      return {
        fix,
        what: `make or change in Zendesk what is missing (${about.join(", ")}), and write its ids and secret to ${environmentFilePath(environment, folder)}`,
        needsAdminToken: true,
        run: (adminToken) => repairAccount(site, adminToken),
      };
    }
  }
}

async function repairAccount(
  { environment, folder }: RepairSite,
  adminToken: string | null,
): Promise<string> {
  if (adminToken === null) throw new Error("it needs an admin's token in ZENDESK_ADMIN_TOKEN");
  const trial = openTrial(
    readFileSync(resolve(folder, environment["DESKHAND_POLICY"] ?? ""), "utf8"),
  );
  try {
    const { findings, variables } = await trial.zendesk(environment, adminToken);
    const refused = findings.find(({ check }) => check === "admin token" || check === "connection");
    if (refused !== undefined) throw new Error(refused.found);
    const plan = planVariables(environmentFilePath(environment, folder), [
      { heading: "Zendesk, found by doctor --fix", variables: Object.entries(variables) },
    ]);
    const names = [...plan.added, ...plan.changed.map(({ name }) => name)];
    if (names.length === 0) return "the account has what it needs";
    writeVariables(plan);
    return `the account has what it needs; ${names.join(", ")} written. Start Deskhand again, so that it reads them`;
  } finally {
    await trial.close({ isKept: true });
  }
}

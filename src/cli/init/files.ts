/** The two files `init` writes, as they would be and as they are written. */

import { writeFileSync } from "node:fs";
import {
  planVariables,
  readVariables,
  writeVariables,
  type FilePlan,
  type Variables,
} from "#config/environment-file.ts";
import type { Answers } from "./answers.ts";
import { policyText, type PolicyAnswers } from "./policy-text.ts";
import { shellVariables, variableGroups } from "./variables.ts";

/** Both files as they would be. */
export interface PlannedFiles {
  readonly variables: FilePlan;
  /** Null when the folder has a policy already. */
  readonly policy: {
    readonly path: string;
    readonly text: string;
    readonly answers: PolicyAnswers;
  } | null;
  /** Variables that the shell alone has, and that are written too. */
  readonly fromShell: readonly string[];
  /** Secrets that the shell alone has; they are not written. */
  readonly secretsInShell: readonly string[];
}

/** Where the files are, and whether there is a policy already. */
export interface FilePlaces {
  readonly variablesFile: string;
  readonly policyFile: string;
  readonly policyName: string;
  readonly hasPolicy: boolean;
}

/** Plans both files; writes nothing. `shell` is what the shell alone has set. */
export function planFiles(
  place: FilePlaces,
  { answers, found }: { readonly answers: Answers; readonly found: Variables },
  shell: NodeJS.ProcessEnv,
): PlannedFiles {
  const groups = variableGroups(answers, found, place.policyName);
  const { kept, secrets } = shellVariables(shell, readVariables(place.variablesFile), groups);
  return {
    variables: planVariables(place.variablesFile, [...groups, kept]),
    policy: place.hasPolicy ? null : planPolicy(place.policyFile, answers),
    fromShell: kept.variables.map(([name]) => name),
    secretsInShell: secrets,
  };
}

function planPolicy(path: string, { company, hours, money, people }: Answers) {
  if (!company || !hours || !money || !people)
    throw new Error("the policy cannot be written without company, hours, money and people");
  const answers: PolicyAnswers = {
    company: company.name,
    zone: hours.zone,
    open: hours.open,
    currency: money.currency,
    refunds: money.refunds,
    leads: people.leads,
    support: people.support ?? [],
  };
  return { path, text: policyText(answers), answers };
}

/** Whether there is anything to write. */
export function isNothing({ variables: { added, changed }, policy }: PlannedFiles): boolean {
  return policy === null && added.length + changed.length === 0;
}

/** Writes what was planned. Throws where a policy came up meanwhile. */
export function writeFiles({ variables, policy }: PlannedFiles, say: (line: string) => void): void {
  // Never over a file that came up meanwhile.
  if (policy !== null) writeFileSync(policy.path, policy.text, { flag: "wx", mode: 0o600 });
  if (variables.added.length + variables.changed.length > 0) writeVariables(variables);
  say("Written.");
}

/** The two files `init` writes: shown in words and without any secret, agreed to where there is a person, and written. */

import type { Answers } from "./answers.ts";
import { yesOrNo } from "./interview.ts";
import { type PolicyAnswers, policyText, shellVariables, variableGroups } from "./written-files.ts";
import type { Terminal } from "./terminal.ts";
import { writeFileSync } from "node:fs";
import {
  planVariables,
  readVariables,
  writeVariables,
  type Variables,
} from "#config/environment-file.ts";

/** What may be said on the command line. */
export interface InitOptions {
  readonly answers?: string;
  readonly replace?: boolean;
  readonly start: boolean;
}

/** `back`: to the last part. `start`: nothing is to be written. `done`: nor is anything started. */
type Verdict = "write" | "start" | "done" | "stopped" | "back";

interface Asking {
  readonly say: (line: string) => void;
  /** Null where a file answered. */
  readonly terminal: Terminal | null;
  readonly options: Pick<InitOptions, "replace" | "start">;
}

/** Shows the plan and gives what the person, or the options, say to it. Rejects with `Interrupted`. */
export async function agreement(files: PlannedFiles, asking: Asking): Promise<Verdict> {
  const { terminal, options } = asking;
  const say = (line: string): void => (terminal ?? asking).say(line);
  for (const line of planLines(files)) say(line);
  if (isNothing(files)) return startOnly(asking);
  if (terminal === null) {
    if (files.variables.changed.length === 0 || options.replace === true) return "write";
    say("Nothing was written: variables that are there would change. --replace changes them.");
    return "stopped";
  }
  const answer = await yesOrNo(terminal, {
    ask: "Write this (yes, no or back)",
    help: writeHelp(files),
    suggested: "yes",
  });
  if (answer === "no") say("Nothing was written.");
  if (answer === "back") return "back";
  return answer === "yes" ? "write" : "stopped";
}

async function startOnly({ terminal, options }: Asking): Promise<Verdict> {
  if (!options.start) return "done";
  if (terminal === null) return "start";
  const answer = await yesOrNo(terminal, {
    ask: "Start it once now (yes, no or back)",
    help: START_HELP,
    suggested: "yes",
  });
  if (answer === "back") return "back";
  return answer === "yes" ? "start" : "done";
}

const START_HELP =
  "Deskhand starts, shows the team a first card, prints what doctor finds, and stops again. Nothing is sent to a customer. “back” goes back to the last part.";

function writeHelp({ policy, variables }: PlannedFiles): string {
  const rules = policy === null ? "" : `${policy.path} gets the rules named above. `;
  return `${rules}${variables.path} gets the variables, readable by you alone. Then Deskhand starts once, and nothing is sent to a customer. “no” leaves everything as it was, “back” goes back to the last part.`;
}

function planLines(files: PlannedFiles): readonly string[] {
  const { variables, policy, inShell } = files;
  const { path, added, changed } = variables;
  const lines = ["\nTo be written:"];
  if (policy !== null) lines.push(`  ${policy.path} (new)`, ...policyLines(policy.answers));
  if (added.length + changed.length > 0) lines.push(`  ${path} (readable by you alone)`);
  if (added.length > 0) lines.push(`    new: ${added.join(", ")}`);
  for (const { name, before, after } of changed)
    lines.push(`    changes: ${name}${before === null ? " (a secret)" : `: ${before} → ${after}`}`);
  if (isNothing(files)) lines.push("  nothing, all of it is there");
  if (inShell.length > 0)
    lines.push(
      `  Not written: ${inShell.join(", ")}. They are set in this shell, and each start needs them from its own.`,
    );
  return lines;
}

/** What the policy will say, so that a wrong answer is seen before it is written. */
function policyLines(answers: PolicyAnswers): readonly string[] {
  const { company, hours, money, people } = answers;
  const { currency, refunds } = money;
  const { leads, support = [] } = people;
  const days = typeof hours.open === "string" ? [] : Object.entries(hours.open);
  const open = days.length === 0 ? "always" : days.map((day) => day.join(" ")).join(", ");
  return [
    `    Company: ${company.name}; answers end with “${company.name} support team”`,
    `    Open: ${open} (${hours.zone})`,
    `    Refunds: one teammate up to ${refunds.alone} ${currency}, never above ${refunds.most} or later than ${refunds.days} days after delivery`,
    `    No amount in another currency than ${currency} goes out without a person`,
    `    Leads: ${leads.join(", ")}`,
    `    Support: ${support.length === 0 ? "no other person" : support.join(", ")}`,
    "    Every channel only shadows, and every action asks",
  ];
}

/** Both files as they would be. */
export type PlannedFiles = ReturnType<typeof planFiles>;

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
) {
  const groups = variableGroups(answers, found, place.policyName);
  return {
    variables: planVariables(place.variablesFile, groups),
    /** Null when the folder has a policy already. */
    policy: place.hasPolicy ? null : planPolicy(place.policyFile, answers),
    /** Variables that the shell alone has; they are not written. */
    inShell: shellVariables(shell, readVariables(place.variablesFile), groups),
  };
}

function planPolicy(path: string, { company, hours, money, people }: Answers) {
  if (!company || !hours || !money || !people)
    throw new Error("the policy cannot be written without company, hours, money and people");
  const answers: PolicyAnswers = { company, hours, money, people };
  return { path, text: policyText(answers), answers };
}

/** Whether there is anything to write. */
function isNothing({ variables: { added, changed }, policy }: PlannedFiles): boolean {
  return policy === null && added.length + changed.length === 0;
}

/** Writes what was planned. Throws where a policy came up meanwhile. */
export function writeFiles({ variables, policy }: PlannedFiles, say: (line: string) => void): void {
  // Never over a file that came up meanwhile.
  if (policy !== null) writeFileSync(policy.path, policy.text, { flag: "wx", mode: 0o600 });
  if (variables.added.length + variables.changed.length > 0) writeVariables(variables);
  say("Written.");
}

/** The command `doctor` and its screen: what is wrong and what to do; with `--fix` it repairs, with `--upgrade` it looks at what an upgrade meets. */

import type { Command } from "commander";
import {
  setVariables,
  closeFile,
  environmentFilePath,
  planVariables,
  writeVariables,
} from "#config/environment-file.ts";
import type { Finding, Fix } from "#core/connection/connection-board.ts";
import { reasonOf } from "#core/values/errors.ts";
import { counted } from "#core/values/words.ts";
import { type CommandContext, endWith, needed } from "./command-parts.ts";
import type { Terminal } from "#cli/init/terminal.ts";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { closeToOthers } from "#store/db/data-folder.ts";

interface Typed {
  readonly json?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly upgrade?: boolean;
  readonly backupElsewhere?: boolean;
}

/** Adds `doctor`. The exit code is 1 when there is a problem. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const { print } = context;
  program
    .command("doctor")
    .description("checks every configured part and says what is missing and what to do")
    .option("--json", "for a program: an array of findings")
    .option("--fix", "says what it can repair, and repairs it after you agreed")
    .option("--yes", "with --fix: agreed, where there is no terminal to ask on")
    .option(
      "--upgrade",
      "what an upgrade to this version would meet, looked at with the new code before its start; changes nothing",
    )
    .option(
      "--backup-elsewhere",
      "with --upgrade: backups are made by other means, such as PostgreSQL's own",
    )
    .action(async (typed: Typed) => {
      if (typed.fix === true) return endWith(await fixed(context, typed.yes === true));
      const findings =
        typed.upgrade === true
          ? await upgradeFindings(context, typed.backupElsewhere === true)
          : await needed(context.examine, "there is nothing to look at here")();
      print(typed.json === true ? JSON.stringify(findings, null, 2) : doctorScreen(findings));
      if (typed.upgrade === true && typed.json !== true)
        print(
          findings.some(isProblem)
            ? "\nDo not start the upgrade yet."
            : "\nThe upgrade may be started.",
        );
      endWith(codeFor(findings));
    });
}

async function upgradeFindings(
  { caller, clock }: CommandContext,
  backupElsewhere: boolean,
): Promise<readonly Finding[]> {
  const { environment } = needed(caller, "type this in the folder of the new version");
  const { examineUpgrade } = await import("#doctor/upgrade.ts");
  return examineUpgrade(environment, { now: clock.now(), backupElsewhere });
}

/** Exit code for a call that has to be typed in another way. */
const MISUSED = 2;

/** Files and accounts are repaired where the command is typed, since a person can be asked there. */
async function fixed(
  { caller, examine, print: say }: CommandContext,
  isAgreed: boolean,
): Promise<number> {
  const { environment, folder, dataFolder, terminal } = needed(caller);
  if (dataFolder === null)
    throw new Error("correct the settings first: doctor names what is wrong");
  const site = { environment: setVariables(environment), folder, dataFolder };
  return doctorFix({ site, look: needed(examine), say, terminal, isAgreed });
}

/** What the command works with. */
export interface FixSurroundings {
  readonly site: RepairSite;
  readonly look: () => Promise<readonly Finding[]>;
  readonly say: (text: string) => void;
  /** Null where there is no person at a terminal. */
  readonly terminal: (() => Terminal) | null;
  /** True when leave was given on the command line. */
  readonly isAgreed: boolean;
}

/** Gives the exit code: 0 when no problem is left. What only a person can mend stays listed. */
export async function doctorFix(surroundings: FixSurroundings): Promise<number> {
  const { say, look, site } = surroundings;
  const before = await look();
  say(doctorScreen(before));
  const repairs = repairsFor(before, site);
  if (repairs.length === 0) {
    say("\nThere is nothing here that --fix can mend.");
    return codeFor(before);
  }
  say("\ndoctor --fix will:");
  for (const { what } of repairs) say(`  - ${what}`);
  const leave = await leaveFor(surroundings, repairs);
  if (leave === "misused") {
    say("Nothing was changed. --yes gives leave where there is no terminal to ask on.");
    return MISUSED;
  }
  if (leave === "no") {
    say("Nothing was changed.");
    return codeFor(before);
  }
  for (const repair of repairs) say(await carriedOut(repair, leave.adminToken));
  say("\nLooking again …\n");
  const after = await look();
  say(doctorScreen(after));
  return codeFor(after);
}

/** The screen has the details; a script checks the exit code. */
function codeFor(findings: readonly Finding[]): number {
  return findings.some(isProblem) ? 1 : 0;
}

type Leave = "no" | "misused" | { readonly adminToken: string | null };

async function leaveFor(
  { site, terminal: open, isAgreed }: FixSurroundings,
  repairs: readonly Repair[],
): Promise<Leave> {
  const token = site.environment["ZENDESK_ADMIN_TOKEN"] ?? null;
  if (isAgreed) return { adminToken: token };
  if (open === null) return "misused";
  const terminal = open();
  try {
    const answer = await terminal.ask("Go ahead (yes or no) [yes]: ");
    if (/^\s*n/i.test(answer)) return "no";
    if (token !== null || !repairs.some(({ needsAdminToken }) => needsAdminToken))
      return { adminToken: token };
    const prompt = "An admin's access token for Zendesk, used once and not kept [leave it]: ";
    const typed = (await terminal.ask(prompt, { hidden: true })).trim();
    return { adminToken: typed === "" ? null : typed };
  } finally {
    terminal.close();
  }
}

async function carriedOut(repair: Repair, adminToken: string | null): Promise<string> {
  try {
    return `✓ ${await repair.run(adminToken)}`;
  } catch (error) {
    return `✗ not done: ${repair.what}: ${reasonOf(error)}`;
  }
}

const SIGNS = { ok: "✓", warning: "!", problem: "✗", unknown: "?" } as const;
const WIDTH_MAX = 46;

/** Findings by part, one line each, with what to do below. What is wrong is told at the end, where it is read. */
export function doctorScreen(findings: readonly Finding[]): string {
  const problems = findings.filter(isProblem);
  const width = Math.min(WIDTH_MAX, Math.max(0, ...findings.map(({ check }) => check.length)));
  const parts = Map.groupBy(findings, ({ part }) => part);
  const blocks = [...parts].map(([part, found]) =>
    [
      part,
      ...found.map((finding) =>
        isProblem(finding)
          ? `  ${SIGNS.problem} ${finding.check.padEnd(width)}  see below`
          : findingText(finding, width),
      ),
    ].join("\n"),
  );
  const toMend =
    problems.length === 0 ? [] : [["To mend", ...problems.flatMap(findingLines)].join("\n")];
  return [...blocks, ...toMend, summary(findings)].join("\n\n");
}

/** One finding alone: the sign, what was found, and what to do. */
function findingLines(finding: Finding): readonly string[] {
  const { state, part, check, found, means, remedy, fix } = finding;
  const ways = [remedy, fix && "type npm run -s deskhand -- doctor --fix"].filter(Boolean);
  const mend = ways.length === 0 ? null : `→ ${ways.join(", or ")}`;
  const more = state === "ok" || state === "unknown" ? [] : [means, mend];
  const lines = [found, ...more]
    .flatMap((text) => text?.split("\n") ?? [])
    .map((line) => line.trim());
  const [first = "", ...rest] = lines.filter((line) => line !== "");
  return [`  ${SIGNS[state]} ${part}, ${check}: ${first}`, ...rest.map((line) => `    ${line}`)];
}

/** What was found about one part, in short: people one by one, otherwise only what is not well. */
export function partLines(part: string, findings: readonly Finding[]): readonly string[] {
  const shown = findings.filter(
    ({ state }) => part === "people" || state === "problem" || state === "warning",
  );
  const good = findings.filter(({ state }) => state === "ok").length;
  const isGood = good > 0 && !findings.some(isProblem) && part !== "people";
  const works = isGood ? [`  ✓ ${part} works (${counted(good, "check")})`] : [];
  return [...works, ...shown.flatMap(findingLines)];
}

/** Whether a finding stops Deskhand from doing its work. */
export function isProblem({ state }: Finding): boolean {
  return state === "problem";
}

function findingText({ state, check, found, remedy }: Finding, width: number): string {
  const [first = "", ...more] = found.split("\n");
  const line = `  ${SIGNS[state]} ${check.padEnd(width)}  ${first}`;
  const indent = " ".repeat(width + 6);
  const rest = more.map((text) => `${indent}${text.trim()}`);
  const arrow = remedy === null || state === "ok" ? [] : [`${indent}→ ${remedy}`];
  return [line, ...rest, ...arrow].join("\n");
}

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]): number =>
    findings.filter((finding) => finding.state === state).length;
  const [problems, warnings, unknown] = [count("problem"), count("warning"), count("unknown")];
  if (problems + warnings === 0)
    return unknown === 0 ? "All is well." : `All is well, as far as it can be seen from here.`;
  const parts = [counted(problems, "problem"), counted(warnings, "warning")];
  return `${parts.join(", ")}.`;
}

/** Where things are repaired. */
interface RepairSite {
  /** The variables that are set, those of the file among them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly dataFolder: string;
}

interface Repair {
  /** What will be done; a sentence. */
  readonly what: string;
  /** True when an admin's token for Zendesk has to be given. */
  readonly needsAdminToken: boolean;
  /** Carries it out and says what was done. Throws with the reason when it cannot be done. */
  run(adminToken: string | null): Promise<string>;
}

/** The repairs for these findings, each once. Findings without one need a person. */
function repairsFor(findings: readonly Finding[], site: RepairSite): readonly Repair[] {
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
      return { what: `take other users' rights from ${path}`, needsAdminToken: false, run };
    }
    case "close_folder": {
      const run = async (): Promise<string> =>
        closeToOthers(dataFolder) ?? `${dataFolder} is closed`;
      return { what: `close ${dataFolder} to other users`, needsAdminToken: false, run };
    }
    case "zendesk_account": {
      const about = findings.filter((one) => one.fix === fix).map(({ check }) => check);
      return {
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
  // What an account is repaired with is loaded by few commands.
  const { openTrial } = await import("#doctor/trial.ts");
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

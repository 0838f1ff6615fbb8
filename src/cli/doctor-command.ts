/** The command `doctor`: what is wrong and what to do; with `--fix` it repairs, with `--upgrade` it looks at what an upgrade meets. */

import type { Command } from "commander";
import { setVariables } from "#config/environment-file.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Repair, RepairSite } from "#doctor/repairs.ts";
import { type CommandContext, endWith, needed } from "./command-parts.ts";
import { doctorScreen, isProblem } from "./doctor-screen.ts";
import type { Terminal } from "./init/terminal.ts";

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
      if (typed.upgrade === true && typed.json !== true) print(verdictOn(findings));
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

function verdictOn(findings: readonly Finding[]): string {
  return findings.some(isProblem)
    ? "\nDo not start the upgrade yet."
    : "\nThe upgrade may be started.";
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
  // What it repairs with is loaded by few commands.
  const repairs = (await import("#doctor/repairs.ts")).repairsFor(before, site);
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

/** The command `doctor`: what is wrong and what to do; with `--fix` it repairs, with `--upgrade` it looks at what an upgrade meets. */

import type { Command } from "commander";
import { setVariables } from "#config/environment-file.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { type CommandContext, endWith, needed } from "./command-parts.ts";
import { doctorScreen, isProblem } from "./doctor-screen.ts";

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
      // The screen has the details; a script checks the exit code.
      endWith(findings.some(isProblem) ? 1 : 0);
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

/** Files and accounts are repaired where the command is typed, since a person can be asked there. */
async function fixed(
  { caller, examine, print: say }: CommandContext,
  isAgreed: boolean,
): Promise<number> {
  const { environment, folder, dataFolder, terminal } = needed(caller);
  if (dataFolder === null)
    throw new Error("correct the settings first: doctor names what is wrong");
  const site = { environment: setVariables(environment), folder, dataFolder };
  // What it repairs with is loaded by few commands.
  const { doctorFix } = await import("./doctor-fix.ts");
  return doctorFix({ site, look: needed(examine), say, terminal, isAgreed });
}

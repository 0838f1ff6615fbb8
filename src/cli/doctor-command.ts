/** The command `doctor`. */

import type { Command } from "commander";
import type { Finding } from "#core/connection/diagnosis.ts";
import { doctorScreen } from "./doctor-screen.ts";

/** Runs every check. */
export type Examine = () => Promise<readonly Finding[]>;

/** `doctor`: what is wrong, and what to do. The exit code is 1 when there is a problem. */
export function addDoctorCommand(
  program: Command,
  examine: Examine | null,
  print: (text: string) => void,
): void {
  program
    .command("doctor")
    .description("checks every configured part and says what is missing and what to do")
    .option("--json", "for a program: an array of findings")
    .option("--fix", "says what it can repair, and repairs it after you agreed")
    .option("--yes", "with --fix: agreed, where there is no terminal to ask on")
    .action(async (options: { json?: boolean }) => {
      if (examine === null) throw new Error("there is nothing to look at here");
      const findings = await examine();
      print(options.json === true ? JSON.stringify(findings, null, 2) : doctorScreen(findings));
      const problems = findings.filter(({ state }) => state === "problem").length;
      // The screen has the details; a script checks the exit code.
      if (problems > 0) program.error("", { exitCode: 1 });
    });
}

/** Defines all commands, and runs one command line. */

import { nameFromAddress } from "#core/values/words.ts";
import { type Command, CommanderError, Command as Program } from "commander";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import { placeInAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { addBackupCommands, addEraseCommand, addSecretsCommands } from "./data-commands.ts";
import { type CommandContext, endWith, type KnownParts, needed } from "./command-parts.ts";
import type { CommandResult } from "./control.ts";
import {
  addDeadLetterCommand,
  addPauseCommands,
  addStatusCommand,
  addTraceCommand,
} from "./work-commands.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { addCompareCommand, addEvalCommand, addRehearseCommand } from "./learning-commands.ts";
import type { InitOptions } from "#cli/init/agreement.ts";
import { addKnowledgeCommand, addPolicyCommands, addProcedureCommands } from "./text-commands.ts";
import { addMailCommands } from "./mail-verify.ts";
import { addToolCommands } from "./tool-commands.ts";
import { addZendeskInit } from "./zendesk-init.ts";

/**
 * Runs one command line and returns what it printed. Never throws for a mistake in the command: that is exit code 1, with
 * the reason on standard error.
 */
export async function runCommand(
  parts: KnownParts,
  argv: readonly string[],
): Promise<CommandResult> {
  const result = { stdout: "", stderr: "", exitCode: 0 };
  const program = new Program("deskhand").exitOverride().configureOutput({
    writeOut: (text) => (result.stdout += text),
    writeErr: (text) => (result.stderr += text),
  });
  const write = parts.write ?? ((text: string): void => void (result.stdout += text));
  addCommands(program, { ...parts, print: (text) => write(`${text}\n`) });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return { ...result, exitCode: error.exitCode };
    return { ...result, stderr: `${result.stderr}${reasonOf(error)}\n`, exitCode: 1 };
  }
}

/** Adds a subject's commands. */
type Add = (program: Command, context: CommandContext) => void;

/** Every subject, by who needs it; `--help` lists them in this order. */
const GROUPS: Readonly<Record<string, readonly Add[]>> = {
  "Start here:": [addInit, addDoctorCommand, addStatusCommand, addConsole],
  "For leads:": [
    addTraceCommand,
    addPolicyCommands,
    addProcedureCommands,
    addKnowledgeCommand,
    addToolCommands,
    addRehearseCommand,
    addCompareCommand,
    addPauseCommands,
    addEvalCommand,
  ],
  "For admins:": [
    addDeadLetterCommand,
    addBackupCommands,
    addEraseCommand,
    addSecretsCommands,
    addAudit,
    addMailCommands,
  ],
};

/** Every command with its options and what it says about itself. Nothing runs before a line is parsed. */
export function addCommands(program: Command, context: CommandContext): Command {
  program.description("A helpdesk bot that asks before it acts.");
  for (const [heading, subjects] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const add of subjects) add(program, context);
  }
  return program;
}

function addInit(program: Command, context: CommandContext): void {
  const init = program
    .command("init")
    .description(
      "asks in ten parts, tries each connection, and writes `.env` and `deskhand.policy.yaml`; `init zendesk` says or makes what an account needs",
    )
    .option("--answers <file>", "YAML or JSON with the answers, instead of a terminal")
    .option("--replace", "with --answers: variables that `.env` has with another value are changed")
    .option("--no-start", "write the files only; no first card, no doctor")
    .action(async (options: InitOptions) => {
      const caller = needed(context.caller, "init is typed in the folder Deskhand is started from");
      // The questions are loaded by this command alone: every other one would wait for them.
      endWith(await (await import("./init/index.ts")).init(caller, options, context.print));
    });
  addZendeskInit(init, context);
}

/** A head of the audit's chain, as `audit verify` prints it. */
const Head = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/);

function addAudit(program: Command, { store, print }: CommandContext): void {
  program
    .command("audit")
    .description("the hash-chained record of what was decided and done")
    .command("verify")
    .description("checks every entry and prints the head of the chain")
    .option("--head <hash>", "an earlier head: tells whether the chain still contains it")
    .action(async ({ head }: { head?: string }) => {
      const noted = head === undefined ? null : Head.safeParse(head);
      if (noted?.success === false) throw new Error(`${head} is no head: it has 64 hex digits`);
      const found = await verifyAudit(store);
      const place = noted === null ? null : await store.run(placeInAudit, noted.data);
      if (found.brokenAt !== null)
        throw new Error(`the audit was changed at entry ${found.brokenAt}`);
      if (noted !== null && place === null)
        throw new Error(
          `the chain does not contain the head ${noted.data}: entries from before it was noted were changed or removed`,
        );
      const waiting = found.waiting === 0 ? "" : `, ${found.waiting} more wait for their place`;
      print(`${found.entries} entries, head ${found.head}${waiting}`);
      if (place !== null) print(`the noted head is still in the chain, at entry ${place}`);
    });
}

function addConsole(program: Command, { store, clock, appUrl, print }: CommandContext): void {
  program
    .command("console <email>")
    .description("prints a link that signs this teammate in to the console, once")
    .action(async (typed: string) => {
      const email = typed.toLowerCase();
      if (!z.email().safeParse(email).success) throw new Error(`${typed} is no e-mail address`);
      const url = needed(
        appUrl,
        "Deskhand does not run here, so a link would lead nowhere. Start it first.",
      );
      const holder = { email, name: nameFromAddress(email) };
      const code = await store.run(issuePass, "code", holder, clock.now());
      print(`${url}/console/enter?code=${code}`);
      print(
        "It works once, within ten minutes. What may be decided is what the policy gives this address.",
      );
    });
}

/** Defines all commands and runs one command line. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { pendingCards } from "#jobs/policy/recheck.ts";
import type { PolicySource } from "#jobs/policy/change.ts";
import { comparisonText } from "#policy/compare/comparison-text.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { placeInAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { consoleLink } from "#server/console/session.ts";
import { issueCode } from "#store/identity/console-sessions.ts";
import type { ConfiguredSecret } from "#config/secret.ts";
import type { Store } from "#store/db/database.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { type CommandParts, needed } from "./command-parts.ts";
import type { CommandResult } from "./control.ts";
import { addDoctorCommand, type Examine } from "./doctor-command.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { addEvalCommands } from "./eval-commands.ts";
import { addEraseCommands, type PersonalData } from "./erase-commands.ts";
import { describeBackup } from "./storage/backup-commands.ts";
import { describeLogs } from "./logs/command.ts";
import { describeBlobs } from "./storage/blobs-command.ts";
import { describeUpgrade } from "./storage/upgrade-command.ts";
import { addGuardCommand } from "./guard-command.ts";
import { describeInit } from "./init/describe.ts";
import { addKnowledgeCommands } from "./knowledge-commands.ts";
import { addLessonCommands } from "./lesson-commands.ts";
import { addMailCommands, type MailVerifySurroundings } from "./mail-verify.ts";
import { addPauseCommands } from "./pause-commands.ts";
import { addPolicyCommands } from "./policy-commands.ts";
import { addToolCommands } from "./tools/commands.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { addProcedureCommands } from "./procedure-commands.ts";
import { addReplayCommand } from "./turns/replay-command.ts";
import { addReadingCommands } from "./turns/reading-commands.ts";
import { addResolutionCommands } from "./resolution-commands.ts";
import { runTyped } from "./standalone/run-typed.ts";
import { addSecretsCommands } from "./secrets-commands.ts";
import { addRehearseCommands } from "./rehearsal-commands.ts";
import { addReportCommands } from "./report-commands.ts";

/** A head of the audit's chain, as `audit verify` prints it. */
const Head = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/);

/** What commands work on, inside or outside the running process. */
export interface CommandContext extends Partial<CommandParts> {
  readonly store: Store;
  readonly clock: Clock;
  /** What the running process knows about itself; null outside it. */
  readonly status: (() => Promise<string>) | null;
  /** Address under which people reach the pages; null when no running process is known. */
  readonly appUrl: string | null;
  /** What erasure and retention work on; null or left out where there is no data. */
  readonly personal?: PersonalData | null;
  /** The configured secrets; left out where no setting is known. */
  readonly configured?: () => readonly ConfiguredSecret[];
  /** For how many hours a visitor's token may be valid; left out where no setting is known. */
  readonly chatHoursMax?: number;
  /** Checks every part; left out where nothing is known about them. */
  readonly examine?: Examine;
  /** Posts a first card and says what it is about; left out outside the running process. */
  readonly firstCard?: () => Promise<string>;
  /** Prints at once, for commands with much output; otherwise the output is returned at the end. */
  readonly write?: (text: string) => void;
  /** Where tools are imported; left out inside the running process, which has another folder. */
  readonly imports?: ToolImports;
  /** How saved mails are examined; left out where no setting is known. */
  readonly mail?: Omit<MailVerifySurroundings, "clock">;
}

/** What policy commands work on besides the named files. */
export interface PolicyContext {
  /** The file the policy comes from. */
  readonly source: PolicySource;
  /** Reads that file now and returns the result as text; null outside the running process. */
  readonly reload: (() => Promise<string>) | null;
}

/**
 * Runs one command line and returns what it printed. Never throws for a mistake in the command: that is exit code 1.
 * Without `policy` only the named files are known.
 */
export async function runCommand(
  context: CommandContext,
  argv: readonly string[],
  policy: PolicyContext | null = null,
): Promise<CommandResult> {
  return runTyped(argv, (program, say) => {
    addCommands(program, context, policy, (text) => (context.write ?? say)(`${text}\n`));
  });
}

/** Every command with its options and what it says about itself. Nothing runs before a line is parsed. */
export function addCommands(
  program: Command,
  context: CommandContext,
  policy: PolicyContext | null,
  print: (text: string) => void,
): Command {
  program.description("A helpdesk bot that asks before it acts.");
  const policyText = (): Promise<string> => textInForce(context.store, policy);
  addReadingCommands(program, context, print);
  addReplayCommand(program, context, print);
  addAudit(program, context, print);
  addSwitches(program, context, policy, print);
  addConsole(program, context, print);
  addPolicy(program, context, policy, print);
  addProcedureCommands(program, context, print);
  addToolCommands(program, context, policyText, print);
  addKnowledgeCommands(program, () => needed(context.knowledge)(), print);
  addLessonCommands(program, context, policy === null ? null : policyText, print);
  addRehearseCommands(program, context, print);
  addReportCommands(program, context, policyText, print);
  addResolutionCommands(program, context, policyText, print);
  addDeadLetterCommands(program, context, print);
  addEraseCommands(program, context, print);
  describeBackup(program);
  describeBlobs(program);
  describeUpgrade(program);
  describeLogs(program);
  addDoctorCommand(program, context.examine ?? null, print);
  addMailCommands(program, print, {
    clock: context.clock,
    ownServer: null,
    ours: null,
    ...context.mail,
  });
  addGuardCommand(program, context.store, print);
  return program;
}

function addAudit(
  program: Command,
  { store }: CommandContext,
  print: (text: string) => void,
): void {
  const audit = program
    .command("audit")
    .description("the hash-chained record of what was decided and done");
  audit
    .command("verify")
    .description("checks every entry and prints the head of the chain")
    .option("--head <hash>", "an earlier head: tells whether the chain still contains it")
    .action(async ({ head }: { head?: string }) => {
      const noted = head === undefined ? null : Head.safeParse(head);
      if (noted?.success === false) throw new Error(`${head} is no head: it has 64 hex digits`);
      const [found, place] = await store.run(async (transaction) => [
        await verifyAudit(transaction),
        noted === null ? null : await placeInAudit(transaction, noted.data),
      ]);
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

function addSwitches(
  program: Command,
  context: CommandContext,
  known: PolicyContext | null,
  print: (text: string) => void,
): void {
  const { store } = context;
  addPauseCommands(program, context, () => namesInForce(store, known), print);
  addSecretsCommands(program, context, () => namesInForce(store, known), print);
  describeInit(program);
  program
    .command("first-card")
    .description(
      "shows the team a first card, of a waiting ticket or of a sample, while every channel only shadows",
    )
    .action(async () => {
      if (context.firstCard === undefined)
        throw new Error("Deskhand does not run here, so no card can be posted. Start it first.");
      print(await context.firstCard());
    });
  addEvalCommands(program, context, () => namesInForce(store, known), print);
}

function addConsole(
  program: Command,
  { store, clock, appUrl }: CommandContext,
  print: (text: string) => void,
): void {
  program
    .command("console <email>")
    .description("prints a link that signs this teammate in to the console, once")
    .action(async (typed: string) => {
      const email = typed.toLowerCase();
      if (!z.email().safeParse(email).success) throw new Error(`${typed} is no e-mail address`);
      if (appUrl === null)
        throw new Error(
          "Deskhand does not run here, so a link would lead nowhere. Start it first.",
        );
      const holder = { email, name: nameFrom(email) };
      const code = await store.run((transaction) => issueCode(transaction, holder, clock.now()));
      print(consoleLink(appUrl, code));
      print(
        "It works once, within ten minutes. What may be decided is what the policy gives this address.",
      );
    });
}

function addPolicy(
  program: Command,
  { store, clock }: CommandContext,
  known: PolicyContext | null,
  print: (text: string) => void,
): void {
  const policy = addPolicyCommands(program, print, () => textInForce(store, known), clock);
  policy
    .command("diff <old> <new>")
    .description(
      "compares two files: what differs, what the new one additionally allows, and which pending cards change",
    )
    .action(async (old: string, next: string) => {
      const [before, after] = [fileAt(old), fileAt(next)];
      const pending = known === null ? [] : await pendingCards(store, before.policy, after.policy);
      print(comparisonText(before, after, pending));
    });
  policy
    .command("reload")
    .description("reloads the policy file now instead of within seconds")
    .action(async () => {
      if (known === null || known.reload === null)
        throw new Error("Deskhand does not run here. It looks at the file when it starts.");
      print(await known.reload());
    });
}

/** The names in the policy in force. Without one, only the built-in topics are known and no name has a role. */
async function namesInForce(store: Store, known: PolicyContext | null) {
  if (known === null) return { operations: [], topics: [], roleOf: () => null };
  return openPolicyInForce(await textInForce(store, known)).policy;
}

async function textInForce(store: Store, known: PolicyContext | null): Promise<string> {
  if (known === null) throw new Error("which policy is in force is not known here: say --file");
  const { kind, name } = known.source;
  const active = await store.run((transaction) => activePolicy(transaction, kind));
  return active?.text ?? readFileSync(name, "utf8");
}

function fileAt(path: string): PolicyFile {
  return openPolicyFile(readFileSync(path, "utf8"), basename(path));
}

/** "sam.ortiz@…" becomes "Sam Ortiz": enough to tell teammates apart on a card. */
function nameFrom(email: string): string {
  const [local = email] = email.split("@");
  const words = local.split(/[._+-]+/).filter((word) => word !== "");
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(" ");
}

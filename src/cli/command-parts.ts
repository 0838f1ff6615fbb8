/** What commands get of the composed parts: of a running Deskhand, or of the same one put together for them. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CommanderError } from "commander";
import type { Finding } from "#core/connection/connection-board.ts";
import type { Decision, Policy } from "#core/contracts/policy.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { TurnRecording } from "#core/values/trace.ts";
import type { ToolFinding } from "#doctor/probes.ts";
import type { ToolImports } from "#importing/command/import-tools.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { PolicySource } from "#jobs/policy/change.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import type { ComparedVersions } from "#jobs/rehearsal/compare.ts";
import type { RehearsalResult } from "#jobs/rehearsal/figures.ts";
import type { SourceReader } from "#knowledge/sources/read-source.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import type { BackedUp } from "#store/backup/backup.ts";
import type { RestoreResult } from "#store/backup/restore.ts";
import type { Store } from "#store/db/database.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import type { Terminal } from "#cli/init/terminal.ts";
import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import type { ExplainOptions } from "#email/sender-auth/sender-identity.ts";

/** Two versions to compare: folders, or folders of git revisions. Without a source, the sample shop's tickets are played. */
export interface CompareRequest extends Pick<
  RehearsalRequest,
  "last" | "concurrency" | "budgetUsd" | "proven"
> {
  readonly before: string;
  readonly after: string;
  readonly source: RehearsalRequest["source"] | null;
}

/** Everything that commands use, of a running Deskhand or of one that is put together for a single command. */
interface CommandParts {
  /** What the running process knows about itself. */
  readonly status: () => Promise<string>;
  /** Address under which people reach the pages. */
  readonly appUrl: string;
  readonly policy: PolicySource;
  readonly personal: PersonalData;
  /** Says whose data of the shop an address opens. */
  readonly bind: JobContext["bind"];
  /** For how many hours a visitor's token may be valid. */
  readonly chatHoursMax: number;
  readonly examine: () => Promise<readonly Finding[]>;
  readonly procedures: ProcedureShelf;
  readonly tools: ToolParts;
  readonly rehearse: (request: RehearsalRequest) => Promise<RehearsalResult>;
  readonly compare: (request: CompareRequest) => Promise<ComparedVersions>;
  readonly knowledge: () => Promise<SourceReader>;
  /** Runs a recorded turn again, with one part as it is today. */
  readonly replay: ReplayRecording;
  readonly backup: (place: string) => Promise<BackedUp>;
  readonly restore: (
    place: string,
    options: { readonly replace: boolean },
  ) => Promise<RestoreResult>;
  readonly mail: Omit<ExplainOptions, "clock" | "at">;
  /** The folder and terminal where the command was typed; the running process has neither. */
  readonly caller: CallerPlace;
  readonly imports: ToolImports;
  /** Takes a line while a long command goes on. */
  readonly progress: (line: string) => void;
  /** The folder the command was typed in. */
  readonly folder: string;
  /** Prints at once, for commands with much output; otherwise the output is returned at the end. */
  readonly write: (text: string) => void;
}

/** Where a command is typed. */
export interface CallerPlace {
  /** What the shell has set, with the variables of `.env` below it. */
  readonly environment: NodeJS.ProcessEnv;
  /** What the shell alone has set: a Deskhand that is started here reads `.env` by itself. */
  readonly shell: NodeJS.ProcessEnv;
  readonly folder: string;
  /** The data folder of these settings; null where they have a mistake. */
  readonly dataFolder: string | null;
  /** Null where there is no person at a terminal. */
  readonly terminal: (() => Terminal) | null;
}

/** What is known where a command runs: data and time always, and null or nothing in place of a part that is not. */
export type KnownParts = {
  readonly [Part in keyof CommandParts]?: CommandParts[Part] | null;
} & {
  readonly store: Store;
  readonly clock: Clock;
};

/** What a command is given. */
export type CommandContext = KnownParts & {
  /** Prints a line, or several. */
  readonly print: (text: string) => void;
};

/** Runs a recording again, with one part as it is today, and says what differs. */
export type ReplayRecording = (
  recording: TurnRecording,
  today: "prompt" | "policy" | "model" | null,
) => Promise<{ readonly lines: readonly string[]; readonly same: boolean }>;

/** Ends a command with this exit code, after everything it had to say; goes on where it is 0. */
export function endWith(exitCode: number): void {
  if (exitCode !== 0) throw new CommanderError(exitCode, "deskhand.ended", "");
}

/** The part that a command cannot do without. Throws where there is none. */
export function needed<Part>(
  part: Part | null | undefined,
  reason = "this command has no data to work on",
): Part {
  if (part === undefined || part === null) throw new Error(reason);
  return part;
}

/** The whole name of a file: another process may read it, and has another folder. */
export function wholePath({ folder }: Pick<CommandContext, "folder">, typed: string): string {
  return resolve(folder ?? "", typed);
}

/** A file that was typed. Throws where it cannot be read. */
export function typedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`${path} cannot be read`, { cause });
  }
}

/** The text of the policy in force; before the first start, of its file. Throws where no policy is known. */
export async function policyTextInForce({ store, policy }: CommandContext): Promise<string> {
  const { kind, name } = needed(policy, "which policy is in force is not known here: say --file");
  const active = await store.run(activePolicy, kind);
  return active?.text ?? readFileSync(name, "utf8");
}

/** What a command may name here, and who has which role. */
export type NamesInForce = Pick<Policy, "operations" | "topics" | "roleOf">;

/** The names in the policy in force. Without one, only the built-in topics are known and no name has a role. */
export async function namesInForce(context: CommandContext): Promise<NamesInForce> {
  if (context.policy === undefined || context.policy === null)
    return { operations: [], topics: [], roleOf: () => null };
  return openPolicyInForce(await policyTextInForce(context)).policy;
}

/** The lead who acts at the command line, as on the desk. Throws for other roles, and where none is named. */
export function leadIn({ roleOf }: Pick<Policy, "roleOf">, name: string | undefined): string {
  if (name === undefined)
    throw new Error(
      "Only a lead can do this. Say who you are: --as and your address, as it stands under roles.lead of the policy. Nothing was changed.",
    );
  // The argument may be an address or an id, and the policy lists people by either.
  if (roleOf({ id: name, email: name }) !== "lead")
    throw new Error(`${name} is no lead in the policy in force. Nothing was changed.`);
  return name;
}

/** What the commands about tools ask. */
interface ToolParts {
  /** Looks at every declaration, and asks each system once without changing anything. */
  check(): Promise<readonly ToolFinding[]>;
  /** Throws `input.invalid` for a tool that is not there or ends the turn, and what the shop or the tool throws. */
  try(asked: AskedTry): Promise<TriedTool>;
}

/** A call to try, as the agent would make it. */
export interface AskedTry {
  readonly name: string;
  /** E-mail address or customer id; taken as proven, since an operator who gives commands here may read the data anyway. */
  readonly customer: string;
  /** The arguments as JSON text. */
  readonly input: string;
  /** What the customer is taken to have written. */
  readonly saying: string;
}

/** What came of a try. Nothing was sent that changes anything. */
export interface TriedTool {
  /** Whose data the turn was bound to, in one sentence. */
  readonly bound: string;
  /** Exactly what the model reads. */
  readonly seen: string;
  /** What a write tool would put to the policy; null for a look-up, and where it proposes nothing. */
  readonly proposed: ProposedTry | null;
}

export interface ProposedTry {
  readonly label: string;
  /** The key under which it happens once. */
  readonly key: string;
  readonly decision: Decision;
  /** The request that would be sent, with marks for secrets; null where another part of Deskhand carries it out. */
  readonly request: string | null;
}

/** The commands about the work: `status`, `trace`, and what stands still by `pause`, `resume` and `dead-letters`. */

import { type Command, Option } from "commander";
import { quotedExcerpt } from "#core/values/card-text.ts";
import { invalidInput } from "#core/values/errors.ts";
import { ageText } from "#core/values/moment.ts";
import { counted } from "#core/values/words.ts";
import type { TurnRecording, TurnTrace } from "#core/values/trace.ts";
import { traceText } from "#jobs/decisions/explain-card.ts";
import { measureDowntime } from "#jobs/recovery/resume-after-downtime.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { findTurns, recentTurns, storedRecording } from "#store/conversations/traces.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { findPrinted, severalNamed } from "#store/lookup/search.ts";
import { recentPolicyChanges } from "#store/policy/policy-changes.ts";
import {
  type CommandContext,
  endWith,
  needed,
  leadIn,
  type NamesInForce,
  namesInForce,
} from "./command-parts.ts";
import { redrive } from "#jobs/effects/dead-letters.ts";
import {
  deadLetterById,
  givenUpHints,
  waitingDeadLetters,
  type DeadLetter,
  type GivenUpHint,
} from "#store/effects/dead-letters.ts";
import { effectByKey, type Effect } from "#store/effects/ledger.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import {
  pauseInWords,
  scopeCalled,
  scopesInWords,
  setPause,
  type Scope,
} from "#store/effects/pause.ts";
import { personPseudonym } from "#store/people/person-names.ts";

const TURNS_MAX = 20;
const SUBJECT_MAX = 60;

interface TraceOptions {
  readonly json?: boolean;
  readonly replay?: boolean;
  readonly with?: "prompt" | "policy" | "model";
}

/** Adds `status`. */
export function addStatusCommand(
  program: Command,
  { store, status, clock, print }: CommandContext,
): void {
  program
    .command("status")
    .description("shows what runs, and how much waits for people")
    .action(async () => {
      if (status) print(await status());
      const lines = await store.run(async (transaction) => [
        ...(await measureDowntime(transaction)),
        ...(await waitingLines(transaction, clock.now())),
      ]);
      for (const line of lines) print(line);
    });
}

/** Adds `trace`. */
export function addTraceCommand(program: Command, context: CommandContext): void {
  program
    .command("trace [id]")
    .description(
      "shows every step of a turn, conversation or card, by any id that is printed; without an id, the newest turns",
    )
    .option("--json", "for a program: an array of traces")
    .option(
      "--replay",
      "runs the turn again from what was recorded, without a key; exit code 1 when something differs",
    )
    .addOption(
      new Option(
        "--with <part>",
        "with --replay: takes one part as it is today; a model has to be set for it",
      ).choices(["prompt", "policy", "model"]),
    )
    .action(async (id: string | undefined, options: TraceOptions) => {
      const { json = false, replay = false, with: today = null } = options;
      if (replay) return replayed(context, id, today);
      if (today !== null) throw new Error("--with belongs to --replay");
      const text = await context.store.run((transaction) =>
        id === undefined ? newest(transaction, json) : one(transaction, id, json),
      );
      context.print(text);
    });
}

/** How much waits: the list itself is the inbox in the console. */
async function waitingLines(transaction: Transaction, now: Date): Promise<readonly string[]> {
  const { waiting, oldest, untaken } = await inboxCounts(transaction, "", now);
  const changes = (await recentPolicyChanges(transaction, now)).filter(
    ({ state }) => state === "proposed",
  );
  const age = oldest === null ? "" : `, the oldest for ${ageText(oldest, now)}`;
  return [
    `${counted(waiting, "card waits", "cards wait")} for a decision${age}`,
    ...(untaken === 0
      ? []
      : [`${counted(untaken, "case is", "cases are")} with people, not taken yet`]),
    ...(changes.length === 0
      ? []
      : [`${counted(changes.length, "change")} of the policy to vote on`]),
  ];
}

/** For whom and about what, as far as it is known. */
function headWords(head: CaseHead | undefined): readonly string[] {
  const words = [head?.name ?? "", quotedExcerpt(head?.subject ?? "", SUBJECT_MAX)];
  return words.filter((word) => word !== "");
}

async function newest(transaction: Transaction, asJson: boolean): Promise<string> {
  const turns = await recentTurns(transaction, TURNS_MAX);
  if (asJson) return turnsAsJson(turns);
  if (turns.length === 0) throw new Error("no turn is known under any id");
  const heads = await caseHeads(
    transaction,
    turns.map(({ conversation_id }) => conversation_id),
  );
  return turns
    .map((turn) => {
      const what = [turn.outcome_reason, ...headWords(heads.get(turn.conversation_id))].join(" · ");
      return `${turn.request_id}  ${turn.started_at}  ${turn.channel.padEnd(8)} ${turn.outcome.padEnd(9)} ${what}`;
    })
    .join("\n");
}

async function one(transaction: Transaction, typed: string, asJson: boolean): Promise<string> {
  const id = await tracedId(transaction, typed);
  if (asJson) return turnsAsJson(id === null ? [] : await findTurns(transaction, id));
  const text = id === null ? "" : await traceText(transaction, id);
  if (text === "") throw new Error(`no turn is known under ${typed}`);
  return text;
}

/** The turn or conversation that what was typed belongs to; throws when it names several records. */
async function tracedId(transaction: Transaction, typed: string): Promise<string | null> {
  const records = await findPrinted(transaction, typed);
  if (records.length > 1) throw new Error(severalNamed(typed, records));
  const [record] = records;
  // A trace may outlive the row of its conversation.
  return record === undefined ? typed : (record.turnId ?? record.conversationId);
}

function turnsAsJson(turns: readonly TurnTrace[]): string {
  return JSON.stringify(turns, null, 2);
}

// A stored turn, run again.

async function replayed(
  { store, replay, print }: CommandContext,
  id: string | undefined,
  today: TraceOptions["with"] | null,
): Promise<void> {
  if (id === undefined) throw new Error("say which turn is run again");
  const recording = await recordingUnder(store, id);
  const { lines, same } = await needed(replay)(recording, today ?? null);
  const {
    input,
    clock: [startedAt = 0],
  } = recording;
  print(`turn ${input.turnId} of ${input.conversation.id}, ${new Date(startedAt).toISOString()}`);
  for (const line of lines) print(line);
  endWith(same ? 0 : 1);
}

/** The newest recorded turn of a turn, conversation or card, by any id that is printed. */
async function recordingUnder(store: Store, id: string): Promise<TurnRecording> {
  const found = await store.run(async (transaction) => {
    for (const { request_id } of await findTurns(
      transaction,
      (await tracedId(transaction, id)) ?? id,
    )) {
      const recording = await storedRecording(transaction, request_id);
      if (recording !== null) return recording;
    }
    return null;
  });
  if (found !== null) return found;
  throw invalidInput(
    `Nothing is recorded of "${id}": it is older than the messages that are kept, larger than what is kept, or no model was asked. Its trace may still be there: deskhand trace ${id}`,
  );
}

const LISTED_MAX = 1_000;

interface Typed {
  readonly redrive?: boolean;
  readonly all?: boolean;
  readonly toBot?: boolean;
  readonly json?: boolean;
}

/** Adds `dead-letters`: lists what was given up, shows one of them, and puts it back. */
export function addDeadLetterCommand(program: Command, context: CommandContext): void {
  const { store, print } = context;
  program
    .command("dead-letters [id]")
    .description(
      "lists dead letters: work that was given up and waits for a person; with an id, what it was, why, and where the original is",
    )
    .option(
      "--redrive",
      "retries it: messages are read again, an effect is first looked up at its target",
    )
    .option("--all", "with --redrive: all dead letters")
    .option("--to-bot", "with --redrive: gives the conversation back to the bot")
    .option("--json", "for a program: an array of dead letters")
    .action(async (id: string | undefined, { redrive: again, all, toBot, json }: Typed) => {
      if (again === true) {
        const ids = await idsFor(store, id, all === true);
        return redriveEach(context, ids, toBot === true);
      }
      if (all === true || toBot === true) throw new Error("--all and --to-bot belong to --redrive");
      if (id !== undefined) return print(await store.run(describe, id));
      const letters = await store.run(waitingDeadLetters, LISTED_MAX);
      if (json === true) print(JSON.stringify(letters, null, 2));
      else if (letters.length === 0) print(NONE);
      else for (const letter of letters) print(deadLetterLine(letter));
    });
}

const NONE = "Nothing was given up.";

async function redriveEach(
  context: CommandContext,
  ids: readonly string[],
  toBot: boolean,
): Promise<void> {
  const { print } = context;
  for (const one of ids) {
    const came = await redrive(context, one, { toBot, by: "command line" });
    if (came === "unknown") throw new Error(`no dead letter is known under ${one}`);
    print(came === "redriven" ? `Put back: ${one}` : `Put back before: ${one}`);
  }
  if (ids.length === 0) print(NONE);
}

async function idsFor(
  store: Store,
  id: string | undefined,
  all: boolean,
): Promise<readonly string[]> {
  if (all === (id !== undefined)) throw new Error("say which one, or --all");
  if (id !== undefined) return [id];
  const letters = await store.run(waitingDeadLetters, LISTED_MAX);
  return letters.map((letter) => letter.id);
}

function deadLetterLine({ id, at, kind, conversationId, reason }: DeadLetter): string {
  return `${id}  ${at.toISOString()}  ${kind.padEnd(10)} ${conversationId}  ${reason}`;
}

async function describe(transaction: Transaction, id: string): Promise<string> {
  const letter = await deadLetterById(transaction, id);
  if (letter === null) throw new Error(`no dead letter is known under ${id}`);
  const { redrivenAt, hints, messages, effects } = letter;
  const state =
    redrivenAt === null ? "waits for a person" : `put back at ${redrivenAt.toISOString()}`;
  const lines = [deadLetterLine(letter), state];
  for (const hint of await givenUpHints(transaction, hints)) lines.push(...linesOfHint(hint));
  for (const key of messages) lines.push(`  message ${key}, read before`);
  for (const key of effects)
    lines.push(`  effect ${key}: ${effectText(await effectByKey(transaction, key))}`);
  return lines.join("\n");
}

function linesOfHint(hint: GivenUpHint): readonly string[] {
  const raw = hint.bodyRef === null ? `at its source, ${hint.channel}` : `blob ${hint.bodyRef}`;
  return [
    `  message ${hint.id} by ${hint.channel}, received ${hint.receivedAt.toISOString()}, event ${hint.eventId}`,
    `    original: ${raw}`,
    `    ${hint.error ?? "put back since"}`,
  ];
}

function effectText(effect: Effect | null): string {
  return effect === null
    ? "gone"
    : `${effect.operation} at ${effect.target}, now ${effect.state} (${effect.error ?? "no error"})`;
}

const REASON_MAX = 150;
const WHO = "command line";

/** Adds `pause` and `resume`. */
export function addPauseCommands(program: Command, context: CommandContext): void {
  const { store, clock, print } = context;
  program
    .command("pause")
    .argument("[scope]", "all, a channel, or a topic")
    .argument("[reason...]", "reason shown to the team")
    .description("pauses what goes to customers and the shop (all, one channel, or one topic)")
    .action(async (typed: string | undefined, reason: readonly string[]) => {
      const scope = scopeFrom(typed, await namesInForce(context));
      const { state, begun } = await store.run(async (transaction) => {
        const change = { scope, paused: true, by: pausedByText(reason), auditedAs: WHO };
        const after = await setPause(transaction, change, clock.now());
        return { state: after, begun: await inFlightEffectLines(transaction) };
      });
      print(`${pauseInWords(state)}.`);
      if (begun.length > 0) print("Begun before, and not stopped by this:");
      for (const line of begun) print(`  ${line}`);
    });
  program
    .command("resume")
    .argument("[scope]", "all, a channel, or a topic")
    .argument("[reason...]", "reason shown to the team")
    .option("--as <lead>", "address or id of the lead, as in the policy")
    .description("resumes; requires a lead")
    .action(
      async (typed: string | undefined, reason: readonly string[], { as }: { as?: string }) => {
        const known = await namesInForce(context);
        const lead = leadIn(known, as);
        const scope = scopeFrom(typed, known);
        const state = await store.run(async (transaction) => {
          const unknown = "there is no data here to write down who resumed";
          const { secret } = needed(context.personal, unknown);
          const auditedAs = await personPseudonym(transaction, lead, secret);
          const change = { scope, paused: false, by: pausedByText(reason), auditedAs };
          return setPause(transaction, change, clock.now());
        });
        print(state.holds.length === 0 ? "Running." : `${pauseInWords(state)}.`);
      },
    );
}

function scopeFrom(typed: string | undefined, known: NamesInForce): Scope {
  const scope = scopeCalled(typed ?? "all", known);
  if (scope === null)
    throw new Error(`'${typed}' is nothing that can be paused. ${scopesInWords(known)}`);
  return scope;
}

function pausedByText(reason: readonly string[]): string {
  const why = reason.join(" ").slice(0, REASON_MAX);
  return why === "" ? WHO : `${WHO}: ${why}`;
}

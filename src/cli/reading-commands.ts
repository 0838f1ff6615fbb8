/** Defines `status` and `trace`: what runs, what waits, what was done step by step, and a stored turn run again. */

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
import { type CommandContext, endWith, needed } from "./command-parts.ts";

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
  const printed = await findPrinted(transaction, typed);
  if (printed.found === "many") throw new Error(severalNamed(typed, printed.records));
  // A trace may outlive the row of its conversation.
  if (printed.found === "none") return typed;
  return printed.record.turnId ?? printed.record.conversationId;
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
  for (const line of [recordingHeading(recording), ...lines]) print(line);
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

function recordingHeading({ input, clock: [startedAt = 0] }: TurnRecording): string {
  return `turn ${input.turnId} of ${input.conversation.id}, ${new Date(startedAt).toISOString()}`;
}

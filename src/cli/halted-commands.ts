/** The commands about work that stands still: `pause`, `resume` and `dead-letters`. */

import type { Command } from "commander";
import { redrive } from "#jobs/effects/dead-letters.ts";
import {
  deadLetterById,
  givenUpHints,
  waitingDeadLetters,
  type DeadLetter,
  type GivenUpHint,
} from "#store/effects/dead-letters.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { effectByKey, type Effect } from "#store/effects/ledger.ts";
import {
  type CommandContext,
  leadIn,
  type NamesInForce,
  namesInForce,
  needed,
} from "./command-parts.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#jobs/context/pause.ts";
import { personPseudonym } from "#store/people/person-names.ts";
import type { Scope } from "#store/effects/pause.ts";

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
      if (id !== undefined) return print(await store.run((reading) => describe(reading, id)));
      const letters = await store.run((transaction) => waitingDeadLetters(transaction, LISTED_MAX));
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
  const letters = await store.run((transaction) => waitingDeadLetters(transaction, LISTED_MAX));
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

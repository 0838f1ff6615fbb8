/** The command `dead-letters`. */

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
import type { CommandContext } from "./command-parts.ts";

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

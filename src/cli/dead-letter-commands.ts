/** The `dead-letters` commands. */

import type { Command } from "commander";
import { redrive } from "#jobs/effects/dead-letters.ts";
import type { Clock } from "#core/contracts/ports.ts";
import {
  deadLetterById,
  givenUpHints,
  waitingDeadLetters,
  type DeadLetter,
  type GivenUpHint,
} from "#store/effects/dead-letters.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { effectByKey, type Effect } from "#store/effects/ledger.ts";

const LISTED_MAX = 1_000;

/** Adds `dead-letters`: lists what was given up, shows its details, and puts it back. */
export function addDeadLetterCommands(
  program: Command,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  print: (text: string) => void,
): void {
  const command = program
    .command("dead-letters")
    .description("lists dead letters: work that was given up and waits for a person")
    .option("--json", "for a program: an array of dead letters")
    .action(async (options: { json?: boolean }) => {
      const letters = await store.run((transaction) => waitingDeadLetters(transaction, LISTED_MAX));
      if (options.json === true) print(JSON.stringify(letters, null, 2));
      else if (letters.length === 0) print("Nothing was given up.");
      else for (const letter of letters) print(lineOf(letter));
    });
  command
    .command("show <id>")
    .description("shows a dead letter: what it was, why it was given up, and where the original is")
    .action(async (id: string) => {
      print(await store.run((transaction) => describe(transaction, id)));
    });
  command
    .command("redrive [id]")
    .description(
      "retries dead letters: messages are read again, an effect is first looked up at its target",
    )
    .option("--all", "all dead letters")
    .option("--to-bot", "gives the conversation back to the bot")
    .action(async (id: string | undefined, options: { all?: boolean; toBot?: boolean }) => {
      const ids = await idsOf(store, id, options.all === true);
      const how = { toBot: options.toBot === true, by: "command line" };
      for (const one of ids) {
        const came = await redrive({ store, clock }, one, how);
        if (came === "unknown") throw new Error(`no dead letter is known under ${one}`);
        print(came === "redriven" ? `Put back: ${one}` : `Put back before: ${one}`);
      }
      if (ids.length === 0) print("Nothing was given up.");
    });
}

async function idsOf(
  store: Store,
  id: string | undefined,
  all: boolean,
): Promise<readonly string[]> {
  if (all === (id !== undefined)) throw new Error("say which one, or --all");
  if (id !== undefined) return [id];
  const letters = await store.run((transaction) => waitingDeadLetters(transaction, LISTED_MAX));
  return letters.map((letter) => letter.id);
}

function lineOf({ id, at, kind, conversationId, reason }: DeadLetter): string {
  return `${id}  ${at.toISOString()}  ${kind.padEnd(10)} ${conversationId}  ${reason}`;
}

async function describe(transaction: Transaction, id: string): Promise<string> {
  const letter = await deadLetterById(transaction, id);
  if (letter === null) throw new Error(`no dead letter is known under ${id}`);
  const { redrivenAt, hints, messages, effects } = letter;
  const state =
    redrivenAt === null ? "waits for a person" : `put back at ${redrivenAt.toISOString()}`;
  const lines = [lineOf(letter), state];
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

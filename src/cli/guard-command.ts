/** The command `guard`: tells for each text of a file what the input guard says, and lists what it may learn from. */

import type { Command } from "commander";
import { z } from "zod";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { attackScore } from "#guard/input/classifier/classifier.ts";
import { inspectOne, TextPlace } from "#guard/input/one-text.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { excerpt } from "#core/values/card-text.ts";
import type { Store } from "#store/db/database.ts";
import { harmlessTexts, type HarmlessText } from "#store/reports/harmless-texts.ts";
import { jsonLines } from "./json-lines.ts";

const Row = z.object({
  id: z.string(),
  text: z.string(),
  segment: TextPlace.default("body"),
});
const Typed = z.object({ jsonl: z.string().optional() });
const Listed = z.object({ json: z.boolean().default(false) });
const SCORE_DIGITS = 10_000;

/** Adds `guard`: prints tier, score, reasons and the time taken for each line of a file. */
export function addGuardCommand(
  program: Command,
  store: Store,
  print: (text: string) => void,
): void {
  const command = program
    .command("guard")
    .description("tells for each text in a file whether the input guard would allow it, and why")
    .option(
      "--jsonl <file>",
      `lines of {"id", "text", "segment"?}; a segment is ${TextPlace.options.join(", ")}`,
    )
    .action(async (typed: unknown) => {
      const { jsonl } = Typed.parse(typed);
      if (jsonl === undefined)
        throw new DeskhandError("input.invalid", "--jsonl names no file to read texts from");
      const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
      for await (const { id, text, segment } of jsonLines(jsonl, Row)) {
        const begun = process.hrtime.bigint();
        const { verdict, reasons } = inspectOne(guard, text, segment);
        const micros = Number((process.hrtime.bigint() - begun) / 1_000n);
        const score = Math.round(attackScore(text) * SCORE_DIGITS) / SCORE_DIGITS;
        print(JSON.stringify({ id, tier: verdict, score, reasons, micros }));
      }
    });
  command
    .command("candidates")
    .description(
      "lists the texts that teammates said to be harmless, masked; the guard's training may read them",
    )
    .option("--json", "prints them as lines for npm run evals -- guard-train --also FILE")
    .action(async (typed: unknown) => {
      const { json } = Listed.parse(typed);
      for (const line of await (json ? candidateLines : candidateTable)(store)) print(line);
    });
}

// Texts that teammates said to be harmless.

const LISTED_MAX = 10_000;
const SHOWN_MAX = 100;

/** One line of JSON for each, in the form of `evals/guard/texts`. The words are masked; a person reads them first. */
export async function candidateLines(store: Store): Promise<readonly string[]> {
  const texts = await kept(store);
  return texts.map(({ id, segment, lang, words }) =>
    JSON.stringify({
      id: `desk-${id}`,
      kind: "hard-benign",
      lang: lang === "" ? "und" : lang,
      text: words,
      ...(segment === "body" ? {} : { segment }),
      split: "train",
      source: "desk",
    }),
  );
}

/** The same for people: when, on which card, where in the message, and how the text begins. */
async function candidateTable(store: Store): Promise<readonly string[]> {
  const texts = await kept(store);
  if (texts.length === 0) return ["No message was said to be harmless yet."];
  return texts.map(
    ({ id, at, approvalId, segment, words }) =>
      `desk-${id}  ${at.toISOString().slice(0, 10)}  ${approvalId}  ${segment}  ${excerpt(words, SHOWN_MAX)}`,
  );
}

function kept(store: Store): Promise<readonly HarmlessText[]> {
  return store.run((transaction) => harmlessTexts(transaction, LISTED_MAX));
}

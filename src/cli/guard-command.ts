/** The command `guard`: tells for each text of a file what the input guard says, and lists what it may learn from. */

import type { Command } from "commander";
import { z } from "zod";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { attackScore, inspectOne, TextPlace } from "#guard/input/one-text.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { candidateLines, candidateTable } from "#jobs/reports/guard-candidates.ts";
import type { Store } from "#store/db/database.ts";
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
    .option("--json", "prints them as lines for npm run guard:train -- --also FILE")
    .action(async (typed: unknown) => {
      const { json } = Listed.parse(typed);
      for (const line of await (json ? candidateLines : candidateTable)(store)) print(line);
    });
}

/** The command `guard`: tells for each text of a file what the input guard says. */

import type { Command } from "commander";
import { z } from "zod";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { attackScore, inspectOne, TextPlace } from "#guard/input/one-text.ts";
import { jsonLines } from "./json-lines.ts";

const Row = z.object({
  id: z.string(),
  text: z.string(),
  segment: TextPlace.default("body"),
});
const Typed = z.object({ jsonl: z.string() });
const SCORE_DIGITS = 10_000;

/** Adds `guard`: prints tier, score, reasons and the time taken for each line of a file. */
export function addGuardCommand(program: Command, print: (text: string) => void): void {
  program
    .command("guard")
    .description("tells for each text in a file whether the input guard would allow it, and why")
    .requiredOption(
      "--jsonl <file>",
      `lines of {"id", "text", "segment"?}; a segment is ${TextPlace.options.join(", ")}`,
    )
    .action(async (typed: unknown) => {
      const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
      for await (const { id, text, segment } of jsonLines(Typed.parse(typed).jsonl, Row)) {
        const begun = process.hrtime.bigint();
        const { verdict, reasons } = inspectOne(guard, text, segment);
        const micros = Number((process.hrtime.bigint() - begun) / 1_000n);
        const score = Math.round(attackScore(text) * SCORE_DIGITS) / SCORE_DIGITS;
        print(JSON.stringify({ id, tier: verdict, score, reasons, micros }));
      }
    });
}

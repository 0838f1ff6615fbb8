/** The verifier's answer as data: the statements of a reply, each with its kind and its quote. */
import { z } from "zod";
import { jsonOrNull } from "#core/values/canonical-json.ts";

/** More statements than any reply has, and longer ones than any sentence is. */
const STATEMENTS_MAX = 120;
const TEXT_MAX = 1_500;
const QUOTE_MAX = 800;
/** A longer answer is not read at all. */
const ANSWER_MAX = 60_000;

/**
 * `fact`: something is so. `done`: we did or are doing something. `promise`: something will be done. `grant`: an
 * exception, a discount, something free. `courtesy`: thanks, regret, a greeting, an offer to help. `question`: asks.
 * `echo`: repeats what the customer wrote, as theirs.
 */
const STATEMENT_KINDS = [
  "fact",
  "done",
  "promise",
  "grant",
  "courtesy",
  "question",
  "echo",
] as const;

const Statement = z.strictObject({
  /** An exact stretch of the reply. */
  text: z.string().min(1).max(TEXT_MAX),
  kind: z.enum(STATEMENT_KINDS),
  /** The number of the source, beginning with 1; null where none is needed, or none has it. */
  source: z.int().min(0).max(1_000).nullable(),
  /** An exact stretch of that source. */
  quote: z.string().max(QUOTE_MAX).nullable(),
});
export type Statement = z.infer<typeof Statement>;

export const Reading = z.strictObject({ statements: z.array(Statement).max(STATEMENTS_MAX) });
export type Reading = z.infer<typeof Reading>;

/** The answer of the model, or null for anything that is not exactly one: a repaired answer would be our own. */
export function readingIn(text: string): Reading | null {
  return text.length > ANSWER_MAX ? null : (Reading.safeParse(jsonOrNull(text)).data ?? null);
}

/**
 * Room: measures how well the output check tells backed replies from unbacked ones.
 * In: a file of labelled replies, each with all that its turn knew, and the sample shop's help pages.
 * Out: how many honest replies were flagged and how many others passed, by kind and language.
 * May touch: the file it is given and the sample pages.
 * This file: reads the labelled replies.
 */
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";

/** An action of the reply's conversation: waiting to go out with it, done before it, or refused. */
const LabelledAction = z.strictObject({
  operation: z.enum(["refund", "change_address", "cancel_order", "reset_password"]),
  order: z.string().min(1).nullable(),
  /** As replies write it, such as "80.00 USD". */
  amount: z
    .string()
    .regex(/^\d{1,7}\.\d{2} [A-Z]{3}$/)
    .optional(),
  address: z.string().min(5).optional(),
  state: z.enum(["proposed", "done", "denied"]),
});
export type LabelledAction = z.infer<typeof LabelledAction>;

/** A reply, what its turn knew, and whether that backs it. */
const LabelledReply = z.strictObject({
  id: z.string().min(1),
  lang: z.string().regex(/^[a-z]{2}$/),
  context: z.strictObject({
    /** The day of the reply. */
    today: z.iso.date(),
    /** Without an id the writer has not proven to be a customer. */
    customer: z.strictObject({
      id: z.string().min(1).nullable(),
      name: z.string().nullable(),
      email: z.string().nullable(),
    }),
    asked: z.string(),
    tool_results: z.array(z.strictObject({ tool: z.string().min(1), result: z.unknown() })),
    /** Names of help pages, each known whole. */
    pages: z.array(z.string().min(1)),
    actions: z.array(LabelledAction),
  }),
  reply: z.string().min(1),
  verdict: z.enum(["supported", "unsupported"]),
  why: z.string(),
  /** The false stretch of an unsupported reply. */
  unsupported_span: z.string().nullable(),
  kind: z.string().min(1),
});
export type LabelledReply = z.infer<typeof LabelledReply>;

/** Reads a file of one reply a line. Throws `input.invalid` with the line and the field. */
export function readReplies(file: string): readonly LabelledReply[] {
  return readLabelled(file, LabelledReply, "replies");
}

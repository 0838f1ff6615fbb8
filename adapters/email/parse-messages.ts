import { z } from "zod";
import { Attachment, Segment } from "#core/message.ts";

/** A mail as a person reads it. */
export const ReadMail = z.object({
  subject: z.string(),
  /** Decoded display names of From by address, for showing only. */
  names: z.map(z.string(), z.string()),
  date: z.date().nullable(),
  text: z.string(),
  segments: z.array(Segment),
  attachments: z.array(Attachment),
  /** METHOD of a calendar part, such as `REPLY`; null without one. */
  calendarMethod: z.string().nullable(),
  /** Why a person has to read it in the kept raw mail; null when it could be read. */
  unreadable: z.string().nullable(),
});
export type ReadMail = z.infer<typeof ReadMail>;

/**
 * What the parsing thread says. `ready` once, when it has started; `more` after each piece of a mail it took in; then
 * the mail.
 */
export const ParserAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("more") }),
  z.object({ kind: z.literal("read"), mail: ReadMail }),
  z.object({ kind: z.literal("failed"), reason: z.string() }),
]);
export type ParserAnswer = z.infer<typeof ParserAnswer>;

/** What it is told: the limit for the texts of the mail that now comes, a piece of it, or its end. */
export type ParserOrder = number | Uint8Array | "end";

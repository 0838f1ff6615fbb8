/** Messages between the main thread and the parser workers. */
import { z } from "zod";
import { Attachment, Segment } from "#core/values/message.ts";

/** A mail as a person reads it. */
export const MailContent = z.object({
  subject: z.string(),
  /** Decoded display names of From by address, for showing only. */
  names: z.map(z.string(), z.string()),
  date: z.date().nullable(),
  text: z.string(),
  segments: z.array(Segment),
  attachments: z.array(Attachment),
  /** The number of the part each of them is. */
  attachedParts: z.array(z.int()),
  /** Why a person has to read it in the kept raw mail; null when it could be read. */
  unreadable: z.string().nullable(),
});
export type MailContent = z.infer<typeof MailContent>;

/**
 * What the parsing thread says. `ready` once, when it has started; `more` after each piece of a mail it took in; then
 * the mail, or the file that was asked for.
 */
export const ParserAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("more") }),
  z.object({ kind: z.literal("read"), mail: MailContent }),
  /** Null when the mail has no such part; cut when the part is larger than was asked for. */
  z.object({
    kind: z.literal("file"),
    file: z.instanceof(Uint8Array).nullable(),
    isCut: z.boolean(),
  }),
  z.object({ kind: z.literal("failed"), reason: z.string() }),
]);
export type ParserAnswer = z.infer<typeof ParserAnswer>;

/** What is wanted of the mail that now comes: what it says, or the bytes of one of its parts. Limits in bytes. */
export const ParserTask = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("read"), textBytesMax: z.int() }),
  z.object({ kind: z.literal("file"), part: z.int(), bytesMax: z.int() }),
]);
export type ParserTask = z.infer<typeof ParserTask>;

/** What it is told: the task, then the mail in pieces, then its end. */
export type ParserOrder = ParserTask | Uint8Array | "end";

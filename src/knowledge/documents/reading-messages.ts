/** The messages between a process that needs documents read and the thread that reads them. */
import { z } from "zod";

/** A document for the thread; its parts are asked for one by one. */
export const ReadingQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), path: z.string(), bytes: z.instanceof(Uint8Array) }),
  z.strictObject({ kind: z.literal("part"), id: z.int(), text: z.string().nullable() }),
]);
export type ReadingQuestion = z.infer<typeof ReadingQuestion>;

/** What the thread says: it needs a part, or it is done. */
export const ReadingAnswer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("part"), id: z.int(), path: z.string() }),
  z.strictObject({
    kind: z.literal("read"),
    document: z.strictObject({
      title: z.string(),
      language: z.string(),
      text: z.string(),
      fields: z.record(z.string(), z.unknown()),
      hidden: z.string(),
      remarks: z.array(z.string()),
    }),
  }),
  z.strictObject({ kind: z.literal("unreadable"), reason: z.string() }),
]);
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;

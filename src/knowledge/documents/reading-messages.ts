/** The messages between a process that needs documents read and the thread that reads them. */
import { z } from "zod";

const bytes = z.instanceof(Uint8Array);

/** Bytes for the thread, and what to read in them; a document's parts are asked for one by one. */
export const ReadingQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), path: z.string(), bytes }),
  z.strictObject({ kind: z.literal("signs"), bytes }),
  z.strictObject({ kind: z.literal("sitemap"), bytes }),
  z.strictObject({ kind: z.literal("part"), id: z.int(), text: z.string().nullable() }),
]);
export type ReadingQuestion = z.infer<typeof ReadingQuestion>;

/** What a question other than about a part is. */
export type ReadingTask = Exclude<ReadingQuestion, { kind: "part" }>;

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
  z.strictObject({
    kind: z.literal("signs"),
    signs: z.strictObject({ links: z.array(z.string()), isUnlisted: z.boolean() }),
  }),
  z.strictObject({
    kind: z.literal("sitemap"),
    sitemap: z.strictObject({ isIndex: z.boolean(), addresses: z.array(z.string()) }),
  }),
  z.strictObject({ kind: z.literal("unreadable"), reason: z.string() }),
]);
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;
/** What came of a task that was done. */
export type ReadingResult = Exclude<ReadingAnswer, { kind: "part" | "unreadable" }>;

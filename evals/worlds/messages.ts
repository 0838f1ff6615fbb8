/** What a thread of the evals is asked, and what it answers. */
import { z } from "zod";
import { PlayRecord } from "#evals/runs/record.ts";

/** What a thread needs to begin; it reads the cases itself. */
export const Beginning = z.strictObject({
  casesFolder: z.string(),
  /** The model in place of the configured one; null for the configured one. */
  model: z.string().nullable(),
});
export type Beginning = z.infer<typeof Beginning>;

/** What a thread is asked. */
export const Asked = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("play"), case: z.string(), repetition: z.int().min(1) }),
  z.strictObject({ kind: z.literal("close") }),
]);
export type Asked = z.infer<typeof Asked>;

/** What a thread answers: once whether its world is open, then each play's record. */
export const Answer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("open"), modelName: z.string() }),
  /** `told`: the reason is a sentence for the person who runs the evals. */
  z.strictObject({ kind: z.literal("not_open"), told: z.boolean(), reason: z.string() }),
  z.strictObject({ kind: z.literal("played"), record: PlayRecord }),
]);
export type Answer = z.infer<typeof Answer>;

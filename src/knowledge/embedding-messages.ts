/** The messages between the embedder and its worker thread. */
import { z } from "zod";

/** A question to the thread that computes embeddings. */
export const EmbeddingQuestion = z.strictObject({
  id: z.int(),
  texts: z.array(z.string().min(1)).max(64),
});
export type EmbeddingQuestion = z.infer<typeof EmbeddingQuestion>;

/** Its answer: one vector of length 1 for each text, in the same order. */
export const EmbeddingAnswer = z.strictObject({
  id: z.int(),
  vectors: z.array(z.instanceof(Float32Array)),
});
export type EmbeddingAnswer = z.infer<typeof EmbeddingAnswer>;

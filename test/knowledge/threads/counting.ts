/** Answers with the number of questions since the thread was started. */
import { parentPort } from "node:worker_threads";
import { EmbeddingQuestion } from "#knowledge/embedder.ts";

let questions = 0;
parentPort?.on("message", (value: unknown) => {
  const { texts } = EmbeddingQuestion.parse(value);
  questions += 1;
  parentPort?.postMessage({ vectors: texts.map(() => Float32Array.of(questions)) });
});

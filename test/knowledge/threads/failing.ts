/** Fails by the way the first word of a question names: `crash`, `leave`, `babble`, `silence`. Else it answers. */
import { parentPort } from "node:worker_threads";
import { EmbeddingQuestion } from "#knowledge/embedder.ts";

parentPort?.on("message", (value: unknown) => {
  const { texts } = EmbeddingQuestion.parse(value);
  const text = texts[0]?.split(" ")[0];
  if (text === "crash") throw new Error("crashed as told");
  if (text === "leave") process.exit(3);
  if (text === "babble") parentPort?.postMessage({ vectors: "nonsense" });
  else if (text !== "silence") parentPort?.postMessage({ vectors: [Float32Array.of(1)] });
});

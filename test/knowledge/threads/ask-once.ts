/** A program that asks one question and then has nothing more to do. */
import { workerEmbedder } from "#knowledge/embedder.ts";
import { listeningLog } from "#test/knowledge/bench.ts";

const script = new URL("./counting.ts", import.meta.url);
const embedder = workerEmbedder({ log: listeningLog(), script });
await embedder.embed(["a question"]);

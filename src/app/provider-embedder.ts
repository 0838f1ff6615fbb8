/** Embeddings from a provider, in place of the built-in ones. */
import type { Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { openaiEmbeddings } from "#agent/model.ts";
import { tokenCost, type PriceTable } from "#agent/prices.ts";
import type { Config } from "#config/environment.ts";
import { embeddingConnection } from "#config/language-model.ts";
import type { Embedder } from "#knowledge/embedder.ts";

/** Passages in one request: few requests for a large help centre, and far below the provider's own bounds. */
const TEXTS_AT_ONCE = 64;
/** A question waits for its embedding no longer than this anyway. */
const ANSWER_MS = 20_000;
/** After a failure nothing is asked for this long: each search would wait for the next one. */
const REST_MS = 30_000;

/**
 * The provider that `EMBEDDINGS` names; null where it names none. Its client is loaded with the first text. What was
 * computed is told to the log with its tokens and their price.
 */
export function providerEmbedder(
  environment: Config["environment"],
  { log, prices }: { readonly log: Log; readonly prices: PriceTable },
): Embedder | null {
  const connection = embeddingConnection(environment);
  if (connection === null) return null;
  const { model } = connection;
  const loading: { ask: Promise<ReturnType<typeof openaiEmbeddings>> | null } = { ask: null };
  const state = { restUntil: 0, isClosed: false };
  return {
    name: environment.EMBEDDINGS,
    textsAtOnce: TEXTS_AT_ONCE,
    async embed(texts) {
      if (state.isClosed) throw new Error("the embedder is closed");
      if (performance.now() < state.restUntil)
        throw new Error("the provider of embeddings failed a moment ago");
      loading.ask ??= import("#agent/model.ts").then((client) =>
        client.openaiEmbeddings({ ...connection, timeoutMs: ANSWER_MS }),
      );
      const ask = await loading.ask;
      try {
        const { vectors, inputTokens } = await ask(texts);
        const usd = tokenCost(prices, model, { input: inputTokens, output: 0 });
        log.info("embeddings were computed", { model, texts: texts.length, inputTokens, usd });
        return vectors.map(ofLengthOne);
      } catch (error) {
        state.restUntil = performance.now() + REST_MS;
        log.warn("the provider of embeddings failed", { reason: reasonOf(error) });
        throw error;
      }
    },
    async close() {
      state.isClosed = true;
    },
  };
}

/** Not every compatible server gives vectors of length 1. */
function ofLengthOne(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
}

/** Asks the models beside the one that answers, each as at work. */
import type { Config } from "#config/environment.ts";
import { embeddingConnection, modelSettingsOf, verifierOf } from "#config/language-model.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { modelFinding } from "./probes.ts";

const EMBED_MS = 20_000;

/** The model that only reads drafts, where it is another one, and the one of embeddings, where one is named. Never throws. */
export async function otherModelFindings(
  environment: Config["environment"],
  now: Date,
): Promise<readonly Finding[]> {
  return [...(await verifierFindings(environment, now)), ...(await embeddingFindings(environment))];
}

async function verifierFindings(
  environment: Config["environment"],
  now: Date,
): Promise<readonly Finding[]> {
  const { DESKHAND_VERIFIER_MODEL: other, DESKHAND_VERIFIER_URL: elsewhere } = environment;
  const verifier = verifierOf(environment);
  if (verifier === null || (other ?? elsewhere) === undefined) return [];
  return modelFinding({
    key: verifier.apiKey,
    url: verifier.baseUrl,
    model: verifier.model,
    part: "verifier",
    isReal: true,
    profile: modelSettingsOf(environment),
    tryMsMax: verifier.ms,
    now,
  });
}

async function embeddingFindings(environment: Config["environment"]): Promise<readonly Finding[]> {
  const connection = embeddingConnection(environment);
  if (connection === null) return [];
  const place = { part: "embeddings", check: "asked" };
  try {
    const { openaiEmbeddings } = await import("#agent/model.ts");
    const startedAt = performance.now();
    const { vectors } = await openaiEmbeddings({ ...connection, timeoutMs: EMBED_MS })(["test"]);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const found = `${connection.model} gave ${vectors[0]?.length ?? 0} numbers in ${seconds} s`;
    return [{ ...place, state: "ok", found, remedy: null }];
  } catch (error) {
    const remedy = "check EMBEDDINGS, OPENAI_API_KEY and OPENAI_BASE_URL";
    return [{ ...place, state: "problem", found: reasonOf(error), remedy }];
  }
}

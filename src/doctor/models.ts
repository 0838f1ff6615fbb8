/** Asks every model that is configured, each as at work. */
import type { Config } from "#config/environment.ts";
import { embeddingConnection, modelsAsked } from "#config/language-model.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { modelFindings, rehearsalFinding } from "./try-model.ts";

const EMBED_MS = 20_000;

/** What every model that is asked answers, and the one of embeddings, where one is named. Never throws. */
export async function modelsFindings(
  environment: Config["environment"],
  given: Pick<Parameters<typeof modelFindings>[0], "tools" | "tryMsMax" | "now"> & {
    readonly isReal: boolean;
  },
): Promise<readonly Finding[]> {
  const { isReal, ...tried } = given;
  const models = modelsAsked(environment);
  const found = await Promise.all(
    models.map((connection) =>
      modelFindings(
        connection.part === "model"
          ? { ...tried, connection }
          : { ...tried, connection, tryMsMax: connection.timeoutMs },
      ),
    ),
  );
  return [
    ...(models.some(({ part }) => part === "model") ? [] : [rehearsalFinding(isReal)]),
    ...found.flat(),
    ...(await embeddingFindings(environment)),
  ];
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

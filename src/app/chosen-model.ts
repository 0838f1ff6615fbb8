/** The model that answers: the configured one, or the rehearsal rules where none is. */

import type { Model } from "#core/contracts/model.ts";
import type { Config } from "#config/environment.ts";
import { DEFAULT_MODEL_URL, modelSettingsOf, verifierOf } from "#config/language-model.ts";

/** The name of the rehearsal rules in traces and on cards. */
const REHEARSAL = "rehearsal";

/** A model whose client is loaded with the first question: every role composes one, and many never ask it. */
export function chosenModel({ environment }: Pick<Config, "environment">): Model {
  const { OPENAI_API_KEY, DESKHAND_MODEL } = environment;
  const isRehearsal = OPENAI_API_KEY === undefined;
  const loading: { client: Promise<Model> | null } = { client: null };
  return {
    name: isRehearsal ? REHEARSAL : DESKHAND_MODEL,
    isRehearsal,
    async complete(request) {
      loading.client ??= loadedModel(environment);
      return (await loading.client).complete(request);
    },
  };
}

/** The model that reads drafts against their sources, loaded likewise; null where no key for one is configured. */
export function chosenVerifier({
  environment,
}: Pick<Config, "environment">): { readonly model: Model; readonly ms: number } | null {
  const connection = verifierOf(environment);
  if (connection === null) return null;
  const { ms, ...rest } = connection;
  const loading: { client: Promise<Model> | null } = { client: null };
  const model: Model = {
    name: rest.model,
    isRehearsal: false,
    async complete(request) {
      loading.client ??= import("#agent/model.ts").then(({ openaiModel }) =>
        openaiModel({ ...rest, timeoutMs: ms, profile: modelSettingsOf(environment) }),
      );
      return (await loading.client).complete(request);
    },
  };
  return { model, ms };
}

async function loadedModel(environment: Config["environment"]): Promise<Model> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, DESKHAND_MODEL } = environment;
  if (OPENAI_API_KEY === undefined) {
    const { rehearsalModel } = await import("#agent/rehearsal/rehearsal.ts");
    return rehearsalModel();
  }
  const { openaiModel } = await import("#agent/model.ts");
  return openaiModel({
    apiKey: OPENAI_API_KEY,
    baseUrl: OPENAI_BASE_URL ?? DEFAULT_MODEL_URL,
    model: DESKHAND_MODEL,
    timeoutMs: 60_000,
    profile: modelSettingsOf(environment),
  });
}

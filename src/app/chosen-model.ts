/** The model that answers: the configured one, or the rehearsal rules where none is. */

import { priceOf, PRICES } from "#agent/prices.ts";
import { profileFor } from "#agent/wire/profile.ts";
import { DeskhandError } from "#core/values/errors.ts";
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

/** Throws `config.invalid` for a model whose price nobody knows: the policy's limits in dollars would never hold. */
export function requirePrice({ environment }: Pick<Config, "environment">): void {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, DESKHAND_MODEL, DESKHAND_MODEL_PRICE } = environment;
  const isKnown =
    OPENAI_API_KEY === undefined ||
    DESKHAND_MODEL_PRICE !== undefined ||
    priceOf(PRICES, DESKHAND_MODEL) !== undefined ||
    profileFor(OPENAI_BASE_URL ?? DEFAULT_MODEL_URL).bills;
  if (isKnown) return;
  throw new DeskhandError(
    "config.invalid",
    `DESKHAND_MODEL_PRICE: is missing, and the policy's limits in dollars need it, since the price of ${DESKHAND_MODEL} is not known (input,kept input,output per million tokens; 0,0,0 for a server of your own)`,
  );
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
    apiKey: OPENAI_API_KEY.reveal(),
    baseUrl: OPENAI_BASE_URL ?? DEFAULT_MODEL_URL,
    model: DESKHAND_MODEL,
    timeoutMs: 60_000,
    profile: modelSettingsOf(environment),
  });
}

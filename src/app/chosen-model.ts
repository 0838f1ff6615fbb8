/** The models that are asked: the configured ones, or the rehearsal rules where none is. */

import { modelPrice, PRICES } from "#agent/prices.ts";
import { profileFor } from "#agent/wire/request-body.ts";
import { invalidConfig } from "#core/values/errors.ts";
import type { Model } from "#core/contracts/model.ts";
import type { Config } from "#config/environment.ts";
import {
  answeringModel,
  type ModelConnection,
  modelsAsked,
  opinionModel,
  readingModel,
} from "#config/language-model.ts";

/** The name of the rehearsal rules in traces and on cards. */
const REHEARSAL = "rehearsal";

/** The model that answers. */
export function chosenModel({ environment }: Pick<Config, "environment">): Model {
  return modelAt(answeringModel(environment));
}

/** The model that reads drafts against their sources; null where no key for one is configured. */
export function chosenVerifier({
  environment,
}: Pick<Config, "environment">): { readonly model: Model; readonly ms: number } | null {
  const connection = readingModel(environment);
  return connection === null ? null : { model: modelAt(connection), ms: connection.timeoutMs };
}

/** The model that gives a second opinion on messages; null where none is named, or no key is set. */
export function chosenOpinion({ environment }: Pick<Config, "environment">): Model | null {
  const connection = opinionModel(environment);
  return connection === null ? null : modelAt(connection);
}

/** A model whose client is loaded with the first question: every role composes one, and many never ask it. */
function modelAt(connection: ModelConnection | null): Model {
  const loading: { client: Promise<Model> | null } = { client: null };
  return {
    name: connection?.model ?? REHEARSAL,
    isRehearsal: connection === null,
    async complete(request) {
      loading.client ??=
        connection === null
          ? import("#sandbox/rehearsal/rehearsal.ts").then(({ rehearsalModel }) => rehearsalModel())
          : import("#agent/model.ts").then(({ openaiModel }) => openaiModel(connection));
      return (await loading.client).complete(request);
    },
  };
}

/** Throws `config.invalid` for a model whose price nobody knows: the policy's limits in dollars would never hold. */
export function requirePrice({ environment }: Pick<Config, "environment">): void {
  const unknown = modelsAsked(environment).find(
    ({ model, baseUrl, price }) =>
      price === undefined && modelPrice(PRICES, model) === undefined && !profileFor(baseUrl).bills,
  );
  if (unknown === undefined) return;
  const { part, model } = unknown;
  throw invalidConfig(
    `DESKHAND_${part.toUpperCase()}_PRICE: is missing, and the policy's limits in dollars need it, since the price of ${model} is not known (input,kept input,output per million tokens; 0,0,0 for a server of your own)`,
  );
}

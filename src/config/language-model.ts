/** Environment variables of the language model. */
import type { Variables } from "./environment-file.ts";
import { secret, text, url } from "./secret.ts";
import { z } from "zod";

/** A model's price: three numbers, as `DESKHAND_MODEL_PRICE` has them. */
export const ModelPrice = text.regex(
  /^\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?){2}$/,
  "is no three numbers with commas between",
);
const price = ModelPrice.optional();

/** The model that is asked where none is named. Its end is checked against the list of prices by a test. */
export const DEFAULT_MODEL = "gpt-6.1-terra";

/** Which models are asked, where, and what they can do; and who gives a second opinion on what the input guard allows. */
export const MODEL_VARIABLES = {
  DESKHAND_MODEL: text.default(DEFAULT_MODEL).describe("name of the model at its provider"),
  DESKHAND_MODEL_API: z
    .enum(["responses", "chat"])
    .optional()
    .describe("interface of the server; `responses` at OpenAI and Azure, else `chat`"),
  DESKHAND_MODEL_EFFORT: text
    .optional()
    .describe("how long the model may think, in its provider's words; `low` by Responses"),
  DESKHAND_MODEL_PRICE: price.describe(
    "US dollars per million tokens of input, kept input and output; the list price unless set",
  ),
  DESKHAND_MODEL_PICTURES: z
    .enum(["on", "off"])
    .default("off")
    .describe("whether the model takes pictures, so that teammates can have them described"),
  OPENAI_API_KEY: secret
    .optional()
    .describe("key of the model's provider; without it built-in rules answer"),
  OPENAI_BASE_URL: url.optional().describe("the model's server, if not OpenAI's"),
  DESKHAND_VERIFIER_MODEL: text
    .optional()
    .describe("model that reads drafts against their sources; the one that writes unless set"),
  DESKHAND_VERIFIER_URL: url.optional().describe("its server; it has to answer by a JSON schema"),
  DESKHAND_VERIFIER_KEY: secret.optional().describe("its key"),
  DESKHAND_VERIFIER_PRICE: price.describe("its price, like `DESKHAND_MODEL_PRICE`"),
  DESKHAND_VERIFIER_SECONDS: z.coerce
    .number()
    .min(1)
    // As long as the built-in fetch waits for an answer.
    .max(300)
    .default(30)
    .describe("seconds it may take for one draft; after that a person reads it"),
  DESKHAND_GUARD_OPINION_URL: url
    .optional()
    .describe(
      "moderation endpoint or prompt shield that gets the masked text of what the guard allows",
    ),
  DESKHAND_GUARD_OPINION_KEY: secret
    .optional()
    .describe("its key; any text for a server without keys"),
  DESKHAND_GUARD_OPINION_MODEL: text
    .optional()
    .describe("in its place, a model at the server of the one that answers, asked for one word"),
  DESKHAND_GUARD_OPINION_PRICE: price.describe("its price, like `DESKHAND_MODEL_PRICE`"),
};

/** A model as the settings name it: where and how it is asked. */
export interface ModelConnection {
  readonly part: "model" | "verifier" | "guard_opinion";
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  /** For one try; a verifier has as long for one draft with all its tries. */
  readonly timeoutMs: number;
  /** What the operator says of the server; one that is not named by its own settings goes by its host. */
  readonly profile: {
    readonly api?: "responses" | "chat" | undefined;
    readonly effort?: string | undefined;
  };
  /** The operator's own price. */
  readonly price?: string | undefined;
}

/** The address of the provider whose interface the others speak. */
export const DEFAULT_MODEL_URL = "https://api.openai.com/v1";

/** The variables of models as they are read; an installation without a model has the defaults alone. */
type ModelSettings = Pick<Read, "DESKHAND_MODEL"> & Partial<Read>;
type Read = Readonly<z.infer<z.ZodObject<typeof MODEL_VARIABLES>>>;

/** The model that answers; null where there is no key, so that the rehearsal rules do. */
export function answeringModel(set: ModelSettings): ModelConnection | null {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl = DEFAULT_MODEL_URL } = set;
  if (apiKey === undefined) return null;
  return {
    part: "model",
    apiKey: apiKey.reveal(),
    baseUrl,
    model: set.DESKHAND_MODEL,
    timeoutMs: 60_000,
    profile: { api: set.DESKHAND_MODEL_API, effort: set.DESKHAND_MODEL_EFFORT },
    price: set.DESKHAND_MODEL_PRICE,
  };
}

/** Where embeddings are asked, in the form `openai:MODEL:DIMENSIONS`; null where no provider makes them. */
export function embeddingConnection(
  set: Pick<Read, "OPENAI_API_KEY" | "OPENAI_BASE_URL"> & { readonly EMBEDDINGS: string },
) {
  const { EMBEDDINGS, OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl = DEFAULT_MODEL_URL } = set;
  const [kind, model, dimensions] = EMBEDDINGS.split(":");
  if (kind !== "openai" || model === undefined || apiKey === undefined) return null;
  return {
    apiKey: apiKey.reveal(),
    baseUrl,
    model,
    dimensions: dimensions === undefined ? null : Number(dimensions),
  };
}

/** The model that reads drafts, by its own settings and those of the one that answers; null where there is no key at all. */
export function readingModel(
  set: ModelSettings & Pick<Read, "DESKHAND_VERIFIER_SECONDS">,
): ModelConnection | null {
  const { DESKHAND_VERIFIER_URL: url = set.OPENAI_BASE_URL, DESKHAND_VERIFIER_MODEL: name } = set;
  const same = answeringModel({
    ...set,
    OPENAI_API_KEY: set.DESKHAND_VERIFIER_KEY ?? set.OPENAI_API_KEY,
    OPENAI_BASE_URL: url,
    DESKHAND_MODEL: name ?? set.DESKHAND_MODEL,
  });
  if (same === null) return null;
  const isElsewhere = modelOrigin(url) !== modelOrigin(set.OPENAI_BASE_URL);
  return {
    ...same,
    part: "verifier",
    timeoutMs: set.DESKHAND_VERIFIER_SECONDS * 1_000,
    profile: isElsewhere ? {} : same.profile,
    price: set.DESKHAND_VERIFIER_PRICE ?? (name === undefined ? same.price : undefined),
  };
}

/** The model that gives a second opinion, at the server of the one that answers; null where none is named, or no key is set. */
export function opinionModel(set: ModelSettings): ModelConnection | null {
  const { DESKHAND_GUARD_OPINION_MODEL: model, DESKHAND_GUARD_OPINION_PRICE: price } = set;
  const same = answeringModel(set);
  if (model === undefined || same === null) return null;
  const known = model === same.model ? same.price : undefined;
  return { ...same, part: "guard_opinion", model, price: price ?? known };
}

/** The models that are asked about one conversation, each once. */
export function modelsAsked(set: Parameters<typeof readingModel>[0]): readonly ModelConnection[] {
  const { DESKHAND_VERIFIER_MODEL: model, DESKHAND_VERIFIER_URL: url } = set;
  const isOther = (model ?? url ?? set.DESKHAND_VERIFIER_KEY) !== undefined;
  const [answering, opinion] = [answeringModel(set), opinionModel(set)];
  const isItself = opinion?.model === answering?.model;
  const models = [answering, isOther ? readingModel(set) : null, isItself ? null : opinion];
  return models.filter((one) => one !== null);
}

/** Said of a key that only some servers ask for. */
export const WITHOUT_KEYS = " (any text does for a server without keys)";

/** A verifier at another server must not get the key of the turn's model, and one without any key cannot be asked. */
function verifierProblems(set: Variables): readonly string[] {
  if (set["DESKHAND_VERIFIER_KEY"] !== undefined) return [];
  const isElsewhere =
    set["DESKHAND_VERIFIER_URL"] !== undefined &&
    modelOrigin(set["DESKHAND_VERIFIER_URL"]) !== modelOrigin(set["OPENAI_BASE_URL"]);
  if (isElsewhere)
    return [
      `DESKHAND_VERIFIER_KEY: is missing, and DESKHAND_VERIFIER_URL is another server, which must not get OPENAI_API_KEY${WITHOUT_KEYS}`,
    ];
  return set["DESKHAND_VERIFIER_MODEL"] === undefined || set["OPENAI_API_KEY"] !== undefined
    ? []
    : [
        `DESKHAND_VERIFIER_KEY: is missing, and DESKHAND_VERIFIER_MODEL needs it, or OPENAI_API_KEY${WITHOUT_KEYS}`,
      ];
}

/** What cannot be read as an address is reported by its own setting. */
function modelOrigin(url: string | undefined): string | null {
  const read = URL.parse(url ?? DEFAULT_MODEL_URL);
  return read?.origin ?? null;
}

/** Settings of a model where none is configured: the rehearsal model has no address, and sees nothing. */
export function modelProblems(set: Variables): readonly string[] {
  return [...verifierProblems(set), ...pictureProblems(set), ...embeddingProblems(set)];
}

function embeddingProblems(set: Variables): readonly string[] {
  return set["OPENAI_API_KEY"] === undefined && set["EMBEDDINGS"]?.startsWith("openai:") === true
    ? [`OPENAI_API_KEY: is missing, and EMBEDDINGS needs it${WITHOUT_KEYS}`]
    : [];
}

function pictureProblems(set: Variables): readonly string[] {
  return set["OPENAI_API_KEY"] === undefined && set["DESKHAND_MODEL_PICTURES"] === "on"
    ? [
        "DESKHAND_MODEL_PICTURES: is on, and no model is configured that could see; set OPENAI_API_KEY, or leave it off",
      ]
    : [];
}

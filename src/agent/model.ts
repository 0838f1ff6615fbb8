/** The client for a model with OpenAI's Responses or chat completions, at OpenAI or at another server. */
import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import {
  type Model,
  type ModelAnswer,
  type ModelEnd,
  type ModelRequest,
  type ModelUse,
  UnusableAnswer,
} from "#core/contracts/model.ts";
import { type Fetch, retryAfterMs, wholeFetch } from "#core/connection/http-answer.ts";
import { modelPrice, PRICES } from "./prices.ts";
import {
  lessonFrom,
  type Profile,
  profileFor,
  type ProfileSettings,
  requestBody,
} from "#agent/wire/request-body.ts";
import {
  answerIn,
  CutOff,
  filtered,
  ProviderError,
  tokenEstimate,
  wordsIn,
  WORDS_MAX,
} from "./wire/read-answer.ts";

const ANSWER_BYTES_MAX = 8_000_000;

/** One retry inside a turn bridges a dropped connection; the queue waits for anything longer. */
const RETRIES = 1;

/** A model that learns from what its server refuses. */
export interface LearningModel extends Model {
  /** What was learnt so far, each a sentence about the server. */
  learnt(): readonly string[];
}

/** A server that refuses one parameter after the other is asked no oftener than this. */
const LESSONS_MAX = 4;

/**
 * A model at any address that serves OpenAI's Responses or chat completions; which of them, and what else differs, is
 * the server's profile. `timeoutMs` bounds one try of a request that names no bound of its own. A parameter the server
 * refuses is left out from then on, and an answer that was cut off is asked for once more with twice the room.
 */
export function openaiModel(options: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly timeoutMs: number;
  /** What the operator says of the server; left out where its host says enough. */
  readonly profile?: ProfileSettings;
  /** For models inside the process; without it requests go over the network. */
  readonly fetch?: Fetch;
}): LearningModel {
  const client = providerClient(options);
  const known = profileFor(options.baseUrl, options.profile);
  const state = { profile: known, learnt: new Array<string>() };

  async function asked(request: ModelRequest): Promise<ModelAnswer> {
    for (let lessons = 0; ; lessons += 1) {
      const { profile } = state;
      try {
        const path = profile.wire === "chat" ? "/chat/completions" : "/responses";
        const answer: unknown = await client.post(path, {
          body: requestBody(options.model, profile, request),
          signal: request.signal,
          timeout: request.tryMsMax ?? options.timeoutMs,
        });
        return answerIn(answer, request, profile.wire);
      } catch (error) {
        const lesson = lessons < LESSONS_MAX ? learntFrom(profile, error) : null;
        if (lesson === null) throw translate(error, options.apiKey);
        // Another request may have learnt it meanwhile.
        if (!state.learnt.includes(lesson.told)) state.learnt.push(lesson.told);
        state.profile = lesson.profile;
      }
    }
  }
  return {
    name: options.model,
    isRehearsal: false,
    learnt: () => state.learnt,
    async complete(request) {
      try {
        return await asked(request);
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        const more = request.outputTokensMax + state.profile.room;
        const roomy = { ...request, outputTokensMax: request.outputTokensMax + more };
        const answer = await asked(roomy).catch((second: unknown) => {
          if (second instanceof UnusableAnswer)
            throw new UnusableAnswer(
              second.code,
              second.message,
              sumOfUse(error.used, second.used),
            );
          // The model gives no longer answers: that is no refusal of what all ask.
          throw second instanceof DeskhandError && second.code === "model.refused" ? error : second;
        });
        return { ...answer, ...sumOfUse(error.used, answer) };
      }
    },
  };
}

/** What two tries took; a figure that neither of them says stays unsaid. */
function sumOfUse(one: ModelUse, other: ModelUse): ModelUse {
  const known = OPTIONAL_USE.flatMap((name) => {
    const said = [one[name], other[name]].filter((figure) => figure !== undefined);
    return said.length === 0
      ? []
      : [[name, said.reduce((sum, figure) => sum + figure, 0)] as const];
  });
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...Object.fromEntries(known),
  };
}

const OPTIONAL_USE = ["cachedInputTokens", "reasoningTokens", "costUsd"] as const;

function learntFrom(profile: Profile, error: unknown): ReturnType<typeof lessonFrom> {
  if (!(error instanceof APIError) || error.status === undefined) return null;
  const { status, code, param } = error;
  const words = providerWords(error);
  return lessonFrom(profile, { status, code: code ?? null, param: param ?? null, words });
}

function providerWords(error: APIError): string {
  return wordsIn(ProviderError.catch(null).parse(error.error)) || error.message;
}

/**
 * The part of a response that is read. https://platform.openai.com/docs/api-reference/embeddings/create
 */
const EmbeddingList = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.int().min(0) }).nullish(),
});

/**
 * Embeddings at any address that serves OpenAI's: one vector for each text, in their order. `dimensions` shortens the
 * vectors of models that can. Throws as `openaiModel` does.
 */
export function openaiEmbeddings(options: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly dimensions: number | null;
  readonly timeoutMs: number;
}) {
  const client = providerClient(options);
  const { model, dimensions } = options;
  return async (
    texts: readonly string[],
  ): Promise<{
    readonly vectors: readonly (readonly number[])[];
    readonly inputTokens: number;
  }> => {
    try {
      const answer: unknown = await client.post("/embeddings", {
        body: {
          model,
          input: texts,
          encoding_format: "float",
          ...(dimensions === null ? {} : { dimensions }),
        },
      });
      const { data, usage } = EmbeddingList.parse(answer);
      const vectors = data
        .toSorted((one, other) => one.index - other.index)
        .map(({ embedding }) => embedding);
      if (vectors.length !== texts.length)
        throw new DeskhandError("model.invalid_answer", "an embedding is missing in the answer");
      return { vectors, inputTokens: usage?.prompt_tokens ?? tokenEstimate(texts) };
    } catch (error) {
      if (error instanceof z.ZodError)
        throw new DeskhandError("model.invalid_answer", "the embeddings have an unknown shape", {
          cause: error,
        });
      throw translate(error, options.apiKey);
    }
  };
}

const ModelList = z.object({
  data: z.array(
    z.looseObject({ id: z.string(), shutdown_date: z.union([z.string(), z.number()]).nullish() }),
  ),
});

/** The models a server says it has; none where it does not say. Never throws. */
export function listedModels(server: Parameters<typeof providerClient>[0]) {
  return providerClient(server)
    .get("/models")
    .then((answer: unknown) => ModelList.parse(answer).data)
    .catch(() => []);
}

/** When a model ends, by its server's own list or else by that of prices; none where neither names a day. Never throws. */
export async function modelEnd({
  model,
  ...server
}: Parameters<typeof providerClient>[0] & { readonly model: string }): Promise<
  readonly ModelEnd[]
> {
  const list = await listedModels(server);
  const day =
    list.find(({ id }) => id === model)?.shutdown_date ?? modelPrice(PRICES, model)?.endsOn;
  // Seconds since 1970, as its other dates are, or a day.
  const at = new Date(typeof day === "number" ? day * 1_000 : (day ?? ""));
  return Number.isNaN(at.getTime()) ? [] : [{ model, at }];
}

function providerClient(options: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly fetch?: Fetch;
}): OpenAI {
  const isAzure = URL.parse(options.baseUrl)?.hostname.endsWith(".azure.com") === true;
  return new OpenAI({
    // Azure reads a key here; a bearer would be a token of Entra.
    ...(isAzure ? { defaultHeaders: { authorization: null, "api-key": options.apiKey } } : {}),
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    fetch: options.fetch ?? wholeFetch(ANSWER_BYTES_MAX),
    timeout: options.timeoutMs,
    maxRetries: RETRIES,
    logLevel: "off",
    // The client would read these from the environment; configuration is read in one place only.
    adminAPIKey: null,
    organization: null,
    project: null,
  });
}

/** What asking again does not mend: somebody has to change key, account, model or settings. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 413, 422]);
/** A busy minute names billing pages as well. */
const NO_CREDIT = /insufficient_quota|credit/;
const TOO_LONG =
  /context_length_exceeded|context (?:length|window|size)|too many tokens|maximum number of tokens|prompt is too long/i;

function translate(error: unknown, key: string): unknown {
  if (error instanceof DeskhandError) return error;
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError)
    return new DeskhandError("model.unavailable", "the model did not answer in time", {
      cause: error,
    });
  if (!(error instanceof APIError))
    // What remains is the client's own parsing of the body: something between the model and us sent no JSON.
    return error instanceof SyntaxError
      ? new DeskhandError("model.unavailable", "the model's answer is no JSON", { cause: error })
      : error;
  const status = error.status ?? null;
  if (status === null)
    return new DeskhandError("model.unavailable", "the model cannot be reached", { cause: error });
  return refusalIn(error, status, masked(providerWords(error), key)) ?? busy(error, status);
}

/** What a provider refuses for good, by what it says; null for what may pass. */
function refusalIn(error: APIError, status: number, words: string): DeskhandError | null {
  const said = `${error.code ?? ""} ${words}`;
  if (!REFUSED.has(status))
    return status === 429 && NO_CREDIT.test(said) ? refused(error, status, words) : null;
  if (TOO_LONG.test(said))
    return new DeskhandError(
      "model.too_long",
      `the conversation is longer than the model's context: ${words}`,
    );
  return filtered(said, words) ?? refused(error, status, words);
}

function refused({ code }: APIError, status: number, words: string): DeskhandError {
  const said = `the model's provider refuses (${status}): ${words}`;
  return new DeskhandError("model.refused", said, { cause: { status, code: code ?? null } });
}

function busy(error: APIError, status: number): DeskhandError {
  const afterMs = retryAfterMs(error.headers?.get("retry-after") ?? null, new Date());
  return new DeskhandError("model.unavailable", `the model answered with status ${status}`, {
    cause: error,
    ...(afterMs ? { retryAfterMs: afterMs } : {}),
  });
}

/** A shorter one is a word for a server without keys. */
const KEY_CHARACTERS_MIN = 6;

/** A provider may repeat the key it was given. */
function masked(words: string, key: string): string {
  return words
    .replaceAll(key.length < KEY_CHARACTERS_MIN ? /(?!)/g : key, "[key]")
    .replaceAll(/\bsk-[\w*.-]+/g, "[key]")
    .replaceAll(/\s+/g, " ")
    .slice(0, WORDS_MAX);
}

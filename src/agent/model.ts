/** The client for a model with an OpenAI-compatible API. */
import OpenAI, {
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  type ClientOptions,
} from "openai";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { byKey, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { Model, ModelAnswer, ModelRequest } from "#core/contracts/model.ts";
import type { Fetch } from "#core/connection/http-answer.ts";
import { leanFetch } from "#http/lean-fetch.ts";
import { bodyWriter, messageOf } from "./request-body.ts";

const JSON_BODY = { "content-type": "application/json" } as const;

/** One retry inside a turn bridges a dropped connection; the queue waits for anything longer. */
const RETRIES = 1;

/**
 * The part of a response that is read. Lenient about the rest, because compatible servers add fields of their own.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z
            .string()
            .nullish()
            .transform((text) => text ?? ""),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string(),
                function: z.object({ name: z.string(), arguments: z.string() }),
              }),
            )
            .nullish()
            .transform((calls) => calls ?? []),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.int().min(0),
      completion_tokens: z.int().min(0),
      // https://platform.openai.com/docs/guides/prompt-caching; a figure that cannot be right counts as none.
      prompt_tokens_details: z
        .object({ cached_tokens: z.int().min(0).nullish() })
        .nullish()
        .catch(null),
    })
    .nullish(),
});

/**
 * A model at any address that serves OpenAI chat completions. `timeoutMs` bounds one try of a request
 * that names no bound of its own. Throws `model.unavailable`
 * when it cannot be asked now and `model.invalid_answer` when asking again would not help.
 */
export function openaiModel(options: {
  readonly apiKey: Keys;
  readonly baseUrl: string;
  readonly model: string;
  readonly timeoutMs: number;
  /** For models inside the process; without it requests go over the network. */
  readonly fetch?: Fetch;
}): Model {
  const client = clientFollowing(options);
  const write = bodyWriter(options.model);
  return {
    name: options.model,
    isRehearsal: false,
    async complete(request) {
      try {
        // The client would write each body from scratch, so it is given the text.
        const completion: unknown = await client().post("/chat/completions", {
          body: write(request),
          headers: JSON_BODY,
          signal: request.signal,
          timeout: request.tryMsMax ?? options.timeoutMs,
        });
        return answerOf(completion, request);
      } catch (error) {
        throw translate(error);
      }
    },
  };
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
  readonly apiKey: Keys;
  readonly baseUrl: string;
  readonly model: string;
  readonly dimensions: number | null;
  readonly timeoutMs: number;
}) {
  const client = clientFollowing(options);
  const { model, dimensions } = options;
  return async (
    texts: readonly string[],
  ): Promise<{
    readonly vectors: readonly (readonly number[])[];
    readonly inputTokens: number;
  }> => {
    try {
      const answer: unknown = await client().post("/embeddings", {
        body: JSON.stringify({
          model,
          input: texts,
          encoding_format: "float",
          ...(dimensions === null ? {} : { dimensions }),
        }),
        headers: JSON_BODY,
      });
      const { data, usage } = EmbeddingList.parse(answer);
      const vectors = data
        .toSorted((one, other) => one.index - other.index)
        .map(({ embedding }) => embedding);
      if (vectors.length !== texts.length)
        throw new DeskhandError("model.invalid_answer", "an embedding is missing in the answer");
      return { vectors, inputTokens: usage?.prompt_tokens ?? tokensOf(texts) };
    } catch (error) {
      if (error instanceof z.ZodError)
        throw new DeskhandError("model.invalid_answer", "the embeddings have an unknown shape", {
          cause: error,
        });
      throw translate(error);
    }
  };
}

/** Gives the client for the next call; after a change of the key it is another one. */
function clientFollowing({
  apiKey,
  ...rest
}: Omit<Parameters<typeof clientOf>[0], "apiKey"> & { readonly apiKey: Keys }): () => SteadyClient {
  const clientWith = byKey((key) => clientOf({ ...rest, apiKey: key }));
  return () => clientWith(currentKey(apiKey));
}

function clientOf(options: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly fetch?: Fetch;
}): SteadyClient {
  return new SteadyClient({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    fetch: options.fetch ?? leanFetch(),
    timeout: options.timeoutMs,
    maxRetries: RETRIES,
    logLevel: "off",
    // The client would read these from the environment; configuration is read in one place only.
    adminAPIKey: null,
    organization: null,
    project: null,
  });
}

type RequestOptions = Parameters<OpenAI["buildRequest"]>[0];
type BuiltRequest = Awaited<ReturnType<OpenAI["buildRequest"]>>;

/** Time limits come from the policy, which changes rarely; this is only so that nothing grows for ever. */
const BUILT_MAX = 50;

/**
 * The client, which builds headers and address of a call once instead of for each call: they follow from path, time
 * limit and the number of the try alone, because key and headers are fixed. Its retries, errors and reading of answers
 * stay as they are.
 */
class SteadyClient extends OpenAI {
  readonly #built = new Map<string, BuiltRequest>();
  readonly #send: Fetch;

  constructor(options: ClientOptions & { readonly fetch: Fetch }) {
    super(options);
    this.#send = options.fetch;
  }

  override async buildRequest(
    options: RequestOptions,
    given: { readonly retryCount?: number } = {},
  ): Promise<BuiltRequest> {
    const { method, path, timeout, body, signal } = options;
    const name = [method, path, timeout, given.retryCount].join(" ");
    const before = this.#built.get(name);
    if (before !== undefined && typeof body === "string")
      return { ...before, req: { ...before.req, body, ...(signal ? { signal } : {}) } };
    const built = await super.buildRequest(options, given);
    const { body: _body, signal: _signal, ...request } = built.req;
    if (this.#built.size >= BUILT_MAX) this.#built.clear();
    this.#built.set(name, { ...built, req: request });
    return built;
  }

  /**
   * The time limit of one try, which covers the whole answer, and the caller's signal. The client's own version makes a
   * signal of signals for what happens to an answer after its headers, and the collector pays for each of them; here
   * answers are whole, so nothing happens after.
   */
  override async fetchWithTimeout(
    url: string | URL | Request,
    init: RequestInit = {},
    ms: number,
    controller: AbortController,
  ): Promise<Response> {
    const { signal, method = "GET", ...request } = init;
    const abort = (): void => controller.abort();
    const timer = setTimeout(abort, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    try {
      const sent = { ...request, method: method.toUpperCase(), signal: controller.signal };
      return await this.#send(url, sent);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function answerOf(completion: unknown, { messages }: ModelRequest): ModelAnswer {
  const parsed = Completion.safeParse(completion);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || choice === undefined)
    // No model wrote this: what stands between it and us is broken, and will be mended.
    throw new DeskhandError("model.unavailable", "the model's answer has an unknown shape", {
      cause: parsed.error,
    });
  const { message, finish_reason } = choice;
  if (finish_reason === "length" || finish_reason === "content_filter")
    throw new DeskhandError("model.invalid_answer", `the answer was cut off (${finish_reason})`);
  if (message.refusal)
    throw new DeskhandError("model.invalid_answer", "the model declined to answer");
  const text = message.content;
  const toolCalls = message.tool_calls.map((call) => ({ id: call.id, ...call.function }));
  const { usage } = parsed.data;
  return {
    text,
    toolCalls,
    // Without a count from the server, tokens are estimated at four characters each, so that the caps still hold.
    inputTokens: usage?.prompt_tokens ?? tokensAsked(messages),
    ...cachedIn(usage),
    outputTokens: usage?.completion_tokens ?? tokensOf([text, toolCalls]),
  };
}

/** About what providers count for a large picture, however many bytes it has. */
const PICTURE_TOKENS = 2_000;

/** Never more than was sent: compatible servers fill this field in ways of their own. */
function cachedIn(
  usage: z.infer<typeof Completion>["usage"],
): Pick<ModelAnswer, "cachedInputTokens"> {
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? null;
  return usage === null || usage === undefined || cached === null
    ? {}
    : { cachedInputTokens: Math.min(cached, usage.prompt_tokens) };
}

function tokensAsked(messages: ModelRequest["messages"]): number {
  const pictures = messages.filter((one) => one.role === "user" && one.picture !== undefined);
  const words = messages.map((one) =>
    messageOf(one.role === "user" ? { role: one.role, content: one.content } : one),
  );
  return tokensOf(words) + PICTURE_TOKENS * pictures.length;
}

function tokensOf(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / 4);
}

/** A request the provider rejects stays wrong; a refused key or model can be fixed by the operator. */
const WRONG_REQUEST: ReadonlySet<number> = new Set([400, 413, 422]);

function translate(error: unknown): unknown {
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
  if (WRONG_REQUEST.has(status))
    return new DeskhandError("model.invalid_answer", `the request was refused (${status})`, {
      cause: error,
    });
  const retryAfterMs = retryAfterOf(error.headers);
  return new DeskhandError("model.unavailable", `the model answered with status ${status}`, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Retry-After in seconds, RFC 9110 section 10.2.3; these providers do not use the form with a date. */
function retryAfterOf(headers: Headers | undefined): number | undefined {
  const seconds = Number(headers?.get("retry-after") ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

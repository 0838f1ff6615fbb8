/** Reads what a provider answers, by chat completions or by Responses, into one answer or an error with its name. */
import { z } from "zod";
import { Json } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  type ModelAnswer,
  type ModelRequest,
  type ModelUse,
  UnusableAnswer,
} from "#core/contracts/model.ts";
import { type Profile, Kept, chatMessage } from "./request-body.ts";

/** Mistral's models that think, and some parsers of vLLM, give the text in parts. */
const Text = z
  .union([
    z.string(),
    z.array(z.union([z.string(), z.looseObject({ text: z.string().nullish() })])),
  ])
  .nullish()
  .transform((content) =>
    typeof content === "string"
      ? content
      : (content ?? [])
          .map((part) => (typeof part === "string" ? part : (part.text ?? "")))
          .join(""),
  );

/** Older versions of Ollama and llama.cpp give an object where the interface has its text. */
const Arguments = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((given) => (typeof given === "string" ? given : JSON.stringify(given)));

/** A figure that cannot be right counts as none. https://platform.openai.com/docs/guides/prompt-caching */
const Details = z
  .object({
    cached_tokens: z.int().min(0).nullish(),
    reasoning_tokens: z.int().min(0).nullish(),
  })
  .nullish()
  .catch(null);

/** What was used, which the two interfaces call by two names; null where it is not said. */
const Usage = z
  .object({
    prompt_tokens: z.int().min(0).optional(),
    input_tokens: z.int().min(0).optional(),
    completion_tokens: z.int().min(0).optional(),
    output_tokens: z.int().min(0).optional(),
    prompt_tokens_details: Details,
    input_tokens_details: Details,
    completion_tokens_details: Details,
    output_tokens_details: Details,
    /** OpenRouter's own bill, in US dollars. */
    cost: z.number().min(0).nullish().catch(null),
  })
  .nullish()
  .transform((usage) => {
    const input = firstKnown(usage?.input_tokens, usage?.prompt_tokens);
    const output = firstKnown(usage?.output_tokens, usage?.completion_tokens);
    if (!usage || input === null || output === null) return null;
    const read = firstKnown(usage.input_tokens_details, usage.prompt_tokens_details);
    const written = firstKnown(usage.output_tokens_details, usage.completion_tokens_details);
    return {
      input,
      output,
      cached: firstKnown(read?.cached_tokens),
      reasoning: firstKnown(written?.reasoning_tokens),
      costUsd: firstKnown(usage.cost),
    };
  });

function firstKnown<Value>(...values: readonly (Value | null | undefined)[]): Value | null {
  return values.find((value) => value !== null && value !== undefined) ?? null;
}
/** OpenRouter has the words of the provider behind it in `metadata.raw`, as text or as an object; FastAPI has `detail`. */
export const ProviderError = z
  .looseObject({
    code: z.union([z.string(), z.number()]).nullish(),
    message: z.string().nullish(),
    detail: z.unknown().optional(),
    metadata: z.looseObject({ raw: z.unknown().optional() }).nullish().catch(null),
  })
  .nullish();

/** What a provider says in an error, wherever it stands; empty where it says nothing. */
export function wordsIn(error: z.infer<typeof ProviderError>): string {
  return [error?.message, error?.metadata?.raw, error?.detail]
    .filter((said) => said !== undefined && said !== null)
    .map((said) => (typeof said === "string" ? said : JSON.stringify(said)))
    .join(": ");
}

/**
 * The part of a response that is read. Lenient about the rest, because compatible servers add fields of their own.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
const Completion = z.object({
  error: ProviderError,
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        error: ProviderError,
        message: z.looseObject({
          content: Text,
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.looseObject({
                id: z.string(),
                function: z.object({ name: z.string(), arguments: Arguments }),
                extra_content: Json.optional(),
              }),
            )
            .nullish()
            .transform((calls) => calls ?? []),
        }),
      }),
    )
    .nullish(),
  usage: Usage,
});

/** https://platform.openai.com/docs/api-reference/responses/object */
const Answered = z.object({
  status: z.string().nullish(),
  error: ProviderError,
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.looseObject({
      type: z.string(),
      phase: z.string().nullish(),
      call_id: z.string().optional(),
      name: z.string().optional(),
      arguments: Arguments.optional(),
      content: z
        .array(z.looseObject({ text: z.string().nullish(), refusal: z.string().nullish() }))
        .nullish(),
    }),
  ),
  usage: Usage,
});

/** What both interfaces say, in the same words. */
interface Heard {
  readonly outcome: string;
  readonly refusal: string | null;
  readonly answer: Pick<ModelAnswer, "text" | "toolCalls" | "kept">;
  readonly usage: z.infer<typeof Usage>;
}

/** The answer was cut off by its limit; with room it may be whole. */
export class CutOff extends UnusableAnswer {
  constructor(used: ModelUse) {
    const said = "the answer was cut off: it ran out of output tokens (length)";
    super("model.invalid_answer", said, used);
  }
}

/** Ways of ending that are whole answers. Gemini says `stop` with calls, and some servers say nothing. */
const WHOLE = new Set(["stop", "tool_calls", "function_call", "completed", ""]);

/** The answer in a response. Throws by how it ended: cut off, declined, gone wrong at the provider, or unreadable. */
export function answerIn(
  response: unknown,
  request: ModelRequest,
  wire: Profile["wire"],
): ModelAnswer {
  const heard = wire === "chat" ? heardInChat(response) : heardInResponses(response);
  const { answer, usage } = heard;
  const used: ModelUse = {
    // Without a count from the server, tokens are estimated at four characters each, so that the caps still hold.
    inputTokens: usage?.input ?? tokensAsked(request.messages),
    ...countedIn(usage),
    outputTokens: usage?.output ?? tokenEstimate([answer.text, answer.toolCalls]),
  };
  refuseUnlessWhole(heard, used);
  return { ...formed(answer, request), ...used };
}

/** Kept input is never more than was sent, and thinking never more than came: compatible servers fill these fields in ways of their own. */
function countedIn(
  usage: Heard["usage"],
): Pick<ModelUse, "cachedInputTokens" | "reasoningTokens" | "costUsd"> {
  if (usage === null) return {};
  const { cached, input, reasoning, output, costUsd } = usage;
  return {
    ...(cached === null ? {} : { cachedInputTokens: Math.min(cached, input) }),
    ...(reasoning === null ? {} : { reasoningTokens: Math.min(reasoning, output) }),
    ...(costUsd === null ? {} : { costUsd }),
  };
}

const CUT_OFF = new Set(["length", "max_output_tokens"]);
const FAILED = new Set(["error", "failed"]);

function refuseUnlessWhole({ outcome, refusal }: Heard, used: ModelUse): void {
  if (FAILED.has(outcome)) throw failure({});
  if (CUT_OFF.has(outcome)) throw new CutOff(used);
  if (outcome === "content_filter")
    throw new UnusableAnswer(
      "model.declined",
      "the provider's content filter stopped the answer (content_filter)",
      used,
    );
  if (refusal !== null || outcome === "refusal")
    throw new UnusableAnswer("model.declined", "the model declined to answer", used);
  if (!WHOLE.has(outcome)) {
    const said = `the answer ended as ${outcome.slice(0, 40)}`;
    throw new UnusableAnswer("model.invalid_answer", said, used);
  }
}

const UNSAID = "it does not say why";

/** The longest sentence of a provider that is repeated, in characters. */
export const WORDS_MAX = 300;

/** An answer of one shape that was asked for as a call of a tool is that call's arguments. */
function formed(answer: Heard["answer"], request: ModelRequest): Heard["answer"] {
  const call = answer.toolCalls.find(({ name }) => name === request.answer?.name);
  return call === undefined ? answer : { text: call.arguments, toolCalls: [] };
}

function heardInChat(response: unknown): Heard {
  const parsed = Completion.safeParse(response);
  if (!parsed.success) throw unknownShape(parsed.error);
  const choice = parsed.data.choices?.[0];
  const error = parsed.data.error ?? choice?.error ?? null;
  if (error !== null) throw failure(error);
  if (choice === undefined) throw unknownShape(null);
  const { message, finish_reason } = choice;
  const toolCalls = message.tool_calls.map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    arguments: text,
  }));
  return {
    outcome: finish_reason ?? "",
    refusal: message.refusal || null,
    answer: { text: message.content, toolCalls, ...keptFields(message, message.tool_calls) },
    usage: parsed.data.usage,
  };
}

function failure(error: NonNullable<z.infer<typeof ProviderError>>): DeskhandError {
  const words = (wordsIn(error) || UNSAID).slice(0, WORDS_MAX);
  return (
    filtered(`${error.code ?? ""} ${words}`, words) ??
    new DeskhandError("model.unavailable", `the model's provider failed: ${words}`)
  );
}

const FILTERED =
  /content_filter|content (?:management|filtering) policy|usage polic|policy_violation|_policy\b|invalid_prompt|(?:prompt|input) was flagged/i;

/** The error for what a provider's policy stops of one conversation; null where it says something else. */
export function filtered(said: string, words: string): DeskhandError | null {
  return FILTERED.test(said)
    ? new DeskhandError("model.declined", `the provider's filter refused it: ${words}`)
    : null;
}

/** Google's signatures of thoughts, and what OpenRouter passes on of them. */
const KEPT_FIELDS = ["extra_content", "reasoning_details"] as const;

function keptFields(
  message: Readonly<Record<string, unknown>>,
  calls: readonly { readonly id: string; readonly extra_content?: Json | undefined }[],
): Pick<ModelAnswer, "kept"> {
  const ofMessage = KEPT_FIELDS.flatMap((name) =>
    message[name] === undefined || message[name] === null ? [] : [[name, message[name]] as const],
  );
  const ofCalls = calls.flatMap(({ id, extra_content }) =>
    extra_content === undefined ? [] : [[id, { extra_content }] as const],
  );
  if (ofMessage.length + ofCalls.length === 0) return {};
  const kept = { message: Object.fromEntries(ofMessage), calls: Object.fromEntries(ofCalls) };
  return { kept: Json.parse(Kept.parse(kept)) };
}

function heardInResponses(response: unknown): Heard {
  const parsed = Answered.safeParse(response);
  if (!parsed.success) throw unknownShape(parsed.error);
  const { status, error, incomplete_details, output, usage } = parsed.data;
  if (error != null) throw failure(error);
  // What a model says on its way is no part of its answer.
  const parts = output
    .filter(({ type, phase }) => type === "message" && phase !== "commentary")
    .flatMap(({ content }) => content ?? []);
  const ended = status ?? "";
  return {
    outcome: ended === "incomplete" ? (incomplete_details?.reason ?? ended) : ended,
    refusal: parts.find((part) => part.refusal)?.refusal ?? null,
    answer: {
      text: parts.map((part) => part.text ?? "").join(""),
      toolCalls: output.flatMap(callIn),
      kept: Json.parse(output),
    },
    usage,
  };
}

function callIn(item: z.infer<typeof Answered>["output"][number]): ModelAnswer["toolCalls"] {
  const { type, call_id: id, name, arguments: text = "{}" } = item;
  if (type !== "function_call" || id === undefined || name === undefined) return [];
  return [{ id, name, arguments: text }];
}

function unknownShape(cause: unknown): DeskhandError {
  // No model wrote this: what stands between it and us is broken, and will be mended.
  return new DeskhandError("model.unavailable", "the model's answer has an unknown shape", {
    cause,
  });
}

/** About what providers count for a large picture, however many bytes it has. */
const PICTURE_TOKENS = 2_000;

function tokensAsked(messages: ModelRequest["messages"]): number {
  const pictures = messages.filter((one) => one.role === "user" && one.picture !== undefined);
  const words = messages.map((one) =>
    chatMessage(one.role === "user" ? { role: one.role, content: one.content } : one),
  );
  return tokenEstimate(words) + PICTURE_TOKENS * pictures.length;
}

/** Estimated at four characters each. */
export function tokenEstimate(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / 4);
}

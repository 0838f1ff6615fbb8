/** What providers of models refuse in a request, and in which words. */
import { z } from "zod";

/** What of a request the stand-ins read. */
export const Body = z.looseObject({
  model: z.string(),
  messages: z.array(z.record(z.string(), z.unknown())).optional(),
  input: z.array(z.record(z.string(), z.unknown())).optional(),
  tools: z.array(z.record(z.string(), z.unknown())).optional(),
  tool_choice: z.unknown().optional(),
});
export type Body = z.infer<typeof Body>;

/** An error as OpenAI writes it, and most with it. */
export const openaiError = (message: string, param: string | null, code: string | null = null) => ({
  error: { message, type: "invalid_request_error", param, code },
});

/** A parameter that is not taken. */
export const unsupported = (param: string) =>
  [400, openaiError(`Unsupported parameter: '${param}'`, param, "unsupported_parameter")] as const;

const Transcript = z.array(
  z.looseObject({
    role: z.string(),
    content: z.unknown(),
    tool_calls: z.array(z.looseObject({ id: z.string() })).default([]),
  }),
);

/** What more than one provider refuses in the messages of chat completions. */
export function chatRefuses(body: Body): readonly [number, unknown] | null {
  const isNothing = (content: unknown): boolean =>
    content === null || (typeof content === "string" && content.trim() === "");
  for (const { role, content, tool_calls: calls } of Transcript.parse(body.messages ?? [])) {
    if (role === "assistant" && calls.length === 0 && isNothing(content))
      return [
        400,
        openaiError("Assistant message must have either content or tool_calls, but not none", null),
      ];
    if (typeof content === "string" && isNothing(content))
      return [400, openaiError("text content blocks must contain non-whitespace text", null)];
  }
  return null;
}

/** Mistral takes calls by its own kind of id, and only an assistant's message behind results. */
export function mistralRefuses(body: Body): readonly [number, unknown] | null {
  if ("max_completion_tokens" in body)
    return [
      422,
      {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "max_completion_tokens"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
    ];
  const messages = Transcript.parse(body.messages ?? []);
  const long = messages
    .flatMap(({ tool_calls: calls }) => calls)
    .find(({ id }) => !/^[A-Za-z0-9]{9}$/.test(id));
  if (long !== undefined)
    return [
      400,
      mistralError(
        `Tool call id was ${long.id} but must be a-z, A-Z, 0-9, with a length of 9.`,
        "3280",
      ),
    ];
  return messages.some(({ role }, at) => role === "user" && messages[at - 1]?.role === "tool")
    ? [400, mistralError("Unexpected role 'user' after role 'tool'", "3230")]
    : null;
}

/** An error as Mistral writes it. */
export const mistralError = (message: string, code: string | null = null) => ({
  object: "error",
  message,
  type: "invalid_request_error",
  param: null,
  code,
});

/** What Responses refuse for a model that does not think. */
export function plainRefuses(body: Body): readonly [number, unknown] | null {
  const most = 16_384;
  if ("include" in body)
    return [400, openaiError("Encrypted content is not supported with this model.", "include")];
  if ("reasoning" in body) return unsupported("reasoning.effort");
  return Number(body["max_output_tokens"]) > most
    ? [400, openaiError(`Expected a value <= ${most}`, "max_output_tokens")]
    : null;
}

/** What Responses refuse for a model that thinks, where nothing is stored. */
export function thinkingRefuses(body: Body): readonly [number, unknown] | null {
  if ("temperature" in body) return unsupported("temperature");
  if (body["store"] !== false) return [400, openaiError("store must be false here", "store")];
  const items = body.input ?? [];
  const calls = items.filter(({ type }) => type === "function_call").length;
  const thoughts = items.filter(
    ({ type, encrypted_content: content }) => type === "reasoning" && typeof content === "string",
  ).length;
  // Each thought stands before what was thought of.
  const alone = items.findIndex(
    ({ type }, at) =>
      type === "reasoning" &&
      items[at + 1]?.["type"] !== "function_call" &&
      items[at + 1]?.["role"] !== "assistant",
  );
  if (alone >= 0)
    return [
      400,
      openaiError(
        `Item '${String(items[alone]?.["id"])}' of type 'reasoning' was provided without its required following item.`,
        "input",
      ),
    ];
  return calls > thoughts
    ? [400, openaiError("function_call was provided without its required reasoning item", "input")]
    : null;
}

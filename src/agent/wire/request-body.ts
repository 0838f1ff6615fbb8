/** Writes the bodies of requests: for chat completions, and for Responses. */
import { z } from "zod";
import type { ModelMessage, ModelRequest, OfferedTool } from "#core/contracts/model.ts";
import type { Profile } from "./profile.ts";

/**
 * The body of a request. What is the same in every turn, the tools and the rules, stands first, so that a provider that
 * keeps the beginning of a request finds it again. With Responses nothing is stored at the provider, so what a model
 * thought comes back encrypted and is sent along with the next call.
 * https://platform.openai.com/docs/api-reference/chat/create
 * https://platform.openai.com/docs/api-reference/responses/create
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function requestBody(model: string, profile: Profile, request: ModelRequest): object {
  const { messages, outputTokensMax } = request;
  const limit = { [profile.limit]: Math.max(1, outputTokensMax) + profile.room };
  const cold = profile.isCold ? { temperature: 0 } : {};
  const { effort } = profile;
  if (profile.wire === "chat")
    return {
      model,
      ...offer(profile, request),
      messages: messages.map(chatMessage),
      ...limit,
      ...cold,
      ...(effort === null ? {} : { reasoning_effort: effort }),
    };
  return {
    model,
    ...offer(profile, request),
    input: messages.flatMap(responseItems),
    ...limit,
    store: false,
    include: ["reasoning.encrypted_content"],
    ...cold,
    ...(effort === null ? {} : { reasoning: { effort } }),
  };
}

/** The tools, or the one shape the answer has, which the provider then keeps to. */
function offer(profile: Profile, { tools, answer }: ModelRequest): object {
  const { wire, shape, isStrict } = profile;
  const written = (tool: OfferedTool): object =>
    wire === "responses"
      ? { type: "function", ...tool, strict: isStrict }
      : { type: "function", function: { ...tool, ...(isStrict ? { strict: true } : {}) } };
  // The provider refuses an empty list.
  if (answer === undefined) return tools.length === 0 ? {} : { tools: tools.map(written) };
  const { name, schema } = answer;
  if (shape === "tool")
    return {
      tools: [written({ name, description: "Gives the answer.", parameters: schema })],
      tool_choice:
        wire === "responses"
          ? { type: "function", name }
          : { type: "function", function: { name } },
    };
  const format = { name, schema, strict: true };
  return wire === "responses"
    ? { text: { format: { type: "json_schema", ...format } } }
    : { response_format: { type: "json_schema", json_schema: format } };
}

function responseItems(message: ModelMessage): readonly unknown[] {
  switch (message.role) {
    case "system":
      return [{ role: message.role, content: message.content }];
    case "user": {
      const text = { type: "input_text", text: message.content };
      const { picture } = message;
      return [
        {
          role: message.role,
          content:
            picture === undefined
              ? message.content
              : [text, { type: "input_image", image_url: picture, detail: "auto" }],
        },
      ];
    }
    case "tool":
      return [
        { type: "function_call_output", call_id: message.toolCallId, output: message.content },
      ];
    case "assistant":
      if (Array.isArray(message.kept)) return message.kept;
      return [
        ...(message.content === "" ? [] : [{ role: message.role, content: message.content }]),
        ...message.toolCalls.map(({ id, name, arguments: text }) => ({
          type: "function_call",
          call_id: id,
          name,
          arguments: text,
        })),
      ];
    default:
      throw new Error(`unknown message ${String(message satisfies never)}`);
  }
}

/** What a provider attached to an answer's message and to its calls, by their ids. */
export const Kept = z.object({
  message: z.record(z.string(), z.json()).optional(),
  calls: z.record(z.string(), z.record(z.string(), z.json())).optional(),
});

const KEPT_OR_NOTHING = Kept.catch({});

/** A message as chat completions want it. */
export function chatMessage(message: ModelMessage) {
  switch (message.role) {
    case "system":
      return { role: message.role, content: message.content };
    case "user":
      return { role: message.role, content: userContent(message) };
    case "tool":
      return { role: message.role, tool_call_id: message.toolCallId, content: message.content };
    case "assistant": {
      const { message: ofMessage = {}, calls = {} } = KEPT_OR_NOTHING.parse(message.kept);
      return {
        role: message.role,
        content: message.content === "" ? null : message.content,
        ...(message.toolCalls.length === 0
          ? {}
          : {
              tool_calls: message.toolCalls.map((call) => ({
                ...toolCallBody(call),
                ...calls[call.id],
              })),
            }),
        ...ofMessage,
      };
    }
    default:
      throw new Error(`unknown message ${String(message satisfies never)}`);
  }
}

/** Text alone stays text; a picture stands beside it. */
function userContent({ content, picture }: Extract<ModelMessage, { role: "user" }>) {
  if (picture === undefined) return content;
  return [
    { type: "text" as const, text: content },
    { type: "image_url" as const, image_url: { url: picture } },
  ];
}

function toolCallBody({
  id,
  name,
  arguments: text,
}: Extract<ModelMessage, { role: "assistant" }>["toolCalls"][number]) {
  return { id, type: "function" as const, function: { name, arguments: text } };
}

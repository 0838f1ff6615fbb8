/** How each provider of models answers, as its documents say: what it refuses, and what it wants back. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import {
  Body,
  chatRefuses,
  mistralError,
  mistralRefuses,
  openaiError,
  plainRefuses,
  thinkingRefuses,
  unsupported,
} from "./provider-refusals.ts";

/** What a stand-in is to answer next: a call, words, an answer of one shape, or how it ends otherwise. */
export type Step =
  | { readonly call: string; readonly with?: string }
  | { readonly say: string }
  | { readonly shape: string }
  | { readonly end: "length" | "refusal" }
  | { readonly empty: true }
  | { readonly refuse: string };

type Answering = Exclude<Step, { readonly refuse: string }>;

/** One provider. A check that objects gives the status and the body of its refusal. */
interface Behaviour {
  /** The host its profile is found by. */
  readonly host: string;
  readonly model: string;
  readonly wire: "chat" | "responses";
  readonly refuses: (
    body: Body,
    headers: NodeJS.Dict<unknown>,
  ) => readonly [number, unknown] | null;
  /** What it attaches to a call and wants back with it. */
  readonly signs?: "google" | "openrouter";
  /** How it writes an error; left out where as OpenAI does. */
  readonly error?: (words: string) => unknown;
  readonly arguments?: "object";
  readonly parts?: true;
  /** Its model does not think. */
  readonly isPlain?: true;
  readonly bills?: true;
}

const isStrict = (body: Body): boolean =>
  JSON.stringify(body.tools ?? []).includes('"strict":true');

/** Not kinder than the documents: docs/models.md says which these are. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "OpenAI by Responses": {
    host: "api.openai.com",
    model: "gpt-6.1-terra",
    wire: "responses",
    refuses: thinkingRefuses,
  },
  "OpenAI without thoughts": {
    host: "api.openai.com",
    model: "gpt-4.1-mini",
    wire: "responses",
    isPlain: true,
    refuses: plainRefuses,
  },
  "OpenAI by chat completions": {
    host: "proxy.example",
    model: "gpt-6.1-terra",
    wire: "chat",
    refuses: (body) => {
      if ("temperature" in body) return unsupported("temperature");
      if ("max_tokens" in body) return unsupported("max_tokens");
      return body.tools !== undefined && body["reasoning_effort"] !== "none"
        ? [
            400,
            openaiError(
              "Function tools with reasoning_effort are not supported for gpt-6.1-terra in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
              "reasoning_effort",
            ),
          ]
        : null;
    },
  },
  "Azure v1": {
    host: "shop.openai.azure.com",
    model: "support",
    wire: "responses",
    refuses: (body, headers) =>
      headers["api-key"] === undefined || headers["authorization"] !== undefined
        ? [401, openaiError("Access denied due to invalid subscription key", null, "401")]
        : thinkingRefuses(body),
  },
  Anthropic: {
    host: "api.anthropic.com",
    model: "claude-sonnet-5",
    wire: "chat",
    refuses: (body) => ("temperature" in body ? unsupported("temperature") : null),
  },
  Google: {
    error: (message) => [{ error: { code: 400, message, status: "INVALID_ARGUMENT" } }],
    host: "generativelanguage.googleapis.com",
    model: "gemini-3.8-flash",
    wire: "chat",
    signs: "google",
    refuses: (body) =>
      (body.messages ?? []).some(
        ({ tool_calls: calls }) =>
          Array.isArray(calls) && !JSON.stringify(calls).includes("thought_signature"),
      )
        ? [
            400,
            openaiError("Function call is missing a thought_signature in functionCall parts", null),
          ]
        : null,
  },
  Mistral: {
    host: "api.mistral.ai",
    model: "mistral-large-latest",
    wire: "chat",
    parts: true,
    refuses: mistralRefuses,
    error: mistralError,
  },
  OpenRouter: {
    host: "openrouter.ai",
    model: "openai/gpt-6.1-terra",
    wire: "chat",
    signs: "openrouter",
    bills: true,
    refuses: (body) => {
      if ("temperature" in body) return unsupported("temperature");
      return (body.messages ?? []).some(
        (one) => "tool_calls" in one && !("reasoning_details" in one),
      )
        ? [400, openaiError("reasoning_details are missing", null)]
        : null;
    },
  },
  Groq: {
    host: "api.groq.com",
    model: "llama-4",
    wire: "chat",
    refuses: (body) => {
      if (isStrict(body)) return [400, openaiError("property 'strict' is unsupported", null)];
      return "response_format" in body
        ? [
            400,
            openaiError(
              "This model does not support response format `json_schema`",
              "response_format",
            ),
          ]
        : null;
    },
  },
  Ollama: {
    host: "ollama.example",
    model: "qwen3",
    wire: "chat",
    arguments: "object",
    refuses: () => null,
  },
  vLLM: {
    host: "vllm.example",
    model: "own",
    wire: "chat",
    refuses: (body) =>
      "max_completion_tokens" in body
        ? [400, { object: "error", message: "Unknown parameter: max_completion_tokens", code: 400 }]
        : null,
  },
};

/** Reads a request as the provider does, and answers it with the step, or refuses it. */
export function answered(
  behaviour: Behaviour,
  text: string,
  headers: NodeJS.Dict<unknown>,
  step: () => Step,
): readonly [status: number, body: unknown] {
  if (/\\ud[89a-f]/i.test(text))
    return [
      400,
      openaiError("The request body is not valid JSON: no low surrogate in string", null),
    ];
  const body = Body.parse(JSON.parse(text));
  const refused = chatRefuses(body) ?? behaviour.refuses(body, headers);
  if (refused !== null) return refused;
  const next = step();
  if ("refuse" in next)
    return [400, behaviour.error?.(next.refuse) ?? openaiError(next.refuse, null)];
  return [
    200,
    behaviour.wire === "chat" ? chatAnswer(behaviour, body, next) : response(behaviour, body, next),
  ];
}

function forcedTool(body: Body): string | null {
  const choice = z
    .object({ name: z.string().optional(), function: z.object({ name: z.string() }).optional() })
    .safeParse(body.tool_choice);
  return choice.data?.name ?? choice.data?.function?.name ?? null;
}

function chatAnswer(behaviour: Behaviour, body: Body, step: Answering): unknown {
  const forced = forcedTool(body);
  const called =
    "call" in step
      ? { name: step.call, text: step.with ?? "{}" }
      : "shape" in step && forced !== null
        ? { name: forced, text: step.shape }
        : null;
  const words =
    "empty" in step
      ? " "
      : "say" in step
        ? step.say
        : "shape" in step && called === null
          ? step.shape
          : null;
  const calls =
    called === null
      ? {}
      : {
          tool_calls: [
            {
              id: randomUUID().replaceAll("-", "").slice(0, 9),
              type: "function",
              function: {
                name: called.name,
                arguments: behaviour.arguments === "object" ? JSON.parse(called.text) : called.text,
              },
              ...(behaviour.signs === "google"
                ? { extra_content: { google: { thought_signature: "sig" } } }
                : {}),
            },
          ],
          ...(behaviour.signs === "openrouter"
            ? { reasoning_details: [{ type: "reasoning.encrypted", data: "x" }] }
            : {}),
        };
  const ending =
    "end" in step && step.end === "length" ? "length" : called === null ? "stop" : "tool_calls";
  return {
    choices: [
      {
        finish_reason: ending,
        message: {
          role: "assistant",
          content:
            words !== null && behaviour.parts === true
              ? [
                  { type: "thinking", thinking: [] },
                  { type: "text", text: words },
                ]
              : words,
          ...("end" in step && step.end === "refusal" ? { refusal: "No." } : {}),
          ...calls,
        },
      },
    ],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 4,
      ...(behaviour.bills === true ? { cost: 0.5 } : {}),
    },
  };
}

function response({ isPlain }: Behaviour, body: Body, step: Answering): unknown {
  const forced = forcedTool(body);
  const thoughts =
    isPlain === true
      ? []
      : [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAA" }];
  const usage = { input_tokens: 9, output_tokens: 4, input_tokens_details: { cached_tokens: 0 } };
  if ("end" in step && step.end === "length")
    return {
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: thoughts,
      usage,
    };
  const message = (part: unknown, phase = "final_answer") => ({
    type: "message",
    role: "assistant",
    phase,
    content: [part],
  });
  const commentary = message({ type: "output_text", text: "I will look first." }, "commentary");
  const call = (name: string, text: string) => ({
    type: "function_call",
    id: "fc_1",
    call_id: `call-${randomUUID()}`,
    name,
    arguments: text,
  });
  if ("empty" in step) return { status: "completed", output: thoughts, usage };
  const item =
    "call" in step
      ? call(step.call, step.with ?? "{}")
      : "end" in step
        ? message({ type: "refusal", refusal: "No." })
        : "shape" in step && forced !== null
          ? call(forced, step.shape)
          : message({ type: "output_text", text: "say" in step ? step.say : step.shape });
  return { status: "completed", output: [...thoughts, commentary, item], usage };
}

/**
 * Writes the bodies of requests, for chat completions and for Responses, by what each provider takes and refuses, as
 * far as its documents say and its refusals teach.
 */
import { z } from "zod";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import type { ModelMessage, ModelRequest, OfferedTool } from "#core/contracts/model.ts";

/**
 * The body of a request. What is the same in every turn, the tools and the rules, stands first, so that a provider that
 * keeps the beginning of a request finds it again. With Responses nothing is stored at the provider, so what a model
 * thought comes back encrypted and is sent along with the next call.
 * https://platform.openai.com/docs/api-reference/chat/create
 * https://platform.openai.com/docs/api-reference/responses/create
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function requestBody(model: string, profile: Profile, request: ModelRequest): object {
  const { outputTokensMax } = request;
  // A text that was cut may end in half a character, which some providers cannot read as JSON.
  const messages = request.messages.map((one) => ({
    ...one,
    content: one.content.toWellFormed(),
  }));
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
    ...(profile.room === 0 ? {} : { include: ["reasoning.encrypted_content"] }),
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
        ...(message.content.trim() === ""
          ? []
          : [{ role: message.role, content: message.content }]),
        ...message.toolCalls.map(({ id, name, arguments: text }) => ({
          type: "function_call",
          call_id: id,
          name,
          arguments: jsonArguments(text),
        })),
      ];
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
        // Anthropic refuses spaces alone beside calls.
        content: message.content.trim() === "" ? null : message.content,
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
  return { id, type: "function" as const, function: { name, arguments: jsonArguments(text) } };
}

/** Servers that parse the calls they are sent back refuse all of a transcript for one that is no JSON. */
function jsonArguments(text: string): string {
  return jsonOrNull(text) === null ? "{}" : text;
}

/** How requests to one model at one server are written. */
export interface Profile {
  readonly wire: "chat" | "responses";
  /** The name of the limit of the answer's tokens. */
  readonly limit: "max_completion_tokens" | "max_tokens" | "max_output_tokens";
  /** Whether temperature 0 is asked for; models that think refuse any but their own. */
  readonly isCold: boolean;
  /** Whether tools are to be called by their schema letter by letter. */
  readonly isStrict: boolean;
  /** How an answer of one shape is asked for: by the provider's own format, or by a tool that has to be called. */
  readonly shape: "format" | "tool";
  /** How long a model may think; null leaves it to the server. */
  readonly effort: string | null;
  /** Output tokens a model that thinks needs beside those of its answer, which share one limit; 0 where none thinks. */
  readonly room: number;
  /** Whether each answer says what it cost. */
  readonly bills: boolean;
}

/** What OpenAI advises to begin with. */
const ROOM = 25_000;

const CHAT: Profile = {
  wire: "chat",
  limit: "max_completion_tokens",
  isCold: true,
  isStrict: true,
  shape: "format",
  effort: null,
  room: 0,
  bills: false,
};

const RESPONSES: Profile = {
  wire: "responses",
  limit: "max_output_tokens",
  isCold: false,
  isStrict: true,
  shape: "format",
  effort: "low",
  room: ROOM,
  bills: false,
};

/** By the end of the host's name. A server that is not named here is asked by chat completions. */
const BY_HOST: readonly (readonly [host: RegExp, profile: Profile])[] = [
  [/(?:^|\.)api\.openai\.com$|\.openai\.azure\.com$|\.services\.ai\.azure\.com$/, RESPONSES],
  [/(?:^|\.)api\.anthropic\.com$/, { ...CHAT, isCold: false, isStrict: false, shape: "tool" }],
  [
    /(?:^|\.)generativelanguage\.googleapis\.com$/,
    { ...CHAT, isCold: false, isStrict: false, room: ROOM },
  ],
  [/(?:^|\.)api\.mistral\.ai$/, { ...CHAT, limit: "max_tokens" }],
  [/(?:^|\.)openrouter\.ai$/, { ...CHAT, isCold: false, room: ROOM, bills: true }],
  [/(?:^|\.)api\.groq\.com$/, { ...CHAT, isStrict: false }],
];

/** What an operator sets beside the server's address. */
export interface ProfileSettings {
  readonly api?: Profile["wire"] | undefined;
  readonly effort?: string | undefined;
}

/** The profile of a server by its host, with what the operator says about it. */
export function profileFor(baseUrl: string, { api, effort }: ProfileSettings = {}): Profile {
  const host = URL.parse(baseUrl)?.hostname ?? "";
  const known = BY_HOST.find(([named]) => named.test(host))?.[1] ?? CHAT;
  const chosen =
    api === undefined || api === known.wire ? known : api === "chat" ? CHAT : RESPONSES;
  return effort === undefined ? chosen : { ...chosen, effort };
}

/** A refusal as far as something can be learnt from it. */
interface Refusal {
  readonly status: number;
  readonly code: string | null;
  /** The parameter the provider names; null when it names none. */
  readonly param: string | null;
  readonly words: string;
}

/** What was learnt: how to ask from now on, and a sentence for the operator. */
interface Lesson {
  readonly profile: Profile;
  readonly told: string;
}

/** What each refused parameter changes; by what a provider calls it. */
const LESSONS: readonly (readonly [
  named: RegExp,
  change: (profile: Profile) => Profile,
  told: string,
])[] = [
  [/temperature/, (one) => ({ ...one, isCold: false }), "takes no temperature"],
  [
    /max_completion_tokens/,
    (one) => ({ ...one, limit: "max_tokens" }),
    "takes max_tokens, not max_completion_tokens",
  ],
  [
    /max_tokens/,
    (one) => ({ ...one, limit: "max_completion_tokens" }),
    "takes max_completion_tokens, not max_tokens",
  ],
  [
    /^include$|encrypted/i,
    (one) => ({ ...one, effort: null, room: 0 }),
    "is asked as a model that does not think",
  ],
  [/reasoning/, (one) => ({ ...one, effort: null }), "takes no reasoning effort"],
  [
    /response[_ ]format|json_schema|text\.format/,
    (one) => ({ ...one, shape: "tool" }),
    "takes no response format; a tool that has to be called stands in",
  ],
  [/strict/, (one) => ({ ...one, isStrict: false }), "takes no strict tools"],
];

const NAMES_ONE =
  /unsupported|not support|unknown|unrecogni[sz]ed|extra_forbidden|not permitted|extra inputs/i;

/** A limit refused for its size alone: the server knows its name. */
const SAYS_SIZE = /too (?:large|big|high|many)|at most|less than|exceed|maximum|above|greater/i;

/** How the same request is asked so that this refusal does not come again; null when nothing is to be learnt. */
export function lessonFrom(profile: Profile, refusal: Refusal): Lesson | null {
  const other = otherWire(profile, refusal);
  if (other !== null) return other;
  const { status, param, words } = refusal;
  if (status !== 400 && status !== 422) return null;
  const isNamed = NAMES_ONE.test(words);
  if (param === null && !isNamed) return null;
  const [, change, told] = LESSONS.find(([named]) => named.test(param ?? words)) ?? [];
  if (change === undefined || told === undefined) return null;
  const changed = change(profile);
  if (changed.limit !== profile.limit && SAYS_SIZE.test(words)) return null;
  const isNew = JSON.stringify(changed) !== JSON.stringify(profile);
  return isNew ? { profile: changed, told } : null;
}

/** A server that wants, or has, the other interface only. */
function otherWire({ wire }: Profile, { status, code, words }: Refusal): Lesson | null {
  if (wire === "chat")
    return status === 400 && words.includes("/v1/responses")
      ? { profile: RESPONSES, told: "is asked by Responses, as it wants for tools" }
      : null;
  const isModelMissing = code === "model_not_found" || /model/i.test(words);
  return status === 404 && !isModelMissing
    ? {
        profile: { ...CHAT, isCold: false, effort: "none" },
        told: "has no Responses and is asked by chat completions, without thinking",
      }
    : null;
}

/** Writes requests as JSON: for chat completions, and for Responses. */
import { z } from "zod";
import { isAscii } from "#text/matches.ts";
import type { ModelMessage, ModelRequest, OfferedTool } from "#core/contracts/model.ts";
import { type Profile, profileOf } from "./profile.ts";

/**
 * Gives the writer of one model's requests: JSON in ASCII, which is sent without being converted. A turn asks several
 * times with a transcript that grows and with the same tools, so what was written before is kept for as long as the
 * caller keeps that transcript or list, and only what is new is written. What is the same in every turn, the tools and
 * the rules, stands first, so that a provider that keeps the beginning of a request finds it again.
 * https://platform.openai.com/docs/api-reference/chat/create
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function bodyWriter(
  model: string,
  profile: Profile = profileOf(""),
): (request: ModelRequest) => string {
  const transcripts = new WeakMap<readonly ModelMessage[], Transcript>();
  const offers = new WeakMap<readonly OfferedTool[], string>();
  const head = `{"model":${asciiJson(model)},`;
  const wire = profile.wire === "chat" ? CHAT : RESPONSES;
  const settings = wire.settings(profile);

  function transcriptOf(messages: readonly ModelMessage[]): string {
    let transcript = transcripts.get(messages);
    // A transcript that did not only grow is written anew.
    if (transcript === undefined || transcript.messages.some((known, at) => known !== messages[at]))
      transcripts.set(messages, (transcript = { messages: [], text: "" }));
    for (const message of messages.slice(transcript.messages.length)) {
      for (const item of wire.itemsOf(message))
        transcript.text += `${transcript.text === "" ? "" : ","}${asciiJson(item)}`;
      transcript.messages.push(message);
    }
    return transcript.text;
  }

  function offerOf(tools: readonly OfferedTool[]): string {
    const before = offers.get(tools);
    if (before !== undefined) return before;
    // The provider refuses an empty list.
    const offer =
      tools.length === 0
        ? ""
        : `"tools":${asciiJson(tools.map((tool) => wire.toolOf(tool, profile.isStrict)))},`;
    offers.set(tools, offer);
    return offer;
  }

  return ({ messages, tools, outputTokensMax, answer }) =>
    // Put together by "+" and not by "join", so that the text is copied once, when it is sent.
    head +
    (answer === undefined ? offerOf(tools) : shapeOf(answer, profile, wire)) +
    `"${wire.transcript}":[` +
    transcriptOf(messages) +
    `],"${profile.limit}":${JSON.stringify(Math.max(1, outputTokensMax))}${settings}}`;
}

/** The answer's shape, which the provider then keeps to; a request with one offers no other tools. */
function shapeOf(
  answer: NonNullable<ModelRequest["answer"]>,
  { shape, isStrict }: Profile,
  wire: Wire,
): string {
  if (shape === "format") return `${wire.formatOf(answer)},`;
  const tool = { name: answer.name, description: "Gives the answer.", parameters: answer.schema };
  return `"tools":${asciiJson([wire.toolOf(tool, isStrict)])},"tool_choice":${asciiJson(wire.choiceOf(answer.name))},`;
}

/** How one of the two interfaces writes the parts of a request. */
interface Wire {
  readonly transcript: "messages" | "input";
  itemsOf(message: ModelMessage): readonly unknown[];
  toolOf(tool: OfferedTool, strict: boolean): unknown;
  choiceOf(name: string): unknown;
  formatOf(answer: NonNullable<ModelRequest["answer"]>): string;
  settings(profile: Profile): string;
}

const CHAT: Wire = {
  transcript: "messages",
  itemsOf: (message) => [messageOf(message)],
  toolOf: (tool, strict) => ({
    type: "function",
    function: { ...tool, ...(strict ? { strict } : {}) },
  }),
  choiceOf: (name) => ({ type: "function", function: { name } }),
  formatOf: (answer) =>
    `"response_format":${asciiJson({ type: "json_schema", json_schema: { ...answer, strict: true } })}`,
  settings: ({ isCold, effort }) =>
    (isCold ? ',"temperature":0' : "") +
    (effort === null ? "" : `,"reasoning_effort":${asciiJson(effort)}`),
};

/**
 * Nothing is stored at the provider, so what a model thought comes back encrypted and is sent along with the next call.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
const RESPONSES: Wire = {
  transcript: "input",
  itemsOf: responseItems,
  toolOf: (tool, strict) => ({ type: "function", ...tool, strict }),
  choiceOf: (name) => ({ type: "function", name }),
  formatOf: (answer) =>
    `"text":${asciiJson({ format: { type: "json_schema", ...answer, strict: true } })}`,
  settings: ({ isCold, effort }) =>
    ',"store":false,"include":["reasoning.encrypted_content"]' +
    (isCold ? ',"temperature":0' : "") +
    (effort === null ? "" : `,"reasoning":${asciiJson({ effort })}`),
};

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

/** The messages written so far, and their JSON. */
interface Transcript {
  readonly messages: ModelMessage[];
  text: string;
}

/**
 * Letters outside ASCII stand only inside strings, where JSON allows their code instead. Going through bytes makes the
 * text one byte a letter in memory too.
 */
function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (isAscii(json)) return json;
  return Buffer.from(json.replaceAll(NOT_ASCII, coded), "latin1").toString("latin1");
}

const NOT_ASCII = /[\u0080-\uFFFF]/g;

function coded(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What a provider attached to an answer's message and to its calls, by their ids. */
export const Kept = z.object({
  message: z.record(z.string(), z.json()).optional(),
  calls: z.record(z.string(), z.record(z.string(), z.json())).optional(),
});

/** A message as chat completions want it. */
export function messageOf(message: ModelMessage) {
  switch (message.role) {
    case "system":
      return { role: message.role, content: message.content };
    case "user":
      return { role: message.role, content: userContent(message) };
    case "tool":
      return { role: message.role, tool_call_id: message.toolCallId, content: message.content };
    case "assistant": {
      const { message: ofMessage = {}, calls = {} } = Kept.catch({}).parse(message.kept);
      return {
        role: message.role,
        content: message.content === "" ? null : message.content,
        ...(message.toolCalls.length === 0
          ? {}
          : {
              tool_calls: message.toolCalls.map((call) => ({ ...callOf(call), ...calls[call.id] })),
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

function callOf({
  id,
  name,
  arguments: text,
}: Extract<ModelMessage, { role: "assistant" }>["toolCalls"][number]) {
  return { id, type: "function" as const, function: { name, arguments: text } };
}

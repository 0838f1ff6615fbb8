/** Writes requests for chat completions as JSON. */
import { isAscii } from "#text/matches.ts";
import type { ModelMessage, ModelRequest, OfferedTool } from "#core/contracts/model.ts";

/**
 * Gives the writer of one model's requests: JSON in ASCII, which is sent without being converted. A turn asks several
 * times with a transcript that grows and with the same tools, so what was written before is kept for as long as the
 * caller keeps that transcript or list, and only what is new is written. What is the same in every turn, the tools and
 * the rules, stands first, so that a provider that keeps the beginning of a request finds it again.
 * https://platform.openai.com/docs/api-reference/chat/create
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function bodyWriter(model: string): (request: ModelRequest) => string {
  const transcripts = new WeakMap<readonly ModelMessage[], Transcript>();
  const offers = new WeakMap<readonly OfferedTool[], string>();
  const head = `{"model":${asciiJson(model)},`;
  // Reasoning models refuse any temperature but their default.
  const settings = /^(?:o\d|gpt-5)/.test(model) ? "" : ',"temperature":0';

  function transcriptOf(messages: readonly ModelMessage[]): string {
    let transcript = transcripts.get(messages);
    // A transcript that did not only grow is written anew.
    if (transcript === undefined || transcript.messages.some((known, at) => known !== messages[at]))
      transcripts.set(messages, (transcript = { messages: [], text: "" }));
    for (const message of messages.slice(transcript.messages.length)) {
      transcript.text += `${transcript.text === "" ? "" : ","}${asciiJson(messageOf(message))}`;
      transcript.messages.push(message);
    }
    return transcript.text;
  }

  function offerOf(tools: readonly OfferedTool[]): string {
    const before = offers.get(tools);
    if (before !== undefined) return before;
    // The provider refuses an empty list.
    const offer = tools.length === 0 ? "" : `"tools":${asciiJson(tools.map(toolOf))},`;
    offers.set(tools, offer);
    return offer;
  }

  return ({ messages, tools, outputTokensMax, answer }) =>
    // Put together by "+" and not by "join", so that the text is copied once, when it is sent.
    head +
    offerOf(tools) +
    shapeOf(answer) +
    '"messages":[' +
    transcriptOf(messages) +
    `],"max_completion_tokens":${JSON.stringify(Math.max(1, outputTokensMax))}${settings}}`;
}

/** The answer's shape, which the provider then keeps to. */
function shapeOf(answer: ModelRequest["answer"]): string {
  if (answer === undefined) return "";
  const format = { type: "json_schema", json_schema: { ...answer, strict: true } };
  return `"response_format":${asciiJson(format)},`;
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

/** A message as chat completions want it. */
export function messageOf(message: ModelMessage) {
  switch (message.role) {
    case "system":
      return { role: message.role, content: message.content };
    case "user":
      return { role: message.role, content: userContent(message) };
    case "tool":
      return { role: message.role, tool_call_id: message.toolCallId, content: message.content };
    case "assistant":
      return {
        role: message.role,
        content: message.content === "" ? null : message.content,
        ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map(callOf) }),
      };
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

function toolOf({ name, description, parameters }: OfferedTool) {
  return { type: "function", function: { name, description, parameters, strict: true } };
}

/** Writes requests for chat completions as JSON. */
import { isAscii } from "#text/matches.ts";
import type { ModelMessage, ModelRequest, OfferedTool } from "#core/contracts/model.ts";

/**
 * Gives the writer of one model's requests: JSON in ASCII, which is sent without being converted. A turn asks several
 * times with a transcript that grows and with the same tools, so what was written before is kept for as long as the
 * caller keeps that transcript or list, and only what is new is written.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function bodyWriter(model: string): (request: ModelRequest) => string {
  const transcripts = new WeakMap<readonly ModelMessage[], Transcript>();
  const offers = new WeakMap<readonly OfferedTool[], string>();
  const head = `{"model":${asciiJson(model)},"messages":[`;
  // Reasoning models refuse any temperature but their default.
  const settings = /^(?:o\d|gpt-5)/.test(model) ? "" : ',"temperature":0';

  function transcriptOf(messages: readonly ModelMessage[]): Transcript {
    const transcript = transcripts.get(messages) ?? { messages: [], parts: [] };
    for (const [place, message] of messages.entries()) {
      if (transcript.messages[place] === message) continue;
      transcript.messages.splice(place, Infinity, message);
      transcript.parts.splice(place, Infinity, asciiJson(messageOf(message)));
    }
    transcript.messages.splice(messages.length);
    transcript.parts.splice(messages.length);
    transcripts.set(messages, transcript);
    return transcript;
  }

  function offerOf(tools: readonly OfferedTool[]): string {
    const before = offers.get(tools);
    if (before !== undefined) return before;
    const offer = `],"tools":${asciiJson(tools.map(toolOf))}`;
    offers.set(tools, offer);
    return offer;
  }

  return ({ messages, tools, outputTokensMax }) =>
    [
      head,
      transcriptOf(messages).parts.join(","),
      offerOf(tools),
      `,"max_completion_tokens":${JSON.stringify(Math.max(1, outputTokensMax))}${settings}}`,
    ].join("");
}

/** The messages written so far, with each one's JSON. */
interface Transcript {
  readonly messages: ModelMessage[];
  readonly parts: string[];
}

/** Letters outside ASCII stand only inside strings, where JSON allows their code instead. */
function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  return isAscii(json) ? json : json.replaceAll(NOT_ASCII, coded);
}

const NOT_ASCII = /[\u0080-\uFFFF]/g;

function coded(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A message as chat completions want it. */
export function messageOf(message: ModelMessage) {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
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

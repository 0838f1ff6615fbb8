/** Reads a chat completions request back into a conversation. */
import { z } from "zod";
import { readBlocks, type ReadBlock } from "#agent/data-marking.ts";
import { promptDay, HEADINGS } from "#agent/prompt.ts";
import { canonical, jsonOrNull } from "#core/values/canonical-json.ts";

/** The part of a chat completions request the rules read. */
export const CompletionRequest = z.object({
  model: z.string(),
  messages: z.array(
    z.discriminatedUnion("role", [
      z.object({ role: z.literal("system"), content: z.string() }),
      z.object({ role: z.literal("user"), content: z.string() }),
      z.object({
        role: z.literal("assistant"),
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              id: z.string(),
              function: z.object({ name: z.string(), arguments: z.string() }),
            }),
          )
          .default([]),
      }),
      z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
    ]),
  ),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** The rules need no more of a message, and patterns stay fast on it however long it is. */
const TEXT_CHARACTERS_MAX = 4_000;

/** A tool call the rules make. */
export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, string | true | null>>;
}

/** The conversation as the prompt gives it: the rules see nothing else, as a real model sees nothing else. */
export interface Transcript {
  /** ISO date. */
  readonly today: string;
  readonly subject: string;
  readonly earlier: readonly ReadBlock[];
  /** Texts of the new messages, oldest first. */
  readonly unread: readonly string[];
  readonly askedBefore: boolean;
  /** True when the writer is not known well enough to see anything of an account. */
  readonly unverified: boolean;
  /** True in a chat, where a customer signs in instead of writing from an address. */
  readonly inChat: boolean;
  /** The outcome of a code in the new messages; null when there was none. */
  readonly code: "right" | "wrong" | null;
  readonly offered: ReadonlySet<string>;
  /** What a call returned: its JSON, or `null` when it returned only text (an error, something withheld). */
  result(call: Call): { readonly made: false } | { readonly made: true; readonly value: unknown };
}

/** Parses the prompt's own format. */
export function readTranscript(request: CompletionRequest): Transcript {
  const first = request.messages.find(({ role }) => role === "user")?.content ?? "";
  const [before = "", after = ""] = first.split(HEADINGS.unread);
  const blocks = readBlocks(before);
  const results = resultsOf(request);
  return {
    today: promptDay(before),
    subject: blocks.find(({ source }) => source === "subject")?.text ?? "",
    earlier: blocks.filter(({ source }) => source !== "subject"),
    unread: readBlocks(after)
      .filter(({ source }) => source === "customer" || source === "other person")
      .map(({ text }) => text.slice(0, TEXT_CHARACTERS_MAX)),
    askedBefore: after.includes(HEADINGS.askedBefore),
    unverified: after.includes(HEADINGS.unverified),
    inChat: after.includes(HEADINGS.inChat),
    code: codeIn(after),
    offered: new Set(request.tools.map((tool) => tool.function.name)),
    result(call) {
      const key = keyOf(call.name, call.input);
      return results.has(key) ? { made: true, value: results.get(key) } : { made: false };
    },
  };
}

function codeIn(text: string): Transcript["code"] {
  if (text.includes(HEADINGS.codeRight)) return "right";
  return text.includes(HEADINGS.codeWrong) ? "wrong" : null;
}

function resultsOf({ messages }: CompletionRequest): ReadonlyMap<string, unknown> {
  const keys = new Map<string, string>();
  const results = new Map<string, unknown>();
  for (const message of messages) {
    if (message.role === "assistant")
      for (const call of message.tool_calls)
        keys.set(call.id, keyOf(call.function.name, jsonOrNull(call.function.arguments)));
    if (message.role !== "tool") continue;
    const key = keys.get(message.tool_call_id);
    if (key !== undefined)
      results.set(key, jsonOrNull(readBlocks(message.content)[0]?.text ?? "null"));
  }
  return results;
}

function keyOf(name: string, input: unknown): string {
  return `${name} ${canonical(input)}`;
}

/**
 * A session with an MCP server: opened when the first question is asked, and again when the server has forgotten it. What
 * is read of the Model Context Protocol (modelcontextprotocol.io, revision 2025-06-18) are JSON-RPC 2.0 messages over its
 * streamable HTTP transport, over a `fetch` that gives whole answers.
 */

import { z } from "zod";
import type { Fetch } from "#core/connection/http-answer.ts";
import type { SystemExchange } from "#systems/http/exchange.ts";
import type { PreparedRequest } from "#systems/http/prepare-request.ts";

/** The revision we speak; a server may answer with an older one that has the same messages. */
const PROTOCOL_VERSION = "2025-06-18";

/** Revisions whose messages are those below. */
const KNOWN_VERSIONS: readonly string[] = ["2025-11-25", PROTOCOL_VERSION, "2025-03-26"];

/** The answer to one request of ours. */
const Answer = z.union([
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number(),
    result: z.record(z.string(), z.unknown()),
  }),
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number().nullable(),
    error: z.object({ code: z.number(), message: z.string() }),
  }),
]);

const Initialized = z.object({
  protocolVersion: z.string(),
  serverInfo: z.object({ name: z.string(), version: z.string() }),
});

const Schema = z.record(z.string(), z.unknown());

/** A tool as its server describes it: untrusted text and untrusted schemas. */
export const ListedTool = z.object({
  name: z.string().regex(/^[\w.-]{1,128}$/),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: Schema,
  outputSchema: Schema.optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type ListedTool = z.infer<typeof ListedTool>;

const ToolPage = z.object({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional(),
});

/** What a call came to. Only what is structured is used. */
export const Called = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
});
export type Called = z.infer<typeof Called>;

/** What one connection keeps between requests. */
export interface McpWire {
  /** Makes one JSON answer of a stream of events, and keeps the id of the session. */
  readonly through: (fetch: Fetch) => Fetch;
  /** The id that the server gave this session; null for a server without sessions. */
  session(): string | null;
  forget(): void;
}

/** The id is visible ASCII (transports, "Session Management"); anything else could not be sent back. */
const SESSION_ID = /^[\x21-\x7e]{1,256}$/;

export function mcpWire(): McpWire {
  let session: string | null = null;
  return {
    through: (fetch) => async (target, init) => {
      const response = await fetch(target, init);
      const given = response.headers.get("mcp-session-id");
      if (given !== null && SESSION_ID.test(given)) session = given;
      const type = response.headers.get("content-type") ?? "";
      if (!/^text\/event-stream\b/i.test(type)) return response;
      const message = answerIn(await response.text());
      const headers = { "content-type": "application/json" };
      return new Response(message, { status: response.status, headers });
    },
    session: () => session,
    forget: () => (session = null),
  };
}

/**
 * The last message of a stream of events that is an answer; other messages are notices, which are not needed. Events are
 * separated by an empty line, and their data may stand on several lines (HTML, "Server-sent events"). Linear in the text.
 */
export function answerIn(stream: string): string {
  let answer = "";
  let data: string[] = [];
  const end = (): void => {
    const text = data.join("\n");
    data = [];
    if (/"(?:result|error)"\s*:/.test(text)) answer = text;
  };
  for (const line of stream.split(/\r\n|\n|\r/)) {
    if (line === "") end();
    else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
  end();
  return answer;
}

/** Sends one request over HTTP, signed and within its limits. Never throws. */
export type Send = (request: PreparedRequest, signal: AbortSignal) => Promise<SystemExchange>;

/** How a question ended. */
export type Reply =
  | { readonly kind: "result"; readonly result: Readonly<Record<string, unknown>> }
  /** The server refused the question by a code of JSON-RPC. */
  | { readonly kind: "error"; readonly code: number; readonly said: string }
  /** There is no answer of the protocol. */
  | { readonly kind: "ended"; readonly ended: SystemExchange };

/** A server that answers. */
export interface McpSession {
  readonly about: z.infer<typeof Initialized>;
  /** A call is sent once; only when the server says that it does not know the session, it is sent again in a new one. */
  call(name: string, given: unknown, signal: AbortSignal): Promise<Reply>;
  /** All tools, whatever page they are on; those that are not in the form of the protocol are left out. */
  list(signal: AbortSignal): Promise<readonly ListedTool[] | Reply>;
}

const PAGES_MAX = 20;
const TOOLS_MAX = 1_000;

/** Opens a session; how it failed, where it did. */
export async function openSession(
  send: Send,
  wire: McpWire,
  signal: AbortSignal,
): Promise<McpSession | Reply> {
  let last = 0;
  let version = PROTOCOL_VERSION;
  const post = (message: object): Promise<SystemExchange> =>
    send(messageRequest(message, version, wire.session()), signal);
  const ask = async (method: string, params: object, within: AbortSignal): Promise<Reply> => {
    last += 1;
    const message = { jsonrpc: "2.0", id: last, method, params };
    const ended = await send(messageRequest(message, version, wire.session()), within);
    return readReply(ended, last);
  };
  wire.forget();
  const hello = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT };
  const opened = await ask("initialize", hello, signal);
  if (opened.kind !== "result") return opened;
  const about = Initialized.safeParse(opened.result);
  if (!about.success || !KNOWN_VERSIONS.includes(about.data.protocolVersion))
    return unusable("it speaks no revision of the protocol that is known here");
  version = about.data.protocolVersion;
  await post({ jsonrpc: "2.0", method: "notifications/initialized" });
  return {
    about: about.data,
    call: (name, given, within) => ask("tools/call", { name, arguments: given }, within),
    list: (within) => listed((cursor) => ask("tools/list", cursor, within)),
  };
}

const CLIENT = { name: "deskhand", version: "1" };

async function listed(
  ask: (params: object) => Promise<Reply>,
): Promise<readonly ListedTool[] | Reply> {
  const tools: ListedTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const reply = await ask(cursor === undefined ? {} : { cursor });
    if (reply.kind !== "result") return reply;
    const parsed = ToolPage.safeParse(reply.result);
    if (!parsed.success) return unusable("its list of tools is not in the form of the protocol");
    for (const given of parsed.data.tools) {
      const tool = ListedTool.safeParse(given);
      if (tool.success && !tools.some(({ name }) => name === tool.data.name)) tools.push(tool.data);
    }
    cursor = parsed.data.nextCursor;
    if (cursor === undefined) return tools;
    if (tools.length > TOOLS_MAX) break;
  }
  return unusable("its list of tools has no end");
}

function messageRequest(message: object, version: string, session: string | null): PreparedRequest {
  return {
    method: "POST",
    path: "",
    query: [],
    headers: {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      ...(session === null ? {} : { "mcp-session-id": session }),
    },
    body: { type: "application/json", text: JSON.stringify(message) },
  };
}

function readReply(ended: SystemExchange, id: number): Reply {
  if (ended.kind !== "answered" || ended.status < 200 || ended.status > 299)
    return { kind: "ended", ended };
  const answer = Answer.safeParse(ended.body);
  if (!answer.success || (answer.data.id !== null && answer.data.id !== id))
    return unusable("its answer is not in the form of the protocol");
  if ("result" in answer.data) return { kind: "result", result: answer.data.result };
  const { code, message } = answer.data.error;
  return { kind: "error", code, said: message };
}

/** Something answered, but nothing that can be read: what was done is not known. */
function unusable(said: string): Reply {
  const ended = { status: 502, body: undefined, retryAfterMs: undefined, isReadable: false };
  return { kind: "ended", ended: { kind: "answered", ...ended, said } };
}

/** Whether something is a reply and no session or list. */
export function isReply(value: object): value is Reply {
  return "kind" in value && !("about" in value) && !Array.isArray(value);
}

/**
 * Talks with an MCP server: without a session where the server speaks revision 2026-07-28 of the Model Context Protocol
 * (modelcontextprotocol.io), in which every request stands for itself; otherwise in a session that is opened when the first
 * question is asked, and again when the server has forgotten it. What is read of the protocol are JSON-RPC 2.0 messages
 * over its streamable HTTP transport, over a `fetch` that gives whole answers.
 */

import { z } from "zod";
import type { Fetch } from "#core/connection/http-answer.ts";
import { answered, type SystemExchange } from "#systems/http/exchange.ts";
import type { PreparedRequest } from "#systems/http/prepare-request.ts";

/** The revision without sessions. */
const STATELESS_VERSION = "2026-07-28";

/** The revision with sessions we ask for; a server may answer with another one that has the same messages. */
const SESSION_VERSION = "2025-06-18";

/** Revisions with sessions whose messages are those below. */
const SESSION_VERSIONS: readonly string[] = ["2025-11-25", SESSION_VERSION, "2025-03-26"];

/** Codes by which a server refuses a request of another revision as a whole ("Error Codes", 2026-07-28). */
const OTHER_REVISION: readonly number[] = [-32_020, -32_022];

/** Statuses of a refusal that says nothing about revisions. */
const NOT_ABOUT_REVISIONS: readonly number[] = [401, 403, 407, 408, 425, 429];

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

const ServerInfo = z.object({ name: z.string(), version: z.string() });
const Initialized = z.object({ protocolVersion: z.string(), serverInfo: ServerInfo });

const META = "io.modelcontextprotocol";
const ABOUT = `${META}/serverInfo`;
const Discovered = z.object({
  supportedVersions: z.array(z.string()),
  _meta: z.object({ [ABOUT]: ServerInfo }).catch({ [ABOUT]: { name: "MCP server", version: "" } }),
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
  structuredContent: z.unknown().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
});
export type Called = z.infer<typeof Called>;

/** The id is visible ASCII (transports, "Session Management"); anything else could not be sent back. */
const SESSION_ID = /^[\x21-\x7e]{1,256}$/;
/** The beginning of the message that opens one. An answer to any other may still name the session before. */
const OPENS = /^\{"jsonrpc":"2\.0","id":\d+,"method":"initialize"/;

/** What lies around the sender of one connection. */
export type McpWire = ReturnType<typeof mcpWire>;

export function mcpWire() {
  let opened: string | null = null;
  return {
    /** Makes one JSON answer of a stream of events, and reads the id of a session that is opened. */
    through:
      (fetch: Fetch): Fetch =>
      async (target, init) => {
        const response = await fetch(target, init);
        const given = response.headers.get("mcp-session-id") ?? "";
        if (typeof init?.body === "string" && OPENS.test(init.body))
          opened = SESSION_ID.test(given) ? given : null;
        const type = response.headers.get("content-type") ?? "";
        if (!/^text\/event-stream\b/i.test(type)) return response;
        const message = answerIn(await response.text());
        const headers = { "content-type": "application/json" };
        return new Response(message, { status: response.status, headers });
      },
    /** The id that the server gave the session it opened last; null for a server without sessions. */
    opened: () => opened,
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
  | {
      readonly kind: "ended";
      readonly ended: SystemExchange;
      /** The server says that it does not know us as it did: it has carried nothing out. */
      readonly isForgotten: boolean;
    };

/** A server that answers. */
export type McpSession = ReturnType<typeof serverAsked>;

const PAGES_MAX = 20;
const TOOLS_MAX = 1_000;

/**
 * Begins to talk with a server; how it failed, where it did. Of one wire one server is opened at a time. The stateless revision is tried first, and a server that does
 * not know it, however it says so, is asked for a session ("Backward Compatibility", 2026-07-28).
 */
export async function openSession(
  send: Send,
  wire: McpWire,
  signal: AbortSignal,
): Promise<McpSession | Reply> {
  const ask = asker(send, statelessRequest, false);
  const said = await ask({ method: "server/discover", params: {} }, signal);
  const ended = said.kind === "ended" ? said.ended : null;
  if (ended !== null && (ended.kind !== "answered" || NOT_ABOUT_REVISIONS.includes(ended.status)))
    return said;
  const about = Discovered.safeParse(said.kind === "result" ? said.result : null).data;
  if (about?.supportedVersions.includes(STATELESS_VERSION) !== true)
    return openedSession(send, wire, signal);
  return serverAsked(ask, {
    protocolVersion: STATELESS_VERSION,
    serverInfo: about._meta[ABOUT],
  });
}

interface Question {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type Ask = (question: Question, signal: AbortSignal) => Promise<Reply>;

/** Asks one question after another, each as the request that its revision makes of it. */
function asker(
  send: Send,
  request: (question: Question & { readonly id: number }) => PreparedRequest,
  hasSession: boolean,
): Ask {
  let last = 0;
  return async (question, signal) => {
    // Of its own: others may be asked before this one is answered.
    const id = (last += 1);
    return readReply(await send(request({ id, ...question }), signal), id, hasSession);
  };
}

/** Says by itself who asks, in which revision, and for what. */
function statelessRequest({ params, ...message }: Question & { readonly id: number }) {
  const _meta = {
    [`${META}/protocolVersion`]: STATELESS_VERSION,
    [`${META}/clientInfo`]: CLIENT,
    [`${META}/clientCapabilities`]: {},
  };
  const { name } = params;
  return messageRequest({ ...message, params: { ...params, _meta } }, STATELESS_VERSION, {
    "mcp-method": message.method,
    ...(typeof name === "string" ? { "mcp-name": name } : {}),
  });
}

/** The tools of a server, by whichever revision it is asked. */
function serverAsked(ask: Ask, about: z.infer<typeof Initialized>) {
  return {
    about,
    /** A call is sent once; only when the server has forgotten us, it is sent again to a server that is opened anew. */
    call: (name: string, given: unknown, within: AbortSignal) =>
      ask({ method: "tools/call", params: { name, arguments: given } }, within),
    /** All tools, whatever page they are on; those that are not in the form of the protocol are left out. */
    list: (within: AbortSignal) =>
      listed((params) => ask({ method: "tools/list", params }, within)),
  };
}

async function openedSession(
  send: Send,
  wire: McpWire,
  signal: AbortSignal,
): Promise<McpSession | Reply> {
  let version = SESSION_VERSION;
  let session: string | null = null;
  const request = (message: object): PreparedRequest =>
    messageRequest(message, version, session === null ? {} : { "mcp-session-id": session });
  const ask = asker(send, request, true);
  const hello = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT };
  const opened = await ask({ method: "initialize", params: hello }, signal);
  if (opened.kind !== "result") return opened;
  const about = Initialized.safeParse(opened.result);
  if (!about.success || !SESSION_VERSIONS.includes(about.data.protocolVersion))
    return unusable("it speaks no revision of the protocol that is known here");
  version = about.data.protocolVersion;
  session = wire.opened();
  await send(request({ method: "notifications/initialized" }), signal);
  return serverAsked(ask, about.data);
}

const CLIENT = { name: "deskhand", version: "1" };

async function listed(
  ask: (params: Question["params"]) => Promise<Reply>,
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

function messageRequest(
  message: object,
  version: string,
  headers: Readonly<Record<string, string>>,
): PreparedRequest {
  return {
    method: "POST",
    path: "",
    query: [],
    headers: {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      ...headers,
    },
    body: { type: "application/json", text: JSON.stringify({ jsonrpc: "2.0", ...message }) },
  };
}

function readReply(ended: SystemExchange, id: number, hasSession: boolean): Reply {
  if (ended.kind !== "answered") return { kind: "ended", ended, isForgotten: false };
  const answer = Answer.safeParse(ended.body).data ?? null;
  if (ended.status < 200 || ended.status > 299)
    return {
      kind: "ended",
      ended,
      isForgotten:
        isOtherRevision(answer) || (hasSession && isSessionRefused(ended.status, answer)),
    };
  if (answer === null || (answer.id !== null && answer.id !== id))
    return unusable("its answer is not in the form of the protocol");
  if ("result" in answer) return completeReply(answer.result);
  return { kind: "error", code: answer.error.code, said: answer.error.message };
}

/** A status alone may come from whatever stands before the server, after the tool was called. */
function isOtherRevision(answer: z.infer<typeof Answer> | null): boolean {
  return answer !== null && "error" in answer && OTHER_REVISION.includes(answer.error.code);
}

/**
 * 404 is for a session that is no more; very many servers say 400 instead, before they read the message: their answer
 * then names no question.
 */
function isSessionRefused(status: number, answer: z.infer<typeof Answer> | null): boolean {
  return status === 404 || (status === 400 && answer?.id === null);
}

/** A tool that asks back finds no person here to ask: it failed. An unknown answer may be one of work that was begun. */
function completeReply(result: Readonly<Record<string, unknown>>): Reply {
  const { resultType = "complete" } = result;
  if (resultType === "complete") return { kind: "result", result };
  if (resultType !== "input_required") return unusable("it answers in a way unknown here", 501);
  const text = "it asks for more than was said";
  return { kind: "result", result: { isError: true, content: [{ type: "text", text }] } };
}

/** Something answered, but nothing that can be read: what was done is not known. */
function unusable(said: string, status = 502): Reply {
  const ended = { ...answered(status, undefined, said), isReadable: false };
  return { kind: "ended", ended, isForgotten: false };
}

/** Whether something is a reply and no session or list. */
export function isReply(value: object): value is Reply {
  return "kind" in value && !("about" in value) && !Array.isArray(value);
}

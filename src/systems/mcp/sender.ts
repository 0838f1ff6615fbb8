/**
 * Calls tools of an MCP server as if each were a request of HTTP, so that everything else holds as for any system: its
 * path names the tool, its body holds the arguments, its answer is what the tool answered in structured form.
 */
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import type { Connection } from "#systems/contract.ts";
import { answered, shortSaid, type SystemExchange } from "#systems/http/exchange.ts";
import {
  Called,
  type ListedTool,
  isReply,
  type McpSession,
  openSession,
  type Reply,
  type Send,
  type McpWire,
} from "./session.ts";
import { pinnedToolChange } from "./look-at-servers.ts";

/** Statuses that a call is told as. */
const OK = 200;
/** The server did not understand the question (JSON-RPC 2.0, 5.1): an input it never has. */
const NOT_UNDERSTOOD = 400;
/** The tool is not as it was when a person looked. */
const CHANGED = 403;
/** The transport refused the question. */
const NOT_ACCEPTED = 406;
/** The tool ran and says that it failed, which is how servers say that there is nothing under an id. */
const TOOL_FAILED = 422;

/** Codes of JSON-RPC for a question that was not carried out. */
const REFUSED_CODES = [-32_700, -32_600, -32_601, -32_602];

/** How long the list of tools is believed. */
const LIST_MS = 60_000;

interface McpSenderOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly wire: McpWire;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sends a call, after it was made sure that its tool is still the one that a person looked at. Never throws. */
export function mcpSender(options: McpSenderOptions): Send {
  const server = rememberedServer(options);
  return async (request, signal) => {
    const name = request.path.slice(1);
    for (const isLast of [false, true]) {
      const ready = await server.ready(signal);
      if (isReply(ready)) {
        // What cannot be listed has forgotten its session itself.
        if (isLast || !isForgotten(ready)) return unsentBy(ready);
        continue;
      }
      const problem = pinProblem(options.connection, ready.tools, name);
      if (problem !== null) return answered(CHANGED, undefined, problem);
      const given: unknown = request.body === null ? {} : JSON.parse(request.body.text);
      const reply = await ready.session.call(name, given, signal);
      if (isLast || !isForgotten(reply)) return replyExchange(reply);
      server.forget(ready.session);
    }
    return unsentBy({ kind: "error", code: 0, said: "it forgets each session" });
  };
}

function isForgotten(reply: Reply): boolean {
  return reply.kind === "ended" && reply.isForgotten;
}

interface Ready {
  readonly session: McpSession;
  readonly tools: readonly ListedTool[];
}

/** Keeps the session and the list, and says once for each list which tools changed. */
function rememberedServer({ connection, send, wire, clock, log }: McpSenderOptions) {
  let kept: (Ready & { readonly until: number }) | null = null;
  let last: Promise<unknown> = Promise.resolve();
  // What another call has opened since stays.
  const forget = (of: McpSession): void => {
    if (kept?.session === of) kept = null;
  };

  async function readyNow(signal: AbortSignal): Promise<Ready | Reply> {
    const now = clock.now().getTime();
    if (kept !== null && now < kept.until) return kept;
    const session = kept?.session ?? (await openSession(send, wire, signal));
    if (isReply(session)) return session;
    const tools = await session.list(signal);
    if (isReply(tools)) {
      forget(session);
      return tools;
    }
    kept = { session, tools, until: now + LIST_MS };
    const system = connection.name;
    for (const tool of Object.keys(connection.mcp?.tools ?? {})) {
      const problem = pinProblem(connection, tools, tool);
      if (problem !== null) log.warn("a tool is out of use", { system, tool, problem });
    }
    return kept;
  }

  return {
    forget,
    // One after the other, so that calls that come at once share one session.
    ready(signal: AbortSignal): Promise<Ready | Reply> {
      const mine = last.then(() => readyNow(signal));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Why a tool is out of use; null when it is as a person saw it. */
function pinProblem(
  connection: Connection,
  tools: readonly ListedTool[],
  name: string,
): string | null {
  const change = pinnedToolChange(connection, tools, name);
  return change === null
    ? null
    : `the tool ${name} is out of use: ${change}. Import it again and read what changed`;
}

/** Before the call nothing was asked of the tool, however the questions before it ended. */
function unsentBy(reply: Reply): SystemExchange {
  if (reply.kind === "ended" && reply.ended.kind !== "answered")
    return { kind: "unsent", cause: reply.ended.cause };
  return { kind: "unsent", cause: notAsked("the MCP server cannot be asked", reply) };
}

/** Why a server could not be asked: our own reason where nothing was sent, or what it said in place of an answer. */
export function notAsked(begin: string, reply: Reply): DeskhandError {
  const ended = reply.kind === "ended" ? reply.ended : null;
  if (ended?.kind === "unsent" && ended.cause instanceof DeskhandError) return ended.cause;
  const status = ended?.kind === "answered" ? ` (status ${ended.status})` : "";
  const said = ended?.kind === "answered" ? ended.said : reply.kind === "error" ? reply.said : "";
  const silent = reply.kind === "error" ? "it says no more" : "it does not answer";
  const words = said === "" ? silent : `${shortSaid(said)}${status}`;
  return new DeskhandError("system.unavailable", `${begin}: ${words}`);
}

/** A status of the transport is no answer of the tool: an address that is not there is not a record that is not there. */
function ofTransport(ended: SystemExchange): SystemExchange {
  const isNothing = ended.kind === "answered" && [204, 400, 404, 410, 422].includes(ended.status);
  return isNothing ? { ...ended, status: NOT_ACCEPTED } : ended;
}

function replyExchange(reply: Reply): SystemExchange {
  if (reply.kind === "ended") return ofTransport(reply.ended);
  if (reply.kind === "error")
    return answered(
      REFUSED_CODES.includes(reply.code) ? NOT_UNDERSTOOD : 502,
      undefined,
      reply.said,
    );
  const called = Called.safeParse(reply.result);
  if (!called.success) return unreadable("its answer is not in the form of the protocol");
  const text = called.data.content
    .map(({ type, text }) => (type === "text" ? (text ?? "") : ""))
    .join("");
  if (called.data.isError === true)
    return answered(TOOL_FAILED, undefined, text === "" ? "the tool says that it failed" : text);
  const body = called.data.structuredContent ?? structuredIn(text);
  return body === undefined
    ? unreadable("the tool answered with text and no structured answer")
    : answered(OK, body, "");
}

/** Servers of before structured answers wrote them as text ("Tool Result", 2025-06-18). */
function structuredIn(text: string): unknown {
  const value = jsonOrNull(text);
  return typeof value === "object" && value !== null ? value : undefined;
}

function unreadable(said: string): SystemExchange {
  return { ...answered(OK, undefined, said), isReadable: false };
}

/**
 * How a change ended. A tool that says it failed may have done a part, so that people look what happened. So may one
 * whose question was refused: servers say that it was invalid of their own answer too, once the tool has run.
 */
export function changeEnd(ended: SystemExchange): SystemExchange {
  if (ended.kind !== "answered" || ![TOOL_FAILED, NOT_UNDERSTOOD].includes(ended.status))
    return ended;
  return {
    kind: "lost",
    cause: new DeskhandError("system.uncertain", `the tool says that it failed: ${ended.said}`),
  };
}

/** Lists the tools of an MCP server, for an import and for a look at what changed. */
import { DeskhandError } from "#core/values/errors.ts";
import { senderFor, type SystemClientOptions } from "#systems/http/client.ts";
import { saidBy } from "./sender.ts";
import {
  type ListedTool,
  isReply,
  type McpSession,
  openSession,
  type Reply,
  mcpWire,
} from "./session.ts";

/** What the server says of itself and of all its tools. Throws `system.unavailable` where it does not answer. */
export async function listTools(
  options: Omit<SystemClientOptions, "breaker">,
  signal: AbortSignal,
): Promise<{ readonly about: McpSession["about"]; readonly tools: readonly ListedTool[] }> {
  const { name } = options.connection;
  const wire = mcpWire();
  const session = await openSession(senderFor(options, wire.through), wire, signal);
  if (isReply(session)) throw notListed(name, session);
  const tools = await session.list(signal);
  if (isReply(tools)) throw notListed(name, tools);
  return { about: session.about, tools };
}

function notListed(name: string, reply: Reply): DeskhandError {
  if (
    reply.kind === "ended" &&
    reply.ended.kind === "unsent" &&
    reply.ended.cause instanceof DeskhandError
  )
    return reply.ended.cause;
  return new DeskhandError(
    "system.unavailable",
    `${name} cannot be asked for its tools: ${saidBy(reply)}`,
  );
}

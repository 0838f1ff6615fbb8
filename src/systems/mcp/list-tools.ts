/** Lists the tools of an MCP server, for an import and for a look at what changed. */
import { senderFor, type SystemClientOptions } from "#systems/http/client.ts";
import { notAsked } from "./sender.ts";
import { type ListedTool, isReply, type McpSession, openSession, mcpWire } from "./session.ts";

/** What the server says of itself and of all its tools. Throws `system.unavailable` where it does not answer. */
export async function listTools(
  options: Omit<SystemClientOptions, "breaker">,
  signal: AbortSignal,
): Promise<{ readonly about: McpSession["about"]; readonly tools: readonly ListedTool[] }> {
  const words = `${options.connection.name} cannot be asked for its tools`;
  const wire = mcpWire();
  const session = await openSession(senderFor(options, wire.through), wire, signal);
  if (isReply(session)) throw notAsked(words, session);
  const tools = await session.list(signal);
  if (isReply(tools)) throw notAsked(words, tools);
  return { about: session.about, tools };
}

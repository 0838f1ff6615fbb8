/**
 * Compares the tools of MCP servers with what they were when a person looked, before any of them is called.
 */

import { digest } from "#core/values/canonical-json.ts";
import type { ToolPin, Connection, RequestTool, SystemTool } from "#systems/contract.ts";
import type { ListedTool } from "./session.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { systemsAsked, toolRequests } from "#systems/request-values.ts";

/** How each part of a tool is called in what people read. */
const PARTS: readonly (readonly [part: keyof ToolPin, inWords: string])[] = [
  ["words", "its description"],
  ["input", "what it takes"],
  ["output", "what it answers"],
  ["hints", "what it says of itself"],
];

/** The digests of all that a server says of a tool: any change of a word or a schema changes one of them. */
export function toolPin({
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ListedTool): ToolPin {
  return {
    words: partDigest([title ?? null, description ?? null]),
    input: partDigest(inputSchema),
    output: partDigest(outputSchema ?? null),
    hints: partDigest(annotations ?? null),
  };
}

/** Empty, which equals no pin, for a schema that is nested too deeply to be read. */
function partDigest(part: unknown): string {
  try {
    return digest(part);
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}

/** What became of a tool since a person looked, in words; null when it is as it was. */
export function pinnedToolChange(
  { mcp: { tools: pins } = { tools: {} } }: Connection,
  tools: readonly ListedTool[],
  name: string,
): string | null {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) return "the server no longer has it";
  const then = Object.hasOwn(pins, name) ? pins[name] : undefined;
  if (then === undefined) return "no person has looked at it";
  const now = toolPin(tool);
  const changed = PARTS.filter(([part]) => now[part] === "" || now[part] !== then[part]);
  if (changed.length === 0) return null;
  return `${changed.map(([, inWords]) => inWords).join(" and ")} changed since a person looked`;
}

/** All tools of a server. Throws `system.unavailable` where it cannot be asked. */
export type ListServerTools = (
  connection: Connection,
  signal: AbortSignal,
) => Promise<readonly ListedTool[]>;

/** What was found at one server. */
export interface LookedServer {
  readonly connection: Connection;
  /** Null when it gave its list of tools. */
  readonly problem: DeskhandError | null;
  /** Tools that are used here and out of use now, with what became of each, in words. */
  readonly changed: readonly { readonly tool: string; readonly change: string }[];
}

/** Asks all servers beside each other, each within its own time. Never throws for one that is away or refuses. */
export async function lookAtServers(
  declarations: readonly SystemTool[],
  list: ListServerTools,
  signal: AbortSignal,
): Promise<readonly LookedServer[]> {
  return Promise.all(
    systemsAsked(declarations, { isMcp: true }).map(({ connection, tools }) =>
      lookAt(connection, [...new Set(tools.flatMap(calledBy))], list, signal),
    ),
  );
}

/** The server's tools that a declaration calls: each is the path of a request. */
function calledBy(tool: RequestTool): readonly string[] {
  const { customer } = tool.connection;
  const requests = [...toolRequests(tool), ...(customer === undefined ? [] : [customer.request])];
  return requests.map(({ path }) => path.slice(1));
}

async function lookAt(
  connection: Connection,
  called: readonly string[],
  list: ListServerTools,
  signal: AbortSignal,
): Promise<LookedServer> {
  try {
    const { timeoutMs } = connection.limits;
    const tools = await withinMs(timeoutMs, async (inTime) => list(connection, inTime), signal);
    const changed = called.flatMap((tool) => {
      const change = pinnedToolChange(connection, tools, tool);
      return change === null ? [] : [{ tool, change }];
    });
    return { connection, problem: null, changed };
  } catch (error) {
    if (error instanceof DeskhandError) return { connection, problem: error, changed: [] };
    throw error;
  }
}

/** What changed at a server and what to do, for a lead; one sentence that names each tool. */
export function changeInWords({ connection, changed }: LookedServer): string {
  const tools = changed.map(({ tool, change }) => `${tool} (${change})`).join(", ");
  return `${connection.name}: out of use until a person looks: ${tools}. Nothing is sent through ${changed.length === 1 ? "it" : "them"}, and everything else goes on. Import again as before, with \`deskhand tools import mcp ADDRESS\` and the same \`--only\`, \`--name\` and \`--answers\`, read what differs, then start Deskhand again`;
}

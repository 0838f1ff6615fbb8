/** Tells a lead about tools of MCP servers that changed, when Deskhand starts and while it runs. */
import { digest } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import { startRepeating } from "#jobs/context/repeat.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { newestConversation } from "#store/effects/recovery.ts";
import { changeInWords, type LookedServer, lookAtServers } from "#systems/mcp/look-at-servers.ts";
import { systemsAsked } from "#systems/request-values.ts";
import type { ComposedApp } from "#app/composed-app.ts";

/** How long a change goes unnoticed where no customer asks for the tool. */
const LOOK_MS = 15 * 60_000;

type Looking = Pick<ComposedApp, "connected" | "store" | "clock" | "ids" | "log">;

/** Looks at once and then every quarter of an hour, beside everything else; nothing waits for it. */
export function startLooks(parts: Looking): { stop(): Promise<void> } {
  const isServer = systemsAsked(parts.connected.declarations, { isMcp: true }).length > 0;
  if (!isServer) return { stop: () => Promise.resolve() };
  return startRepeating(async (signal) => {
    try {
      await tellChangedTools(parts, signal);
    } catch (error) {
      parts.log.error("tools of MCP servers could not be looked at", { reason: reasonOf(error) });
    }
    return LOOK_MS;
  });
}

/**
 * Alerts the team of each server with tools that are out of use, once a day as long as they are; a server that cannot be
 * asked is named in the log.
 */
export async function tellChangedTools(parts: Looking, signal: AbortSignal): Promise<void> {
  const { declarations, ports } = parts.connected;
  const looked = await lookAtServers(declarations, ports.serverTools, signal);
  if (signal.aborted) return;
  for (const look of looked) {
    const system = look.connection.name;
    if (look.problem !== null)
      parts.log.warn("an MCP server cannot be asked for its tools", {
        system,
        reason: look.problem.message,
      });
    for (const { tool, change } of look.changed)
      parts.log.warn("a tool is out of use", { system, tool, problem: change });
    if (look.changed.length > 0) await alertOnce(parts, look);
  }
}

/** Without a conversation there is no customer who could be affected, and the log has it. */
async function alertOnce({ store, clock, ids }: Looking, look: LookedServer): Promise<void> {
  const now = clock.now();
  const day = now.toISOString().slice(0, 10);
  await store.run(async (transaction) => {
    const conversationId = await newestConversation(transaction);
    if (conversationId === null) return;
    await alertTeam({ ids }, transaction, {
      conversationId,
      turnId: null,
      text: `${changeInWords(look)}.`,
      people: [],
      about: `tools-changed:${look.connection.name}:${day}:${digest([look.changed, look.connection.mcp?.tools])}`,
      now,
    });
  });
}

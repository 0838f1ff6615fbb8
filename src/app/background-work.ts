/**
 * What a process does that works: turns and effects, the upkeep of texts and data, and a look at MCP servers whose
 * tools changed.
 */
import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import { dutiesToShare } from "#connections/shared-duties.ts";
import { workingOn } from "#core/contracts/ports.ts";
import { startRetention } from "#jobs/privacy/retention.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { createWorkerState } from "#jobs/worker/worker-state.ts";
import type { ProcessMetrics } from "#app/metrics/measured-process.ts";
import { utcDay } from "#core/values/moment.ts";
import { digest } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import { startRepeating, type Running } from "#core/values/deadline.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { newestConversation } from "#store/effects/recovery.ts";
import { changeInWords, type LookedServer, lookAtServers } from "#systems/mcp/look-at-servers.ts";
import { systemsAsked } from "#systems/request-values.ts";
import { startComparing } from "./compare-pages.ts";
import type { ComposedApp } from "./composed-app.ts";
import type { Heartbeat } from "./health-probes.ts";
import type { Closing } from "./shutdown.ts";

const CONCURRENCY = 8;

/** How often the team's own texts are read again. A teammate who corrects one expects to see it soon. */
const PASSAGES_REFRESH_MS = 5 * 60_000;

/** Takes conversations from the queue, and looks for what no notification announced. */
export function startWork(
  parts: ComposedApp,
  {
    queue,
    heartbeat,
    metrics,
    onDrain,
  }: {
    readonly queue: WakeQueue;
    readonly heartbeat: Heartbeat;
    readonly metrics: ProcessMetrics;
    readonly onDrain: Closing["onDrain"];
  },
): void {
  const workerState = createWorkerState();
  queue.work(
    (conversationId, notifiedBy) =>
      workingOn({ conversation: conversationId }, () =>
        metrics.wake(notifiedBy, () => processConversation(parts, conversationId, workerState)),
      ),
    CONCURRENCY,
  );
  const duties = dutiesToShare(parts.store, parts.connections);
  const reconciler = startReconciler(parts, queue, duties);
  heartbeat.reconcilerAgeMs = () => reconciler.tickAgeMs();
  heartbeat.figures = () => reconciler.figures();
  onDrain(() => reconciler.stop());
}

/** Keeps the team's own texts current, looks whether tools changed at their servers, and deletes what is old. */
export function startUpkeep(
  parts: ComposedApp,
  personal: PersonalData,
  onDrain: Closing["onDrain"],
): void {
  const passageSync = parts.passages.start(PASSAGES_REFRESH_MS);
  onDrain(() => passageSync.stop());
  const looks = startLooks(parts);
  onDrain(() => looks.stop());
  const comparing = startComparing(parts);
  onDrain(() => comparing.stop());
  const retention = startRetention({ ...parts, ...personal });
  onDrain(() => retention.stop());
}

/** How long a change goes unnoticed where no customer asks for the tool. */
const LOOK_MS = 15 * 60_000;

type Looking = Pick<ComposedApp, "connected" | "store" | "clock" | "ids" | "log">;

/** Looks at once and then every quarter of an hour, beside everything else; nothing waits for it. */
export function startLooks(parts: Looking): Running {
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
  const day = utcDay(now);
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

/**
 * What a process does that works: turns and effects, the upkeep of texts and data, a look at MCP servers whose tools
 * changed, and the comparison of help pages by the reading model.
 */

import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import { dutiesToShare } from "#connections/shared-duties.ts";
import { workingOn } from "#core/contracts/ports.ts";
import { startRetention } from "#jobs/privacy/retention.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import { processConversation, createWorkerState } from "#jobs/worker/process-conversation.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import type { ProcessMetrics } from "#app/metrics/measured-process.ts";
import { utcDay } from "#core/values/moment.ts";
import { digest } from "#core/values/canonical-json.ts";
import { reasonOf, DeskhandError } from "#core/values/errors.ts";
import { startRepeating, type Running, logFailure, unlessAborted } from "#core/values/deadline.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { newestConversation } from "#store/effects/recovery.ts";
import { changeInWords, type LookedServer, lookAtServers } from "#systems/mcp/look-at-servers.ts";
import { systemsAsked } from "#systems/request-values.ts";
import type { ComposedApp } from "./composed-app.ts";
import type { Heartbeat } from "./health-probes.ts";
import type { Closing } from "./shutdown.ts";
import { excludingSentences } from "#agent/compare-passages.ts";
import { nextNonce } from "#agent/data-marking.ts";
import { visibleTokens } from "#agent/span.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import { usedUpCap } from "#jobs/turn/limits.ts";
import { storedPages } from "#knowledge/lint/check-pages.ts";
import {
  comparisonsFor,
  keepComparison,
  takeUncompared,
} from "#knowledge/lint/read-contradictions.ts";
import { addUsage } from "#store/effects/usage.ts";

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
  const reconciler = startReconciler(parts, queue, duties, parts.webhooks);
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
function startLooks(parts: Looking): Running {
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

type Comparing = Pick<ComposedApp, "store" | "clock" | "ids" | "log"> & {
  readonly policy: Pick<ComposedApp["policy"], "caps">;
  readonly knowledge: Pick<ComposedApp["knowledge"], "search" | "review" | "reload" | "embedded">;
  readonly agentParts: Pick<ComposedApp["agentParts"], "verifier" | "prices">;
};
type Reader = NonNullable<Comparing["agentParts"]["verifier"]>;

const COMPARE_MS = 30_000;
/** An import of many pages is compared some at a time. */
const PAGES_AT_ONCE = 20;
/** What could not be compared is tried again after it. */
const COMPARE_AGAIN_MS = 15 * 60_000;
/** Customers wait for answers, and for this no customer does: the other half of a day's caps is theirs. */
const PART_OF_DAY = 1 / 2;

/** Compares at once and then twice a minute; does nothing where no model is configured. */
export function startComparing(parts: Comparing): Running {
  const { verifier } = parts.agentParts;
  if (verifier === null) return { stop: () => Promise.resolve() };
  return startRepeating(async (signal) => {
    await logFailure(parts.log, "comparing help pages", () =>
      comparePages(parts, verifier, signal),
    );
    return COMPARE_MS;
  });
}

/** Compares some of the pages that are due. One that the model cannot compare now stays due, and the check names it. */
export async function comparePages(
  parts: Comparing,
  reader: Reader,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, ids, knowledge, log, agentParts } = parts;
  const now = clock.now();
  const until = new Date(now.getTime() + COMPARE_AGAIN_MS);
  const due = await takeUncompared(store, { now, until, max: PAGES_AT_ONCE });
  if (due.size === 0) return;
  await knowledge.reload();
  // By words alone, as where pages cannot be embedded now, fewer of one subject are found.
  await unlessAborted(knowledge.embedded(), signal).catch(() => undefined);
  const pages = await store.run(storedPages);
  const asking = { ...reader, clock, prices: agentParts.prices };
  for (const page of pages.filter(({ slug }) => due.has(slug))) {
    if (signal.aborted || (await usedUpCap(parts, "", PART_OF_DAY)) !== null) break;
    const used = nothingUsed();
    const startedAt = clock.now();
    try {
      const found = [];
      for (const comparison of await comparisonsFor(page, pages, { knowledge, signal })) {
        const given = { ...comparison, nonce: nextNonce({ ids }), used, signal };
        found.push(...(await excludingSentences(asking, given)));
      }
      await keepComparison(store, page, found);
    } catch (error) {
      if (signal.aborted || !(error instanceof DeskhandError)) throw error;
      log.warn("a help page is not compared yet", { page: page.slug, reason: reasonOf(error) });
      // A model that is away is away for the next page, too.
      if (error.retry) break;
    } finally {
      const ms = Math.max(0, clock.now().getTime() - startedAt.getTime());
      const spent = { ...used, outputTokens: visibleTokens(used), startedAt, ms };
      await store.run(addUsage, spent);
    }
  }
  await knowledge.review();
  await knowledge.reload();
}

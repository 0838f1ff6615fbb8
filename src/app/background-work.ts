/** What a process does that works: turns and effects, and the upkeep of texts and data. */

import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import { dutiesToShare } from "#connections/shared-duties.ts";
import { workingOn } from "#core/contracts/ports.ts";
import { startRetention } from "#jobs/privacy/retention.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { createWorkerState } from "#jobs/worker/worker-state.ts";
import type { ComposedApp } from "./composed-app.ts";
import type { Heartbeat } from "./health-probes.ts";
import type { Closing } from "./shutdown.ts";
import { startLooks } from "#app/tools/look-at-servers.ts";
import type { ProcessMetrics } from "#app/metrics/measured-process.ts";

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
  const retention = startRetention({ ...parts, ...personal });
  onDrain(() => retention.stop());
}

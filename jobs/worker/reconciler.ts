/** The reconciler: one process expires, reminds, refreshes and wakes what is due, all read from the database. */

import { setTimeout as delay } from "node:timers/promises";
import type { Duty } from "#core/contracts/ports.ts";
import { takeConversationsToWake } from "#store/conversations/due-work.ts";
import { PAUSE_SETTINGS, pauseIn } from "#store/effects/pause.ts";
import { addUpUsage } from "#store/effects/usage.ts";
import { dueSteps, type DueSteps } from "#store/schedule/due-steps.ts";
import { expireCards, sendReminders } from "#jobs/approval/save-card.ts";
import { showCards, refreshCards } from "#jobs/approval/sync-cards.ts";
import { endUndoTimes } from "#jobs/decisions/undo.ts";
import { decideResolutions } from "#jobs/reports/resolutions.ts";
import { isReportPlanCurrent, sendReports } from "#jobs/reports/send-report.ts";
import { endClaims } from "#jobs/decisions/claims-and-redrafts.ts";
import { openWaitingAttachments } from "#jobs/conversation/attachments.ts";
import { unlessNewerSchema, type JobContext } from "#jobs/context/job-context.ts";
import { logFailure, startRunning, type Running } from "#core/values/deadline.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import {
  findPastRefunds,
  isLookingForPastRefunds,
  PAST_REFUNDS_SETTINGS,
} from "#jobs/effects/find-past-effects.ts";
import { recoveryTask } from "#jobs/recovery/resume-after-downtime.ts";
import {
  isScorecardDue,
  keepScorecard,
  SCORECARD_READ_SETTING,
} from "#jobs/scorecard/keep-scorecard.ts";
import {
  type FiguresFollower,
  followFigures,
  type SeenFigures,
} from "#jobs/operating/follow-figures.ts";
import { tellPageChanges, tellTeam } from "#jobs/operating/watch-process.ts";
import { databaseNotices } from "#store/db/database.ts";
import { announceFreeLead, type LeaderLock } from "#store/db/duty-leases.ts";
import { type WebhookPort, webhookSender } from "#jobs/webhooks/send.ts";
import { SEALED_AT_ONCE } from "#gate/kernel/chain.ts";
import { sealAudit } from "#store/audit/pending-entries.ts";

/** How often due times are checked while there is work, and after a look that found none, in milliseconds. */
const TICK_MS = 1_000;
const QUIET_TICK_MS = 2_000;

/** A notification takes a moment from the commit to the queue, and from there to the lease. */
const NOTIFY_MS = 100;

/** A wake from the reconciler that is not followed within this time is lost, unless the queue is that far behind. */
const WAKE_LOST_MS = 3_000;

/** While the queue is behind, nothing younger than this is looked at. */
const BEHIND_MS = 5_000;

/** Per tick; those that have waited longest come first. */
const WAKES_MAX = 1_000;

/** What the reconciler needs of the queue. */
export type Notifier = Pick<WakeQueue, "wakeAnyway" | "oldestMs">;

/**
 * Every second, or two where nothing is due, the reconciler expires cards, sends reminders, refreshes outdated cards and wakes conversations that
 * have something to do and no process at work. It reads all of this from the database, so losing the queue or the
 * process loses nothing. One process does it at a time; two at once would waste work and do no harm. `duties` is what
 * has to be read in turn by some process; null where one is alone. Without `webhooks` nothing is sent to them.
 */
export function startReconciler(
  context: JobContext,
  queue: Notifier,
  duties: readonly Duty[] | null = null,
  webhooks: WebhookPort | null = null,
): Running & {
  /** Milliseconds since a tick last ended, with or without an error: more than a few seconds mean that it is stuck. */
  tickAgeMs(): number;
  /** The figures of the installation that were read last; null while another process leads. */
  figures(): SeenFigures | null;
} {
  const lastTick = { at: performance.now() };
  const figures = followFigures(context, duties);
  const state = {
    context,
    queue,
    figures,
    leadership: sharedLeadership(context),
    tasks: backgroundTasks(context, figures),
    webhooks: webhooks === null ? null : webhookSender(context, webhooks),
    isQuiet: false,
  };
  const running = startRunning((signal) =>
    loop(state, signal, () => {
      lastTick.at = performance.now();
    }),
  );
  return {
    ...running,
    tickAgeMs: () => performance.now() - lastTick.at,
    figures: () => figures.seen(),
  };
}

interface ReconcilerState {
  readonly context: JobContext;
  readonly queue: Notifier;
  readonly leadership: ReturnType<typeof sharedLeadership>;
  readonly figures: FiguresFollower;
  readonly tasks: ReturnType<typeof backgroundTasks>;
  readonly webhooks: ReturnType<typeof webhookSender> | null;
  /** Whether the last look found nothing to do. */
  isQuiet: boolean;
}

async function loop(
  state: ReconcilerState,
  signal: AbortSignal,
  ticked: () => void,
): Promise<void> {
  const { context, leadership, tasks } = state;
  const recovery = recoveryTask(context);
  while (!signal.aborted) {
    state.isQuiet = false;
    await logged(context, () => tick(state));
    await logged(context, () => recovery.tick());
    ticked();
    // Ends at once when asked to stop.
    await delay(state.isQuiet ? QUIET_TICK_MS : TICK_MS, undefined, { signal }).catch(() => null);
  }
  await state.webhooks?.finished("stop");
  for (const task of Object.values(tasks)) await task.finished();
  await logged(context, () => leadership.leave());
  await logged(context, () => recovery.stop());
}

async function logged({ log }: JobContext, work: () => Promise<void>): Promise<void> {
  await logFailure(log, "reconciler", work);
}

/** The settings that say whether a step has something to do. */
const SETTINGS = [...PAUSE_SETTINGS, ...PAST_REFUNDS_SETTINGS, SCORECARD_READ_SETTING];

/**
 * One look says what is due, and only that is done. The steps are independent: one that fails holds up none of the
 * others. Where nothing is due and no card waits, the next look is a second later than usual.
 */
async function tick(state: ReconcilerState): Promise<void> {
  const { context, leadership } = state;
  const now = context.clock.now();
  const due = await leadership.look(now, SETTINGS);
  if (due === null) {
    state.figures.forget();
    return;
  }
  // Each commit of a worker leaves entries to seal, which says nothing of what is to come.
  if (due.unsealedEntries) state.tasks.audit.start();
  let isQuiet = !due.cardsToHold;
  for (const [isDue, work] of reconcilerSteps(state, due, now))
    await logged(context, async () => {
      if (!isDue()) return;
      isQuiet = false;
      await work();
    });
  state.isQuiet = isQuiet;
}

type Step = readonly [isDue: () => boolean, work: () => Promise<void> | void];

function reconcilerSteps(state: ReconcilerState, due: DueSteps, now: Date): readonly Step[] {
  const { context, tasks } = state;
  // Twice a minute; what a policy plans from now on, hours ahead, is worked out as often.
  const areFiguresDue = state.figures.isDue(now);
  const areLookedAfter = (): boolean => areFiguresDue && due.unseenCards;
  const arePlanned = (): boolean => isReportPlanCurrent(context, due.plannedReports, now);
  return [
    [() => due.expiredCards, () => unlessNewerSchema(context, expireCards)],
    [() => due.reminders, () => unlessNewerSchema(context, sendReminders)],
    [() => due.lapsedClaims, () => unlessNewerSchema(context, endClaims)],
    [() => due.endedUndos, () => endUndoTimes(context)],
    [areLookedAfter, () => refreshCards(context)],
    [() => due.conversations, () => wakeDue(state)],
    // A slow desk or a slow file host must not delay wakes.
    [() => areCardsDue(due) || areLookedAfter(), () => tasks.cards.start()],
    [() => due.waitingFiles, () => tasks.files.start()],
    [() => isLookingForPastRefunds(due.settings), () => tasks.refunds.start()],
    [() => due.dueReports || (areFiguresDue && !arePlanned()), () => tasks.reports.start()],
    [() => due.dueResolutions, () => tasks.resolutions.start()],
    [() => due.dueWebhooks, () => state.webhooks?.start()],
    [() => isScorecardDue(due, now), () => tasks.scorecard.start()],
    [() => due.scatteredUsage, () => addUpUsage(context.store, now)],
    [() => areFiguresDue, () => readFigures(state, due)],
  ];
}

async function readFigures(
  { figures, tasks }: ReconcilerState,
  { settings }: DueSteps,
): Promise<void> {
  await figures.read(pauseIn(new Map(Object.entries(settings))).holds.length > 0);
  // The desk may be slow, or away.
  tasks.alerts.start();
  tasks.pages.start();
}

/** Whether the desk may show a card otherwise than it is, or does after what this tick has just done. */
function areCardsDue(due: DueSteps): boolean {
  if (due.staleCards || due.cardsWithStatus || due.expiredCards) return true;
  if (due.lapsedClaims || due.endedUndos) return true;
  return due.cardsToHold && pauseIn(new Map(Object.entries(due.settings))).holds.length > 0;
}

/**
 * Wakes what has waited too long. While jobs wait, mail is assumed to have its notification among them unless it is
 * twice as old as the oldest job; with an empty queue, its notification was lost or is just being sent.
 */
async function wakeDue({ context, queue }: ReconcilerState): Promise<void> {
  const oldestMs = await queue.oldestMs();
  const now = context.clock.now();
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  const behindMs = oldestMs === 0 ? 0 : Math.max(2 * oldestMs, BEHIND_MS);
  const quietMs = Math.max(
    ...[...context.channels.keys()].map((name) => context.policy.quietMs(name)),
    0,
  );
  const waiting = await takeConversationsToWake(context.store, {
    now,
    mailBefore: before(quietMs + Math.max(behindMs, NOTIFY_MS)),
    dueBefore: before(behindMs),
    rungBefore: before(Math.max(behindMs, WAKE_LOST_MS)),
    limit: WAKES_MAX,
  });
  await Promise.all(waiting.map((conversationId) => queue.wakeAnyway(conversationId)));
}

/** What takes longer than a tick may, each one round at a time. */
function backgroundTasks(context: JobContext, figures: FiguresFollower) {
  const perRow = (work: (context: JobContext) => Promise<void>) =>
    inBackground(context, (all) => unlessNewerSchema(all, work));
  return {
    alerts: perRow(async (own) => {
      const seen = figures.seen();
      if (seen !== null) await tellTeam(own, seen);
    }),
    cards: inBackground(context, showCards),
    files: inBackground(context, openWaitingAttachments),
    pages: perRow(tellPageChanges),
    refunds: perRow(findPastRefunds),
    reports: perRow(sendReports),
    audit: inBackground(context, sealWaiting),
    resolutions: perRow(decideResolutions),
    scorecard: perRow(keepScorecard),
  };
}

function inBackground(context: JobContext, work: (context: JobContext) => Promise<void>) {
  const state: { round: Promise<void> | null } = { round: null };
  return {
    start(): void {
      state.round ??= logged(context, () => work(context)).finally(() => (state.round = null));
    },
    finished: async (): Promise<void> => void (await state.round),
  };
}

/** Seals batch after batch until none is left, or another process is at it. */
export async function sealWaiting({ store }: Pick<JobContext, "store">): Promise<void> {
  let sealed: number | null;
  do sealed = await sealAudit(store);
  while (sealed === SEALED_AT_ONCE);
}

// Which process of the installation runs the reconciler.

/** The leader keeps the lock this long without renewing it; then another process takes over. */
const LEADERSHIP_MS = 3_000;
const LEADER_LOCK = "reconciler";

/**
 * The leader tells the other processes whenever it renews its lead. A process that has heard so does not ask before that
 * lead could have ended; one that hears nothing asks every time.
 */
function sharedLeadership({ store, worker, ids }: JobContext) {
  // Several reconcilers in one process, such as after a restart within it, are separate holders.
  const lock: LeaderLock = { name: LEADER_LOCK, holder: ids.next(worker) };
  const state = { askAt: 0 };
  const unfollow = databaseNotices(store).follow("leader", (holder) => {
    if (holder === null || holder === lock.holder) return;
    state.askAt = holder === "" ? 0 : performance.now() + LEADERSHIP_MS;
  });
  return {
    /** Takes or renews the lead with one statement, and says what is due; null while another process leads. */
    async look(now: Date, settings: readonly string[]): Promise<DueSteps | null> {
      if (performance.now() < state.askAt) return null;
      return dueSteps(store, { ...lock, forMs: LEADERSHIP_MS, now, settings });
    },
    /** Leaves the lead to another process at once. */
    async leave(): Promise<void> {
      unfollow();
      await store.run(announceFreeLead, lock);
    },
  };
}

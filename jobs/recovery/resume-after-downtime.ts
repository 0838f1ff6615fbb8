/**
 * Room: the start after a restore or a long downtime: pause, void old cards, find what was done already.
 * In: the heartbeat and the downtime recorded in the database; an effect whose result is unknown.
 * Out: a pause, void cards, recorded past effects, alerts to the team.
 * May touch: the database; targets and shop for lookups only.
 */

import { logFailure, startRepeating, type Running } from "#core/values/deadline.ts";
import { counted, inWords } from "#core/values/words.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { readableApprovals } from "#store/approvals/approvals.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { eq } from "#store/db/drizzle.ts";
import { approval as approvals } from "#store/db/schema.ts";
import { moveEffect, type Effect } from "#store/effects/ledger.ts";
import { tellEffect } from "#jobs/webhooks/events.ts";
import { takeLock } from "#store/db/advisory-locks.ts";
import { currentPause, pauseInWords, setPause } from "#store/effects/pause.ts";
import {
  recordHeartbeat,
  stopHeartbeat,
  cardsFromBefore,
  hasOpenEnds,
  lastHeartbeat,
  markLookedUp,
  newestConversation,
  stillToLookUp,
  unknownEffects,
  DOWNTIME,
  type Downtime,
} from "#store/effects/recovery.ts";
import { findResult } from "#jobs/effects/run-effects.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

/** After a longer downtime than this, the outside state may have changed: people look before anything goes out. */
const AWAY_MS = 60 * 60_000;

/** How often a process writes its heartbeat, by this process's own clock. */
const HEARTBEAT_MS = 30_000;

const TO_DO =
  "Look at the console and at what was sent since, then go on with `npm run -s deskhand -- resume --as LEAD`, or Resume on the console.";

type Returning = Pick<JobContext, "store" | "clock" | "ids" | "worker">;

/**
 * Runs at a start before anything else works. After a restore, or more than an hour without any process, it pauses
 * everything, voids earlier cards so they cannot be decided on (their conversations are planned again), and alerts the
 * team. Effects that had begun or were only intended, and messages since then, are looked up at their target before
 * they are worked on. Safe to repeat: a crash in the middle leaves the return open.
 *
 * `onlyEmbeddedParts`: every connected part is our own and was off as well. Then a downtime alone pauses nothing unless
 * work is pending.
 */
export async function resumeAfterDowntime(
  context: Returning,
  options: { readonly onlyEmbeddedParts: boolean; readonly say: (line: string) => void },
): Promise<void> {
  const now = context.clock.now();
  const back = await context.store.run(async (transaction) => {
    const begun = await begin(context, transaction, options.onlyEmbeddedParts, now);
    await recordHeartbeat(transaction, context.worker, now);
    return begun;
  });
  if (back === null) return;
  await voidOldCards(context, back.beganAt, now);
  for (const line of [`PAUSED: ${whyPaused(back)}. Nothing goes out.`, TO_DO]) options.say(line);
}

/** A return that has begun. */
type StartedReturn = Downtime & { readonly beganAt: string };

async function begin(
  context: Returning,
  transaction: Transaction,
  onlyEmbeddedParts: boolean,
  now: Date,
): Promise<StartedReturn | null> {
  await takeLock(transaction, "pause");
  const before = await DOWNTIME.read(transaction);
  const back = await returnAt(transaction, before, onlyEmbeddedParts, now);
  if (back === null) return null;
  // An earlier start began this return and failed, or the pause has not been resumed yet: it is the same return.
  if (before?.beganAt === back.beganAt) return back;
  await DOWNTIME.write(transaction, back);
  const why = whyPaused(back);
  const told = await newestConversation(transaction);
  if (told !== null)
    await alertTeam(context, transaction, {
      conversationId: told,
      text: `Everything is paused: ${why}. Nothing goes to customers or the shop. Drafts are made anew, and what was begun is looked up where it was to happen. ${TO_DO}`,
      about: `return:${back.beganAt}`,
      now,
    });
  const by = `Deskhand itself (${why})`;
  await setPause(transaction, { scope: "all", paused: true, by, auditedAs: "return" }, now);
  return back;
}

/** The return this start is part of; null when it is an ordinary start. */
async function returnAt(
  transaction: Transaction,
  before: Downtime | null,
  onlyEmbeddedParts: boolean,
  now: Date,
): Promise<StartedReturn | null> {
  const beganAt = now.toISOString();
  if (before !== null && before.beganAt === null) return { ...before, beganAt };
  const seen = await lastHeartbeat(transaction);
  const isAway = seen !== null && now.getTime() - seen.getTime() > AWAY_MS;
  // Down again while still paused: messages were missed once more, but what the database knows is as old as before.
  if (before !== null && before.beganAt !== null && before.resumedAt === null)
    return { ...before, beganAt: isAway ? beganAt : before.beganAt };
  if (!isAway || (onlyEmbeddedParts && !(await hasOpenEnds(transaction)))) return null;
  return { reason: "away", since: seen.toISOString(), beganAt, resumedAt: null };
}

function whyPaused({ reason, since }: Downtime): string {
  const at = `${since.slice(0, 16).replace("T", " ")} UTC`;
  return reason === "restored"
    ? `restored from a backup taken at ${at}`
    : `no process was at work since ${at}, more than an hour`;
}

/** One card per transaction, so a crash or another process in between changes nothing. */
async function voidOldCards(context: Returning, beganAt: string, now: Date): Promise<void> {
  const line =
    "Void: Deskhand was away or restored. It is drafted again before a teammate can decide.";
  const cards = await context.store.run(cardsFromBefore, new Date(beganAt));
  for (const id of cards)
    await context.store.run(async (transaction) => {
      const [approval] = await readableApprovals(transaction, eq(approvals.id, id));
      if (approval === undefined) return;
      if (!(await voidApproval(context, transaction, approval, line, now))) return;
      await updateConversation(transaction, approval.conversationId, { wakeAt: now }, now);
    });
}

/** The pause as lines of text: since when, why, and what is left to look up; empty when nothing is paused. */
export async function measureDowntime(transaction: Transaction): Promise<readonly string[]> {
  const pause = await currentPause(transaction);
  const back = await DOWNTIME.read(transaction);
  if (pause.holds.length === 0) return [];
  const lines = [`${pauseInWords(pause)}.`];
  if (back === null || back.beganAt === null || back.resumedAt !== null) return lines;
  const left = await stillToLookUp(transaction, back.beganAt);
  return [
    ...lines,
    `Back since ${back.beganAt}; ${counted(left, "open effect")} still to be looked up at their targets.`,
    TO_DO,
  ];
}

/** Writes this worker's heartbeat, and looks up effects from before the return whose result is unknown. */
export function recoveryTask(context: JobContext): {
  tick(): Promise<void>;
  stop(): Promise<void>;
} {
  const state = { beatenAt: Number.NEGATIVE_INFINITY };
  return {
    async tick() {
      if (performance.now() - state.beatenAt < HEARTBEAT_MS) return;
      state.beatenAt = performance.now();
      const back = await recordHeartbeat(context.store, context.worker, context.clock.now());
      const beganAt = back?.beganAt ?? null;
      if (beganAt === null) return;
      const open = await context.store.run(unknownEffects, beganAt);
      for (const effect of open) await lookAgain(context, effect);
    },
    stop: () => context.store.run(stopHeartbeat, context.worker),
  };
}

/** Shows that a process which does no work lives: a restore is refused and an upgrade told while one does. */
export function showLife({
  store,
  worker,
  log,
}: Pick<JobContext, "store" | "worker" | "log">): Running {
  const beating = startRepeating(async () => {
    await logFailure(log, "heartbeat", () => recordHeartbeat(store, worker, null));
    return HEARTBEAT_MS;
  });
  return {
    async stop() {
      await beating.stop();
      await store.run(stopHeartbeat, worker);
    },
  };
}

/**
 * People were told that the result is unknown. If the target knows it now, it is recorded; the conversation stays with
 * people.
 */
async function lookAgain(context: JobContext, effect: Effect): Promise<void> {
  const found = await findResult(context, effect);
  if (found.state === "away") return;
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    await markLookedUp(transaction, effect.key, now);
    if (found.state !== "done") return;
    const { ref } = found.committed;
    // Another process may have found it in the same moment.
    if (!(await moveEffect(transaction, effect.key, { state: "done", ref, now }))) return;
    await tellEffect(context, transaction, effect, { state: "done", now });
    await alertTeam(context, transaction, {
      conversationId: effect.conversationId,
      turnId: effect.turnId,
      text: `A ${inWords(effect.operation)} that was in doubt did happen (${effect.target}: ${ref}). ${context.cardLink(effect.turnId ?? effect.conversationId)}`,
      about: `found:${effect.key}`,
      kind: "found",
      now,
    });
    await appendAudit(
      transaction,
      {
        kind: "done",
        data: { key: effect.key, operation: effect.operation, ref, by: effect.approvedBy },
      },
      now,
    );
  });
}

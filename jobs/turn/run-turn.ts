import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { hintFailed } from "#store/inbox/unread-hints.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import {
  resolveHints,
  lookAtSource,
  type ResolvedHints,
} from "#jobs/conversation/resolve-hints.ts";
import { bundleToStart } from "#jobs/effects/start-with-turn.ts";
import { finishStarted } from "#jobs/effects/run-effects.ts";
import { deadLetterMail } from "#jobs/effects/dead-letters.ts";
import { openAttachments } from "#jobs/conversation/attachments.ts";
import {
  findPastEffects,
  adoptPastEffects,
  withoutAnswered,
  type PastEffects,
} from "#jobs/recovery/find-past-effects.ts";
import { addLinkedTicket } from "#jobs/handoff/linked-ticket.ts";
import { channelOf, LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { planHumanOwned } from "./plan-human-owned.ts";
import { setUnprovenAside } from "#jobs/conversation/unproven-messages.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import {
  conversationAfter,
  hasLinkedTicketNews,
  changesSince,
  type ConversationChanges,
} from "#jobs/conversation/changes.ts";
import { hasRedraft, clearRedraft } from "./redraft.ts";
import { planHandOverWithoutModel, planAnswer } from "./plan-answer.ts";
import { planBarred, planUnserved } from "#jobs/conversation/participants.ts";
import { noting, orThrown, planFailedCheck, catchMistakes } from "./failed-check.ts";
import { addBounceAlert } from "./bounce-alert.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { saveTurn } from "./save-turn.ts";

const SOURCE_WAIT_MAX_MS = 60_000;

/** However long a source asks to be left alone, it is looked at again after this. */
const SOURCE_ASKED_MAX_MS = 15 * 60_000;

/** A target that has to tell what it remembers, and is away. */
const TARGET_WAIT_MS = 10_000;

/** An answer under way ends by itself, or people take over; a ring comes with each try of it as well. */
const ANSWERING_WAIT_MS = 2_000;

/** How a turn left the conversation: something written, nothing to do, or not yet. */
export type TurnEnd =
  | { readonly kind: "written" }
  | { readonly kind: "idle" }
  | { readonly kind: "wait"; readonly delayMs: number };

/**
 * One turn: looks up what is unread, thinks about all of it at once, and writes what came of it in one commit.
 * `view` is what the first commit read; `lost` is aborted once somebody else has the conversation.
 */
export async function runTurn(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  lost: AbortSignal,
): Promise<TurnEnd> {
  const restMs = restOfWait(context, snapshot);
  if (restMs > 0) return { kind: "wait", delayMs: restMs };
  const { ready, waitMs } = readyHints(context, snapshot);
  const retryDue = isRetryDue(context, snapshot);
  const hasWork = ready.length > 0 || retryDue || hasUnnoticed(snapshot);
  if (!hasWork) return withoutWork(waitMs);
  const found = await resolveHints(context, snapshot.state.conversation, ready, lost);
  const gathered = await withCurrentHistory(context, snapshot, found);
  // People have the conversation now, which is another view to start from.
  if (await bookFailures(context, lease, gathered)) return { kind: "written" };
  // A time that was waited for a source's sake brings no news by itself.
  const thinksAgain = retryDue && snapshot.state.retrySince !== null;
  if (gathered.read.length === 0 && gathered.failed.length > 0 && !thinksAgain)
    return { kind: "wait", delayMs: await waitForSource(context, lease, gathered) };
  const seen = await catchMistakes(lost, () => changesSince(snapshot, gathered));
  if (hasToWait(seen)) return { kind: "wait", delayMs: ANSWERING_WAIT_MS };
  const lookedBack = await lookBackOr(context, lease, snapshot, seen);
  if (lookedBack === null)
    return { kind: "wait", delayMs: await waitFor(context, lease, TARGET_WAIT_MS) };
  await decideTurn(context, { lease, snapshot, read: gathered.read }, seen, {
    thinksAgain,
    lost,
    lookedBack,
  });
  return { kind: "written" };
}

interface DecisionInput {
  readonly thinksAgain: boolean;
  readonly lost: AbortSignal;
  readonly lookedBack: PastEffects;
}

/**
 * Decides the turn and writes it. Where a check threw on the way, also within the commit, where cards are rendered, people
 * take over in its place: a commit that was not finished has left nothing.
 */
async function decideTurn(
  given: JobContext,
  start: Pick<Settled, "lease" | "snapshot" | "read">,
  seen: ConversationChanges,
  thinking: DecisionInput,
): Promise<void> {
  const { lost, lookedBack } = thinking;
  const { snapshot } = start;
  const { context, spent } = noting(given);
  const answerable = withoutAnswered(seen, lookedBack);
  const whole = (changes: ConversationChanges, planned: Plan): Settled => {
    const found = addBounceAlert(adoptPastEffects(lookedBack, planned), snapshot, changes);
    const told = setUnprovenAside(context, snapshot, changes, found);
    const plan = clearRedraft(snapshot, addLinkedTicket(context, snapshot, changes, told));
    return { ...start, changes, plan };
  };
  const written = await orThrown(
    () =>
      catchMistakes(lost, async () => {
        const conversation = conversationAfter(snapshot, answerable);
        const changes = await openAttachments(context, conversation, answerable, lost);
        return saved(context, whole(changes, await planFor(context, snapshot, changes, thinking)));
      }),
    (thrown) =>
      catchMistakes(lost, () =>
        saved(
          context,
          whole(answerable, planFailedCheck(context, snapshot, answerable, { thrown, spent })),
        ),
      ),
  );
  await afterCommit(context, written);
}

/**
 * What was decided and given up is thought again with its source looked at first, where that keeps the history: what made
 * it stale may be what nobody has told us of yet.
 */
async function withCurrentHistory(
  context: JobContext,
  snapshot: ConversationSnapshot,
  gathered: ResolvedHints,
): Promise<ResolvedHints> {
  const { conversation } = snapshot.state;
  const isRead = gathered.read.length > 0 || gathered.failed.length > 0;
  if (isRead || !hasForgotten(snapshot) || !channelOf(context, conversation.channel).keepsHistory)
    return gathered;
  try {
    return { ...gathered, resolved: [await lookAtSource(context, conversation)] };
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    // What it does not show any more brings no news.
    return gathered;
  }
}

function withoutWork(waitMs: number): TurnEnd {
  return waitMs > 0 ? { kind: "wait", delayMs: waitMs } : { kind: "idle" };
}

/** Answers keep the order of messages. What somebody did at the source counts at once all the same. */
function hasToWait({
  isAnswering,
  open,
  newSignals,
  ownership,
  participants,
}: ConversationChanges): boolean {
  if (participants.barred !== null) return false;
  return isAnswering && open.length > 0 && newSignals.length === 0 && ownership.owner === "bot";
}

/** What was done before a restore; null when somebody who has to tell cannot be asked right now. */
async function lookBackOr(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Promise<PastEffects | null> {
  try {
    return await findPastEffects(context, lease, snapshot, changes);
  } catch (error) {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    context.log.warn("looking back waits", { reason: reasonOf(error) });
    return null;
  }
}

/** What a turn writes. */
type Settled = Omit<Parameters<typeof saveTurn>[2], "atOnce">;

interface Written extends Settled {
  readonly begun: Awaited<ReturnType<typeof saveTurn>>;
}

/** Writes the turn in one commit, with the call that begins in it. */
async function saved(context: JobContext, turn: Settled): Promise<Written> {
  const atOnce = await bundleToStart(context, turn.snapshot, turn.changes, turn.plan);
  context.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.actions.slice(0, 1) ?? [])
    context.crashPoint(`effect:intended:${action.operation}`);
  const begun = await context.store.run((transaction) =>
    saveTurn(context, transaction, { ...turn, atOnce }),
  );
  return { ...turn, begun };
}

/** Makes the call that began with the commit right after it: nothing stands in between. */
async function afterCommit(
  context: JobContext,
  { lease, snapshot, changes, plan, begun }: Written,
): Promise<void> {
  context.crashPoint("turn:after-commit");
  if (begun !== null)
    await finishStarted(context, lease, {
      ...begun,
      conversation: conversationAfter(snapshot, changes),
    });
  if (plan.trace !== null) context.spans.export(plan.trace);
  for (const { conversationId } of plan.elsewhere)
    await context.wake(conversationId).catch(logLostWake(context));
}

function logLostWake(context: JobContext): () => void {
  return () => context.log.warn("wake not queued, the reconciler will find it");
}

/** Signals are read at once; messages when the burst they may belong to has had time to arrive. */
function readyHints(
  context: JobContext,
  snapshot: ConversationSnapshot,
): { readonly ready: ConversationSnapshot["hints"]; readonly waitMs: number } {
  const first = snapshot.hints.find(({ hint }) => hint.kind === "message");
  if (first === undefined) return { ready: snapshot.hints, waitMs: 0 };
  const due = first.receivedAt.getTime() + context.policy.quietMs(first.hint.channel);
  const waitMs = due - context.clock.now().getTime();
  if (waitMs <= 0) return { ready: snapshot.hints, waitMs: 0 };
  return { ready: snapshot.hints.filter(({ hint }) => hint.kind === "signal"), waitMs };
}

function isRetryDue(context: JobContext, { state }: ConversationSnapshot): boolean {
  return state.wakeAt !== null && state.wakeAt.getTime() <= context.clock.now().getTime();
}

/**
 * What no hint announces: messages nobody works on any more, news from the other side of a hand-over, and drafts that a
 * teammate wants anew.
 */
function hasUnnoticed(snapshot: ConversationSnapshot): boolean {
  return hasForgotten(snapshot) || hasLinkedTicketNews(snapshot) || hasRedraft(snapshot);
}

/** Open messages that nothing is under way for: their card was voided, or their effects were withdrawn. */
function hasForgotten(snapshot: ConversationSnapshot): boolean {
  return (
    snapshot.state.owner === "bot" &&
    snapshot.state.retrySince === null &&
    snapshot.pending === null &&
    snapshot.effects.length === 0 &&
    snapshot.stored.some(
      ({ message, outcome }) =>
        outcome === null && message.author.kind === "requester" && message.visibility === "public",
    )
  );
}

async function planFor(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { thinksAgain, lost, lookedBack: { toPeople, answered } }: DecisionInput,
): Promise<Plan> {
  const { participants } = changes;
  if (participants.barred !== null) return planBarred(changes, participants.barred);
  if (participants.unserved !== null)
    return planUnserved(conversationAfter(snapshot, changes), changes, participants.unserved);
  if (changes.ownership.owner === "human") return planHumanOwned(context, snapshot, changes);
  if (changes.open.length === 0)
    return answered.length === 0
      ? EMPTY_PLAN
      : { ...EMPTY_PLAN, voids: "It was answered already." };
  if (toPeople !== null) return planHandOverWithoutModel(context, snapshot, changes, toPeople);
  return thinksAgain || isNews(snapshot, changes)
    ? planAnswer(context, snapshot, changes, lost)
    : keepRetry(snapshot);
}

/** True when there is something to think about that nobody here has thought about. */
function isNews(
  snapshot: ConversationSnapshot,
  { participants, ownership, newSignals, newMessages, edited, open }: ConversationChanges,
): boolean {
  return (
    participants.moved ||
    participants.lifted ||
    ownership.handedBack ||
    newSignals.some(({ kind }) => kind === "absorbed") ||
    hasForgotten(snapshot) ||
    hasRedraft(snapshot) ||
    [...newMessages, ...edited].some(({ key }) => open.some((message) => message.key === key))
  );
}

/** A signal that changes nothing leaves a running retry as it is. */
function keepRetry(snapshot: ConversationSnapshot): Plan {
  const { retrySince, wakeAt } = snapshot.state;
  return retrySince === null || wakeAt === null
    ? EMPTY_PLAN
    : { ...EMPTY_PLAN, retry: { since: retrySince, at: wakeAt } };
}

/** A ring that comes while its source is being left alone changes nothing. */
function restOfWait(context: JobContext, { state }: ConversationSnapshot): number {
  if (state.wakeAt === null || state.retrySince !== null) return 0;
  return state.wakeAt.getTime() - context.clock.now().getTime();
}

/** A source that is down is left alone for longer each time; the time is kept, so that nobody rings before it is over. */
async function waitForSource(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<number> {
  const tries = Math.max(...gathered.failed.map(({ hint }) => hint.attempts));
  const asked = Math.max(...gathered.failed.map(({ retryAfterMs }) => retryAfterMs));
  const growing = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  return waitFor(context, lease, Math.max(growing, Math.min(asked, SOURCE_ASKED_MAX_MS)));
}

/** Nobody rings for this conversation before the time is over. */
async function waitFor(context: JobContext, lease: Lease, delayMs: number): Promise<number> {
  const now = context.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await context.store.run((transaction) =>
    updateConversation(transaction, lease.conversationId, { wakeAt }, now),
  );
  return delayMs;
}

/**
 * A hint that cannot be read is tried again, then set aside as a dead letter; at once when reading it threw by mistake,
 * which it would do again. A source that is down is tried until it is back. True when a message was set aside: people have the conversation then.
 */
async function bookFailures(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<boolean> {
  const buried: boolean[] = [];
  for (const { hint, error, retry, isMistake } of gathered.failed)
    buried.push(
      await context.store.run(async (transaction) => {
        await requireLease(transaction, lease);
        const { givenUp } = await hintFailed(transaction, {
          id: hint.id,
          error,
          attemptsMax: retry ? null : isMistake ? 1 : LIMITS.hintAttemptsMax,
        });
        if (!givenUp) return false;
        const toPeople = hint.hint.kind === "message";
        await deadLetterMail(context, transaction, {
          conversationId: lease.conversationId,
          kind: "unreadable",
          hints: [hint.id],
          messages: [],
          reason: `${hint.hint.channel}: ${error}`,
          toPeople,
        });
        return toPeople;
      }),
    );
  return buried.includes(true);
}

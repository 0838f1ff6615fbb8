import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { hintFailed } from "#store/inbox/unread-hints.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import { gather, look, type Gathered } from "#jobs/conversation/resolve-hints.ts";
import { bundleAtOnce } from "#jobs/effects/start-with-turn.ts";
import { carryOutBegun } from "#jobs/effects/run-effects.ts";
import { buryMail } from "#jobs/effects/dead-letters.ts";
import { withFiles } from "#jobs/conversation/attachments.ts";
import {
  lookBack,
  withFound,
  withoutAnswered,
  type LookedBack,
} from "#jobs/recovery/find-past-effects.ts";
import { withLinked } from "#jobs/handoff/linked-ticket.ts";
import { channelOf, LIMITS, type Parts } from "#jobs/context/job-context.ts";
import { planForPeople } from "./plan-human-owned.ts";
import { withPutAside } from "#jobs/conversation/unproven-messages.ts";
import { NOTHING, type Plan } from "#jobs/plan/plan.ts";
import {
  conversationIn,
  hasLinkedNews,
  situationOf,
  type Situation,
} from "#jobs/conversation/changes.ts";
import { hasRedo, withRedoHeard } from "./redraft.ts";
import { handOverUnthought, think } from "./plan-answer.ts";
import { planBarred, planUnserved } from "#jobs/conversation/participants.ts";
import { noting, orThrown, planThrown, reading } from "./failed-check.ts";
import { withUndelivered } from "./bounce-alert.ts";
import type { View } from "#jobs/conversation/snapshot.ts";
import { writeTurn } from "./save-turn.ts";

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
export async function takeTurn(
  parts: Parts,
  lease: Lease,
  view: View,
  lost: AbortSignal,
): Promise<TurnEnd> {
  const restMs = restOfWait(parts, view);
  if (restMs > 0) return { kind: "wait", delayMs: restMs };
  const { ready, waitMs } = readyHints(parts, view);
  const retryDue = isRetryDue(parts, view);
  const hasWork = ready.length > 0 || retryDue || hasUnnoticed(view);
  if (!hasWork) return withoutWork(waitMs);
  const found = await gather(parts, view.state.conversation, ready, lost);
  const gathered = await afresh(parts, view, found);
  // People have the conversation now, which is another view to start from.
  if (await bookFailures(parts, lease, gathered)) return { kind: "written" };
  // A time that was waited for a source's sake brings no news by itself.
  const thinksAgain = retryDue && view.state.retrySince !== null;
  if (gathered.read.length === 0 && gathered.failed.length > 0 && !thinksAgain)
    return { kind: "wait", delayMs: await waitForSource(parts, lease, gathered) };
  const seen = await reading(lost, () => situationOf(view, gathered));
  if (hasToWait(seen)) return { kind: "wait", delayMs: ANSWERING_WAIT_MS };
  const lookedBack = await lookBackOr(parts, lease, view, seen);
  if (lookedBack === null)
    return { kind: "wait", delayMs: await waitFor(parts, lease, TARGET_WAIT_MS) };
  await settle(parts, { lease, view, read: gathered.read }, seen, {
    thinksAgain,
    lost,
    lookedBack,
  });
  return { kind: "written" };
}

interface Thinking {
  readonly thinksAgain: boolean;
  readonly lost: AbortSignal;
  readonly lookedBack: LookedBack;
}

/**
 * Decides the turn and writes it. Where a check threw on the way, also within the commit, where cards are rendered, people
 * take over in its place: a commit that was not finished has left nothing.
 */
async function settle(
  given: Parts,
  start: Pick<Settled, "lease" | "view" | "read">,
  seen: Situation,
  thinking: Thinking,
): Promise<void> {
  const { lost, lookedBack } = thinking;
  const { view } = start;
  const { parts, spent } = noting(given);
  const answerable = withoutAnswered(seen, lookedBack);
  const whole = (situation: Situation, planned: Plan): Settled => {
    const found = withUndelivered(withFound(lookedBack, planned), view, situation);
    const told = withPutAside(parts, view, situation, found);
    const plan = withRedoHeard(view, withLinked(parts, view, situation, told));
    return { ...start, situation, plan };
  };
  const written = await orThrown(
    () =>
      reading(lost, async () => {
        const conversation = conversationIn(view, answerable);
        const situation = await withFiles(parts, conversation, answerable, lost);
        return saved(parts, whole(situation, await planFor(parts, view, situation, thinking)));
      }),
    (thrown) =>
      reading(lost, () =>
        saved(parts, whole(answerable, planThrown(parts, view, answerable, { thrown, spent }))),
      ),
  );
  await afterCommit(parts, written);
}

/**
 * What was decided and given up is thought again with its source looked at first, where that keeps the history: what made
 * it stale may be what nobody has told us of yet.
 */
async function afresh(parts: Parts, view: View, gathered: Gathered): Promise<Gathered> {
  const { conversation } = view.state;
  const isRead = gathered.read.length > 0 || gathered.failed.length > 0;
  if (isRead || !hasForgotten(view) || !channelOf(parts, conversation.channel).keepsHistory)
    return gathered;
  try {
    return { ...gathered, resolved: [await look(parts, conversation)] };
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
function hasToWait({ isAnswering, open, newSignals, ownership, standing }: Situation): boolean {
  if (standing.barred !== null) return false;
  return isAnswering && open.length > 0 && newSignals.length === 0 && ownership.owner === "bot";
}

/** What was done before a restore; null when somebody who has to tell cannot be asked right now. */
async function lookBackOr(
  parts: Parts,
  lease: Lease,
  view: View,
  situation: Situation,
): Promise<LookedBack | null> {
  try {
    return await lookBack(parts, lease, view, situation);
  } catch (error) {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    parts.log.warn("looking back waits", { reason: reasonOf(error) });
    return null;
  }
}

/** What a turn writes. */
type Settled = Omit<Parameters<typeof writeTurn>[2], "atOnce">;

interface Written extends Settled {
  readonly begun: Awaited<ReturnType<typeof writeTurn>>;
}

/** Writes the turn in one commit, with the call that begins in it. */
async function saved(parts: Parts, turn: Settled): Promise<Written> {
  const atOnce = await bundleAtOnce(parts, turn.view, turn.situation, turn.plan);
  parts.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.actions.slice(0, 1) ?? [])
    parts.crashPoint(`effect:intended:${action.operation}`);
  const begun = await parts.store.run((transaction) =>
    writeTurn(parts, transaction, { ...turn, atOnce }),
  );
  return { ...turn, begun };
}

/** Makes the call that began with the commit right after it: nothing stands in between. */
async function afterCommit(
  parts: Parts,
  { lease, view, situation, plan, begun }: Written,
): Promise<void> {
  parts.crashPoint("turn:after-commit");
  if (begun !== null)
    await carryOutBegun(parts, lease, { ...begun, conversation: conversationIn(view, situation) });
  if (plan.trace !== null) parts.spans.export(plan.trace);
  for (const { conversationId } of plan.elsewhere)
    await parts.wake(conversationId).catch(ringLost(parts));
}

function ringLost(parts: Parts): () => void {
  return () => parts.log.warn("wake not queued, the reconciler will find it");
}

/** Signals are read at once; messages when the burst they may belong to has had time to arrive. */
function readyHints(
  parts: Parts,
  view: View,
): { readonly ready: View["hints"]; readonly waitMs: number } {
  const first = view.hints.find(({ hint }) => hint.kind === "message");
  if (first === undefined) return { ready: view.hints, waitMs: 0 };
  const due = first.receivedAt.getTime() + parts.policy.quietMs(first.hint.channel);
  const waitMs = due - parts.clock.now().getTime();
  if (waitMs <= 0) return { ready: view.hints, waitMs: 0 };
  return { ready: view.hints.filter(({ hint }) => hint.kind === "signal"), waitMs };
}

function isRetryDue(parts: Parts, { state }: View): boolean {
  return state.wakeAt !== null && state.wakeAt.getTime() <= parts.clock.now().getTime();
}

/**
 * What no hint announces: messages nobody works on any more, news from the other side of a hand-over, and drafts that a
 * teammate wants anew.
 */
function hasUnnoticed(view: View): boolean {
  return hasForgotten(view) || hasLinkedNews(view) || hasRedo(view);
}

/** Open messages that nothing is under way for: their card was voided, or their effects were withdrawn. */
function hasForgotten(view: View): boolean {
  return (
    view.state.owner === "bot" &&
    view.state.retrySince === null &&
    view.pending === null &&
    view.effects.length === 0 &&
    view.stored.some(
      ({ message, outcome }) =>
        outcome === null && message.author.kind === "requester" && message.visibility === "public",
    )
  );
}

async function planFor(
  parts: Parts,
  view: View,
  situation: Situation,
  { thinksAgain, lost, lookedBack: { toPeople, answered } }: Thinking,
): Promise<Plan> {
  const { standing } = situation;
  if (standing.barred !== null) return planBarred(situation, standing.barred);
  if (standing.unserved !== null)
    return planUnserved(conversationIn(view, situation), situation, standing.unserved);
  if (situation.ownership.owner === "human") return planForPeople(parts, view, situation);
  if (situation.open.length === 0)
    return answered.length === 0 ? NOTHING : { ...NOTHING, voids: "It was answered already." };
  if (toPeople !== null) return handOverUnthought(parts, view, situation, toPeople);
  return thinksAgain || isNews(view, situation)
    ? think(parts, view, situation, lost)
    : keepRetry(view);
}

/** True when there is something to think about that nobody here has thought about. */
function isNews(
  view: View,
  { standing, ownership, newSignals, newMessages, edited, open }: Situation,
): boolean {
  return (
    standing.moved ||
    standing.lifted ||
    ownership.handedBack ||
    newSignals.some(({ kind }) => kind === "absorbed") ||
    hasForgotten(view) ||
    hasRedo(view) ||
    [...newMessages, ...edited].some(({ key }) => open.some((message) => message.key === key))
  );
}

/** A signal that changes nothing leaves a running retry as it is. */
function keepRetry(view: View): Plan {
  const { retrySince, wakeAt } = view.state;
  return retrySince === null || wakeAt === null
    ? NOTHING
    : { ...NOTHING, retry: { since: retrySince, at: wakeAt } };
}

/** A ring that comes while its source is being left alone changes nothing. */
function restOfWait(parts: Parts, { state }: View): number {
  if (state.wakeAt === null || state.retrySince !== null) return 0;
  return state.wakeAt.getTime() - parts.clock.now().getTime();
}

/** A source that is down is left alone for longer each time; the time is kept, so that nobody rings before it is over. */
async function waitForSource(parts: Parts, lease: Lease, gathered: Gathered): Promise<number> {
  const tries = Math.max(...gathered.failed.map(({ hint }) => hint.attempts));
  const asked = Math.max(...gathered.failed.map(({ retryAfterMs }) => retryAfterMs));
  const growing = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  return waitFor(parts, lease, Math.max(growing, Math.min(asked, SOURCE_ASKED_MAX_MS)));
}

/** Nobody rings for this conversation before the time is over. */
async function waitFor(parts: Parts, lease: Lease, delayMs: number): Promise<number> {
  const now = parts.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await parts.store.run((transaction) =>
    updateConversation(transaction, lease.conversationId, { wakeAt }, now),
  );
  return delayMs;
}

/**
 * A hint that cannot be read is tried again, then set aside as a dead letter; at once when reading it threw by mistake,
 * which it would do again. A source that is down is tried until it is back. True when a message was set aside: people have the conversation then.
 */
async function bookFailures(parts: Parts, lease: Lease, gathered: Gathered): Promise<boolean> {
  const buried: boolean[] = [];
  for (const { hint, error, retry, isMistake } of gathered.failed)
    buried.push(
      await parts.store.run(async (transaction) => {
        await requireLease(transaction, lease);
        const { givenUp } = await hintFailed(transaction, {
          id: hint.id,
          error,
          attemptsMax: retry ? null : isMistake ? 1 : LIMITS.hintAttemptsMax,
        });
        if (!givenUp) return false;
        const toPeople = hint.hint.kind === "message";
        await buryMail(parts, transaction, {
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

import { updateConversation } from "#store/conversations.ts";
import { intend } from "#store/ledger.ts";
import { hintFailed } from "#store/mailbox.ts";
import type { Lease } from "#store/lease.ts";
import { gather, type Gathered } from "./gather.ts";
import { alertAction } from "./actions.ts";
import { bundleAtOnce } from "./begin-at-once.ts";
import { carryOutBegun } from "./commit.ts";
import { LIMITS, type Parts } from "./parts.ts";
import { planForPeople } from "./people.ts";
import { NOTHING, unconditional, type Plan } from "./plan.ts";
import { conversationIn, situationOf, type Situation } from "./situation.ts";
import { think } from "./think.ts";
import type { View } from "./view.ts";
import { writeTurn } from "./write.ts";

const SOURCE_WAIT_MAX_MS = 60_000;

/** How a turn left the conversation: something written, nothing to do, or not yet. */
export type TurnEnd =
  | { readonly kind: "written" }
  | { readonly kind: "idle" }
  | { readonly kind: "wait"; readonly delayMs: number };

/**
 * One turn: looks up what is unread, thinks about all of it at once, and writes what came of it in one commit.
 * `view` is what the first commit read.
 */
export async function takeTurn(parts: Parts, lease: Lease, view: View): Promise<TurnEnd> {
  const restMs = restOfWait(parts, view);
  if (restMs > 0) return { kind: "wait", delayMs: restMs };
  const { ready, waitMs } = readyHints(parts, view);
  const retryDue = isRetryDue(parts, view);
  if (ready.length === 0 && !retryDue && !hasForgotten(view))
    return waitMs > 0 ? { kind: "wait", delayMs: waitMs } : { kind: "idle" };
  const gathered = await gather(parts, view.state.conversation, ready);
  await bookFailures(parts, lease, gathered);
  const thinksAgain = retryDue && view.state.retrySince !== null;
  if (gathered.read.length === 0 && gathered.failed.length > 0 && !thinksAgain)
    return { kind: "wait", delayMs: await waitForSource(parts, lease, gathered) };
  const situation = situationOf(view, gathered);
  const plan = await planFor(parts, view, situation, retryDue);
  const atOnce = await bundleAtOnce(parts, view, situation, plan);
  parts.crashPoint("turn:before-commit");
  if (atOnce !== null)
    parts.crashPoint(`effect:intended:${atOnce.actions[0]?.action.operation ?? ""}`);
  const begun = await parts.store.run((transaction) =>
    writeTurn(parts, transaction, { lease, view, read: gathered.read, situation, plan, atOnce }),
  );
  parts.crashPoint("turn:after-commit");
  const conversation = conversationIn(view, situation);
  if (begun !== null) await carryOutBegun(parts, lease, { ...begun, conversation });
  if (plan.trace !== null) parts.spans.export(plan.trace);
  for (const { conversationId } of plan.elsewhere)
    await parts.wake(conversationId).catch(ringLost(parts));
  return { kind: "written" };
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
  retryDue: boolean,
): Promise<Plan> {
  if (situation.ownership.owner === "human") return planForPeople(view, situation);
  if (situation.open.length === 0) return NOTHING;
  const isNews =
    retryDue ||
    situation.ownership.handedBack ||
    hasForgotten(view) ||
    [...situation.newMessages, ...situation.edited].some(({ key }) =>
      situation.open.some((open) => open.key === key),
    );
  return isNews ? think(parts, view, situation) : keepRetry(view);
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
  const delayMs = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  const now = parts.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await parts.store.run((transaction) =>
    updateConversation(transaction, lease.conversationId, { wakeAt }, now),
  );
  return delayMs;
}

/**
 * A hint that cannot be read is tried again, then set aside with its raw body kept and a person told; the ones behind
 * it are not held up. A source that is down is tried until it is back.
 */
async function bookFailures(parts: Parts, lease: Lease, gathered: Gathered): Promise<void> {
  for (const { hint, error, retry } of gathered.failed) {
    await parts.store.run(async (transaction) => {
      const { givenUp } = await hintFailed(transaction, {
        id: hint.id,
        error,
        attemptsMax: retry ? null : LIMITS.hintAttemptsMax,
      });
      if (!givenUp) return;
      const now = parts.clock.now();
      await intend(
        transaction,
        unconditional([
          alertAction(
            `A message by ${hint.hint.channel} could not be read (${error}). It is kept; look at it with: deskhand trace ${lease.conversationId}`,
            [],
            `unreadable:${hint.id}`,
          ),
        ]).actions,
        {
          conversationId: lease.conversationId,
          approvalId: null,
          turnId: null,
          bundle: parts.ids.next("b"),
          revision: null,
          approvedBy: "policy",
          notBefore: now,
          now,
        },
      );
    });
  }
}

/**
 * Room: mail that is set aside as junk instead of being answered or handed over.
 * In: a turn about one new mail of a stranger; a click that says it was no junk.
 * Out: the plan that answers nothing, the row, and the daily list for the team as an alert.
 * May touch: the database; the desk only through the planned alert.
 */

import type { TurnResult } from "#core/contracts/agent.ts";
import type { AlertedJunk } from "#core/values/alert.ts";
import type { PassedOver } from "#core/values/message.ts";
import { CHANNEL_TRAITS } from "#core/values/vocabulary.ts";
import { excerpt } from "#core/values/words.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { leansToJunk, readsLikeJunk } from "#guard/input/junk.ts";
import { caseHeads } from "#store/conversations/conversations.ts";
import { addJunk, isKnownWriter, junkListed } from "#store/conversations/junk.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { EMPTY_PLAN, messageKeyList, type Plan } from "#jobs/plan/plan.ts";
import { traceRecord, type TurnContext } from "#jobs/conversation/turn-context.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { maskOr } from "#core/values/thrown.ts";

const FROM_MAX = 120;
const SUBJECT_MAX = 200;

/**
 * The plan that sets the open messages aside; null for everything that is worked on. Only the first mail of a stranger
 * can be junk: nothing of a customer of the shop, also when only their address claims it; nothing of a writer whom
 * people or the bot dealt with before; nothing in a conversation in which anything else was said; nothing that may be
 * grave. With `offer`, the model had nothing to answer and quoted the writer's own offer, so that less in the words is
 * needed.
 */
export async function planJunk(
  known: TurnContext,
  requester: BoundRequester,
  offer: TurnResult | null = null,
): Promise<Plan | null> {
  const { context, snapshot, unread, guard } = known;
  if (requester.customerId !== null || requester.emailOnFile !== null) return null;
  const isJunk = offer === null ? readsLikeJunk(unread) : leansToJunk(unread);
  if (!isJunk || guard.mayBe !== undefined || !isFirstContact(known)) return null;
  const authorId = unread.at(-1)?.author.id ?? "";
  const isKnown = await context.store.run(isKnownWriter, authorId, snapshot.state.conversation.id);
  return isKnown ? null : junkPlan(known, requester, offer);
}

/** Neither a customer nor a teammate said anything here before, and nothing waits, where strangers may write. */
function isFirstContact({ context, snapshot, changes, unread }: TurnContext): boolean {
  const mine = new Set(messageKeyList(unread));
  return (
    context.policy.setsJunkAside &&
    CHANNEL_TRAITS[snapshot.state.conversation.channel].isOpenToStrangers &&
    snapshot.pending === null &&
    snapshot.linked === null &&
    changes.history.every(({ key }) => mine.has(key)) &&
    snapshot.stored.every(({ message }) => mine.has(message.key))
  );
}

function junkPlan(known: TurnContext, requester: BoundRequester, result: TurnResult | null): Plan {
  const words = "it reads like advertising or fraud";
  const why = result === null ? words : `the model reads an offer, and ${words}`;
  const reason = `set aside as junk: ${why}`;
  const plan = ignoredPlan(known, requester, result, { reason, passedOver: "junk" });
  return { ...plan, junk: { why } };
}

/** The plan for messages that need neither an answer nor people. */
export function ignoredPlan(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  why: { readonly reason: string; readonly passedOver: PassedOver },
): Plan {
  const outcome = "ignored";
  const trace = { requester, result, outcome, reason: why.reason } as const;
  return {
    ...EMPTY_PLAN,
    outcomes: [{ keys: messageKeyList(known.unread), outcome, ...why }],
    trace: traceRecord(known, { ...trace, approvalRequired: false, rules: [] }),
  };
}

/**
 * Writes the row, and intends the list it is told with: one alert for all that is set aside until the next report of the
 * policy is due, or for a day where there are no reports.
 */
export async function setAside(
  context: Pick<JobContext, "ids" | "policy">,
  transaction: Transaction,
  {
    conversationId,
    turnId,
    junk,
  }: {
    readonly conversationId: string;
    readonly turnId: string | null;
    readonly junk: NonNullable<Plan["junk"]>;
  },
  now: Date,
): Promise<void> {
  const { day, at } = nextList(context, now);
  const list = alertAction(LIST_TEXT, [], `junk:${day}`);
  await addJunk(transaction, { conversationId, ...junk, listKey: list.key }, now);
  await intend(transaction, [list], {
    conversationId,
    turnId,
    bundle: context.ids.next("b"),
    notBefore: at,
    now,
  });
}

/** Says by itself what it is about: a desk of an older version posts it without the list. */
const LIST_TEXT =
  "Set aside as junk since the last list: nothing of it was answered, and nothing was deleted. A press on “Not junk” puts a mail back to work.";

function nextList({ policy }: Pick<JobContext, "policy">, now: Date) {
  const tomorrow = new Date(now.getTime() + DAY_MS);
  return policy.digest.nextDaily(now) ?? { day: policy.digest.dayOf(tomorrow), at: tomorrow };
}

/** What the alert under this key lists; empty for any other alert. Names and subjects are the senders' own. */
export async function listedJunk(
  { guard }: Pick<JobContext, "guard">,
  transaction: Transaction,
  key: string,
): Promise<readonly AlertedJunk[]> {
  const rows = await junkListed(transaction, key);
  const heads = await caseHeads(
    transaction,
    rows.map(({ conversationId }) => conversationId),
  );
  const masked = (text: string, max: number): string => excerpt(maskOr(guard, text, ""), max);
  return rows.flatMap(({ conversationId, why, restoredAt }) => {
    const head = heads.get(conversationId);
    if (head === undefined) return [];
    return [
      {
        conversationId,
        from: masked(head.name, FROM_MAX),
        subject: masked(head.subject, SUBJECT_MAX),
        why,
        isAside: restoredAt === null,
      },
    ];
  });
}

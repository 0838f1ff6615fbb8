/** Looks up the records shown next to a proposal: open conversations, past refunds, unusual amounts. */

import type { Flag } from "#core/contracts/approval-desk.ts";
import type { Records } from "#core/values/card-context.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import { type Message, calledBy } from "#core/values/message.ts";
import { formatMoney, type Money, formattedSums } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import {
  openElsewhere,
  isAboutCustomer,
  refundsDone,
  usualRefund,
  type OpenConversation,
} from "#store/approvals/card-context.ts";
import type { Transaction } from "#store/db/database.ts";
import type { PersonName } from "#store/people/person-names.ts";
import { largestAmount } from "./card-content.ts";
import { daysBefore } from "#core/values/moment.ts";
import type { PlannedCard } from "#jobs/plan/planned-card.ts";

/** The refunds that matter for a decision, and about as long as texts are kept. */
const LOOK_BACK_DAYS = 90;
const OPEN_SHOWN_MAX = 3;

/** With fewer refunds it cannot be said what is usual. */
const USUAL_FROM = 10;

/** What the records add to a card. */
export interface CardRecords {
  readonly records: Records;
  /** The flag that the amount is unusual; null when it is not, or when there are too few refunds to tell. */
  readonly unusual: Flag | null;
  /** Messages about the same orders that wait in other conversations. */
  readonly waitingElsewhere: number;
}

/** What the lookup starts from. */
type Asked = Pick<
  PlannedCard["content"],
  "case" | "conversation" | "requester" | "unread" | "actions"
>;

/**
 * Loads the context of a proposal. Nothing is looked up about a person who has not proven to be that person: records
 * next to a forged mail would vouch for it, and their text ends up in answers.
 */
export async function loadCardRecords(
  transaction: Transaction,
  asked: Asked,
  now: Date,
): Promise<CardRecords> {
  const amount = largestAmount(asked.actions.map(({ planned }) => planned));
  return {
    ...(await requesterRecords(transaction, asked, now)),
    unusual: await unusualFlag(transaction, amount, now),
  };
}

async function requesterRecords(
  transaction: Transaction,
  { conversation, requester, unread, case: { orders } }: Asked,
  now: Date,
): Promise<Pick<CardRecords, "records" | "waitingElsewhere">> {
  if (requester.level < PROVEN_LEVEL) return { records: { kind: "unproven" }, waitingElsewhere: 0 };
  const since = daysBefore(now, LOOK_BACK_DAYS);
  const elsewhere = await openElsewhere(transaction, provenNames(requester, unread), {
    except: conversation.id,
    since,
    orderIds: orders.map(({ orderId }) => orderId),
  });
  const open = elsewhere
    .map(openLine)
    .toSorted((one, other) => openLineRank(one) - openLineRank(other));
  const { customerId } = requester;
  const done =
    customerId === null ? [] : await refundsDone(transaction, since, isAboutCustomer(customerId));
  const refunds = done.flatMap(({ amount }) => amount ?? []);
  return {
    records: {
      kind: "known",
      openCount: open.length,
      open: open.slice(0, OPEN_SHOWN_MAX),
      refundDays: LOOK_BACK_DAYS,
      refundCount: refunds.length,
      refunded: [...formattedSums(refunds)],
    },
    waitingElsewhere: elsewhere.reduce((sum, { waiting }) => sum + waiting, 0),
  };
}

/** Delicate ones about the same order first, then the others about it, then other delicate ones; newest first in each. */
function openLineRank({ isSameOrder, delicate }: ReturnType<typeof openLine>): number {
  return (isSameOrder ? 0 : 2) + (delicate === "" ? 1 : 0);
}

/** The handle this message proved, the customer it is bound to, and their address on file in the shop. */
function provenNames(
  { customerId, emailOnFile }: BoundRequester,
  unread: readonly Message[],
): readonly PersonName[] {
  const handle = unread.at(-1)?.identity.handle ?? { kind: "none" };
  const emails = [emailOnFile, handle.kind === "email" ? handle.email : null];
  const customers = [customerId, handle.kind === "customer" ? handle.customerId : null];
  const named = (kind: PersonName["kind"], values: readonly (string | null)[]): PersonName[] =>
    [...new Set(values)].flatMap((value) => (value === null ? [] : [{ kind, value }]));
  return [
    ...named(
      "email",
      emails.map((email) => email?.toLowerCase() ?? null),
    ),
    ...named("customer", customers),
  ];
}

function openLine(found: OpenConversation) {
  const { id, channel, externalId, subject, owner, delicate, naming } = found;
  const named = { id, channel: ChannelName.parse(channel), externalId };
  return {
    channel: named.channel,
    called: calledBy(named),
    subject: subject.slice(0, 200).toWellFormed(),
    isWithPeople: owner === "human",
    isSameOrder: naming > 0,
    delicate:
      delicate === null ? "" : (DELICATE_WORDS.get(delicate) ?? delicate.replaceAll("_", " ")),
  };
}

/** How a card names a delicate topic whose own name says too little. */
const DELICATE_WORDS: ReadonlyMap<string, string> = new Map([
  ["legal", "legal threat"],
  ["self_harm", "self-harm"],
  ["vip", "important customer"],
]);

/**
 * The flag that a refund is larger than nine in ten of the recently approved ones, with the amount it is compared with;
 * null when it is not, or when there are too few to tell.
 */
export async function unusualFlag(
  transaction: Transaction,
  amount: Money | null,
  now: Date,
): Promise<Flag | null> {
  if (amount === null) return null;
  const { count, minor } = await usualRefund(
    transaction,
    amount.currency,
    daysBefore(now, LOOK_BACK_DAYS),
  );
  if (count < USUAL_FROM || amount.minor <= minor) return null;
  const usual = formatMoney({ minor, currency: amount.currency });
  return {
    text: `Unusual amount: people usually approve up to ${usual} (9 of 10 in ${LOOK_BACK_DAYS} days)`,
    about: "unusual",
  };
}

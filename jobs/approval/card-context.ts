import type { PlannedAction } from "#core/values/action.ts";
import type { Records } from "#core/values/card-context.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import { formatMoney, type Money, sumsOf } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import {
  openElsewhere,
  refundsOf,
  usualRefund,
  type OpenConversation,
} from "#store/approvals/card-context.ts";
import type { Transaction } from "#store/db/database.ts";
import type { PersonName } from "#store/people/person-names.ts";
import { calledBy } from "./card-lines.ts";
import { largestAmount } from "./card-content.ts";

const DAY_MS = 24 * 3_600_000;
/** Refunds of so many days are what a decision looks at, and texts are kept for about so long. */
const LOOK_BACK_DAYS = 90;
const OPEN_SHOWN_MAX = 3;

/** From here on somebody is who they say they are. */
const PROVEN = 2;

/** Of fewer refunds nobody can say what is usual. */
const USUAL_FROM = 10;

/** What the records add to a card. */
export interface CardSurroundings {
  readonly records: Records;
  /** The flag that the amount is unusual; empty when it is not, or when nobody can say. */
  readonly unusual: string;
}

/** What a look into the records starts from. */
interface Asked {
  readonly conversation: Conversation;
  readonly requester: BoundRequester;
  readonly unread: readonly Message[];
  readonly actions: readonly { readonly planned: PlannedAction }[];
}

/**
 * Looks up what stands around a proposal. About a person nothing is looked up that they have not proven to be theirs:
 * records beside a forged mail would vouch for it, and words of them end up in answers.
 */
export async function loadCardSurroundings(
  transaction: Transaction,
  asked: Asked,
  now: Date,
): Promise<CardSurroundings> {
  const amount = largestAmount(asked.actions.map(({ planned }) => planned));
  return {
    records: await recordsOf(transaction, asked, now),
    unusual: await unusualFlag(transaction, amount, now),
  };
}

async function recordsOf(
  transaction: Transaction,
  { conversation, requester, unread }: Asked,
  now: Date,
): Promise<Records> {
  if (requester.level < PROVEN) return { kind: "unproven" };
  const since = lookBack(now);
  const { count, newest } = await openElsewhere(transaction, provenNames(requester, unread), {
    except: conversation.id,
    since,
    limit: OPEN_SHOWN_MAX,
  });
  const { customerId } = requester;
  const refunds = customerId === null ? [] : await refundsOf(transaction, customerId, since);
  return {
    kind: "known",
    openCount: count,
    open: newest.map(openLine),
    refundDays: LOOK_BACK_DAYS,
    refundCount: refunds.length,
    refunded: [...sumsOf(refunds)],
  };
}

/** The handle this very message proved, the customer it is bound to, and the address the shop has of them. */
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

function openLine({ id, channel, externalId, subject, owner }: OpenConversation) {
  const named = { id, channel: ChannelName.parse(channel), externalId };
  return {
    channel: named.channel,
    called: calledBy(named),
    subject: subject.slice(0, 200).toWellFormed(),
    isWithPeople: owner === "human",
  };
}

/**
 * That a refund is larger than nine of ten that people have approved lately, with what it was compared with; empty when it
 * is not, and where there were too few to tell.
 */
export async function unusualFlag(
  transaction: Transaction,
  amount: Money | null,
  now: Date,
): Promise<string> {
  if (amount === null) return "";
  const { count, minor } = await usualRefund(transaction, amount.currency, lookBack(now));
  if (count < USUAL_FROM || amount.minor <= minor) return "";
  const usual = formatMoney({ minor, currency: amount.currency });
  return `Unusual amount: people usually approve up to ${usual} (9 of 10 in ${LOOK_BACK_DAYS} days)`;
}

function lookBack(now: Date): Date {
  return new Date(now.getTime() - LOOK_BACK_DAYS * DAY_MS);
}

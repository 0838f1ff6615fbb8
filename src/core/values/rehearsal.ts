/**
 * A rehearsal: solved tickets of the past played again, each beside what people did. Tickets, comparisons, figures.
 * A ticket is a solved conversation of the source; nothing of it is ever sent or changed.
 */
import { z } from "zod";
import { IdentityEvidence } from "./identity.ts";
import { Money } from "./money.ts";
import { Span } from "./trace.ts";
import { ChannelName } from "./vocabulary.ts";

/** How a ticket's answer ends: with an answer, with a question to the customer, or by giving it to other people. */
export const PastOutcome = z.enum(["answered", "asked", "handed_over"]);
export type PastOutcome = z.infer<typeof PastOutcome>;

/** One text of a past ticket, in the words of its source. Notes of the team are not part of it. */
export const PastMessage = z.strictObject({
  by: z.enum(["customer", "team"]),
  name: z.string().max(500),
  text: z.string().max(200_000),
  at: z.iso.datetime(),
});
export type PastMessage = z.infer<typeof PastMessage>;

/** Where it is known from that people took an action: the ticket's own data, the shop's record, their answer's words. */
const ActionEvidence = z.enum(["ticket", "shop", "answer"]);

/** One action that people took while they solved a ticket. */
export const PastAction = z.strictObject({
  /** The name an action of ours has: `refund`, `cancel_order`, `change_address`, `reset_password` … */
  operation: z.string().regex(/^[a-z][a-z_]{1,40}$/),
  /** Null where it is not known which order it was about. */
  orderId: z.string().max(200).nullable(),
  /** Null for an action without money, and where the amount is not known. */
  amount: Money.nullable(),
  knownFrom: ActionEvidence,
});
export type PastAction = z.infer<typeof PastAction>;

/** One solved ticket up to and with the first answer that a person wrote. */
export const PastTicket = z.strictObject({
  /** The source's own id, unique within it. */
  id: z.string().min(1).max(500),
  /** Where people open it; empty where it has no address. */
  link: z.string().max(2_000),
  channel: ChannelName,
  brand: z.string().max(200),
  /** ISO 639-1 code; null where the source does not say. */
  language: z.string().max(10).nullable(),
  subject: z.string().max(1_000),
  /** The customer's address in lower case; null where the source has none. Erasure finds the ticket by it. */
  customer: z.string().max(254).nullable(),
  /** The evidence a turn of that time would have had, or an assumption where the source does not keep it. */
  identity: IdentityEvidence,
  /** True where the source does not show how it was known who wrote, so that `identity` is an assumption. */
  identityAssumed: z.boolean(),
  /** Everything before the person's answer, oldest first; the customer wrote at least one of them. */
  messages: z.array(PastMessage).min(1).max(500),
  /** The first answer a person wrote. */
  answer: z.strictObject({
    by: z.string().max(500),
    text: z.string().min(1).max(200_000),
    at: z.iso.datetime(),
  }),
  /** What people did; null where neither ticket, shop nor answer tells. An empty list says that they did nothing. */
  actions: z.array(PastAction).max(50).nullable(),
  /** Null where the source does not tell. */
  outcome: PastOutcome.nullable(),
});
export type PastTicket = z.infer<typeof PastTicket>;

/** Whether an answer could have gone out alone, with a person who approves it, or not at all. */
export const RehearsedRoute = z.enum(["alone", "with_person", "not_at_all"]);
export type RehearsedRoute = z.infer<typeof RehearsedRoute>;

/** An action of a draft with the policy's decision on it. Nothing was carried out. */
export const RehearsedAction = z.strictObject({
  operation: z.string(),
  orderId: z.string().nullable(),
  amount: Money.nullable(),
  /** What a teammate reads on a card. */
  label: z.string(),
  verdict: z.enum(["allow", "ask", "deny"]),
  /** The rule of the policy that decided, with its reason. */
  rule: z.string(),
  reason: z.string(),
});
export type RehearsedAction = z.infer<typeof RehearsedAction>;

/** A fact that one of two answers states. */
export const ComparedFact = z.strictObject({
  /** `amount`, `number`, `date`, `period`, `order`, `link` or `claim` (that something was done, or was not). */
  kind: z.enum(["amount", "number", "date", "period", "order", "link", "claim"]),
  /** As it is written there. */
  words: z.string().max(2_000),
});
export type ComparedFact = z.infer<typeof ComparedFact>;

/** An action of the draft that people did not take. */
export const WrongAction = z.strictObject({
  operation: z.string(),
  orderId: z.string().nullable(),
  amount: Money.nullable(),
  /** What people did instead: nothing of the kind, the same with another amount, or the same for another order. */
  why: z.enum(["not_taken", "other_amount", "other_order"]),
  /** What is at risk: the whole amount, or for another amount the part beyond what people gave; null without money. */
  risk: Money.nullable(),
});
export type WrongAction = z.infer<typeof WrongAction>;

/**
 * A draft beside what people did, by code alone. Null where it cannot be told, because what people did is not known:
 * such a ticket counts neither for nor against.
 */
export const Comparison = z.strictObject({
  /** The same operations, none more and none fewer. */
  sameAction: z.boolean().nullable(),
  /** Null also where neither side moves money. */
  sameAmount: z.boolean().nullable(),
  /** Null also where neither side acts on an order. */
  sameOrder: z.boolean().nullable(),
  sameOutcome: z.boolean().nullable(),
  /** Facts of the person's answer that the draft does not state. */
  lacks: z.array(ComparedFact).max(100),
  /** Facts of the person's answer that the draft contradicts, with what the draft says instead. */
  contradicts: z.array(z.strictObject({ person: ComparedFact, draft: ComparedFact })).max(100),
  /** Actions the policy did not deny and people did not take. */
  wrongActions: z.array(WrongAction).max(50),
  /** Actions people took and the draft does not propose. */
  missedActions: z.array(PastAction).max(50),
});
export type Comparison = z.infer<typeof Comparison>;

/**
 * A comparison in one word. `wrong`: a wrong action or a contradicted fact. `differs`: other actions or another outcome,
 * or a fact that is missing. `unknown`: nothing differs, and what people did is not known. `same`: none of these.
 */
export const Agreement = z.enum(["same", "differs", "wrong", "unknown"]);
export type Agreement = z.infer<typeof Agreement>;

/** The one word for a comparison; the worst holds. */
export function comparisonAgreement(comparison: Comparison): Agreement {
  const { wrongActions, contradicts, missedActions, lacks } = comparison;
  const { sameAction, sameAmount, sameOrder, sameOutcome } = comparison;
  if (wrongActions.length + contradicts.length > 0) return "wrong";
  const parts = [sameAction, sameAmount, sameOrder, sameOutcome];
  if (missedActions.length + lacks.length > 0 || parts.includes(false)) return "differs";
  return sameAction === null && sameOutcome === null ? "unknown" : "same";
}

/** By how much money at risk tickets are put in order. Currencies are not added up for people; here the number is enough. */
export function riskInOrder({
  moneyAtRisk,
}: {
  readonly moneyAtRisk: readonly Pick<Money, "minor">[];
}): number {
  return moneyAtRisk.reduce((sum, { minor }) => sum + minor, 0);
}

/** What a teammate said about a disagreement. */
export const PersonVerdict = z.strictObject({
  right: z.enum(["draft", "person", "both", "neither"]),
  by: z.string().min(1).max(200),
  note: z.string().max(2_000),
  at: z.iso.datetime(),
});
export type PersonVerdict = z.infer<typeof PersonVerdict>;

/** One ticket as it was played, beside what people did. */
export const RehearsedTicket = z.strictObject({
  ticket: PastTicket,
  /** The turn's topic: `refund`, `order_status`, `faq`, `other` … */
  topic: z.string(),
  language: z.string().nullable(),
  /** Null where the turn wrote no text for the customer. */
  draft: z
    .strictObject({
      text: z.string(),
      /** What the draft rests on. */
      sources: z.array(z.strictObject({ title: z.string(), url: z.string() })).max(50),
    })
    .nullable(),
  outcome: PastOutcome,
  route: RehearsedRoute,
  /** Why it goes that way, in one sentence. */
  routeReason: z.string(),
  /** In the order proposed; those the policy denied are among them. */
  actions: z.array(RehearsedAction).max(50),
  comparison: Comparison,
  /** The sum of the risk of all wrong actions, one amount a currency; empty for none. */
  moneyAtRisk: z.array(Money).max(10),
  /** Null when the price of the model is unknown. */
  costUsd: z.number().nullable(),
  durationMs: z.number().min(0),
  /** From the newest message of the customer to the person's answer; null where the source's times do not tell. */
  answeredAfterMs: z.number().min(0).nullable(),
  /** As of when account data was read: the time of the question, or today where the shop cannot tell. */
  accountData: z.enum(["then", "today", "none"]),
  identityLevel: z.int().min(0).max(3),
  identityReason: z.string(),
  trace: z.strictObject({ id: z.string(), spans: z.array(Span) }),
  playedAt: z.iso.datetime(),
});
export type RehearsedTicket = z.infer<typeof RehearsedTicket>;

/** A share with its Wilson 95 % interval, all between 0 and 1; 0 to 1 when nothing was counted. */
export const Share = z.strictObject({
  count: z.int().min(0),
  of: z.int().min(0),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
});
export type Share = z.infer<typeof Share>;

/** The figures of all tickets of a rehearsal, or of those of one topic. */
export const RehearsalFigures = z.strictObject({
  tickets: z.int().min(0),
  alone: Share,
  withPerson: Share,
  notAtAll: Share,
  /** By `comparisonAgreement`, of the tickets where it is known what people did. */
  same: Share,
  differs: Share,
  wrong: Share,
  /** Tickets with a wrong action, of those where it is known what people did. */
  wrongActions: Share,
  /** The same, counting only answers that would have gone out alone. */
  wrongAlone: Share,
  moneyAtRisk: z.array(Money).max(10),
  /** The part of it that no person would have looked at. */
  moneyAtRiskAlone: z.array(Money).max(10),
  /** Null when the price of the model is unknown, or nothing was played. */
  costUsd: z.number().nullable(),
  costPerTicketUsd: z.number().nullable(),
  /** Medians; null without a ticket that tells. */
  answeredAfterMs: z.number().nullable(),
  draftedAfterMs: z.number().nullable(),
});
export type RehearsalFigures = z.infer<typeof RehearsalFigures>;

/** What a rehearsal came to. Without any text of a customer, so it outlives its tickets. */
export const RehearsalSummary = z.strictObject({
  overall: RehearsalFigures,
  /** Most tickets first. */
  byTopic: z.array(z.strictObject({ topic: z.string(), figures: RehearsalFigures })).max(100),
  /** Tickets whose account data is today's, because the shop cannot tell an earlier state. */
  accountDataToday: z.int().min(0),
  /** Tickets where it is only assumed who wrote. */
  identityAssumed: z.int().min(0),
});
export type RehearsalSummary = z.infer<typeof RehearsalSummary>;

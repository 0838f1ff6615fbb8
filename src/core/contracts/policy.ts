/** The contract of the policy: questions in, decisions out, and everything else the policy file sets. */
import { z } from "zod";
import type { OrderFacts, Origin } from "#core/values/action.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Money } from "#core/values/money.ts";
import type { ChannelName, Role } from "#core/values/vocabulary.ts";

/** Who has to approve, counted in different people. */
export const Approvers = z.strictObject({
  count: z.int().min(0).max(5),
  /** How many of them must be leads. */
  leads: z.int().min(0).max(5),
  /**
   * A person who asked for it or wrote its text does not count. Left out when not required, so older seals still match.
   */
  fourEyes: z.literal(true).optional(),
});
export type Approvers = z.infer<typeof Approvers>;

/**
 * A limit that is booked in the transaction that records the effect as intended, so two turns cannot both fit under it.
 */
export const Reservation = z.strictObject({
  limit: z.string(),
  /** Whom it counts for: a customer id, or `all`. */
  subject: z.string(),
  minor: z.int().min(0),
  /** When the window opened: bookings before it do not count. */
  since: z.iso.datetime(),
  countMax: z.int().min(0).nullable(),
  minorMax: z.int().min(0).nullable(),
});
export type Reservation = z.infer<typeof Reservation>;

/** A limit that left no room, by its name in the policy and its terms: "once in 90 days for each customer". */
export const UsedUpLimit = z.strictObject({ name: z.string(), words: z.string() });
export type UsedUpLimit = z.infer<typeof UsedUpLimit>;

/** The sentence about such a limit, without its full stop. */
export function usedUpText({ name, words }: UsedUpLimit): string {
  return `The limit ${name} (${words}) is used up`;
}

/**
 * Why something is allowed, needs approval or is denied: the matching rule with its terms at that time. Part of the
 * seal.
 */
export const Decision = z.strictObject({
  verdict: z.enum(["allow", "ask", "deny"]),
  /** The rule's name in the policy file, such as `refund.small`. */
  rule: z.string(),
  /** One sentence that a card or an answer to the customer can use. */
  reason: z.string(),
  approvers: Approvers,
  /** Booked when the effect is recorded as intended; empty unless allowed. */
  reservations: z.array(Reservation),
  /** Limits that kept a rule from deciding it; left out for none. No part of the seal, since `reason` names them. */
  usedUp: z.array(UsedUpLimit).optional(),
});
export type Decision = z.infer<typeof Decision>;

/**
 * What a decision rests on: the operation, and the rule by its name there. A name that no rule of a file may have, such
 * as `origin`, is a built-in rule's.
 */
export function decisionGround({ rule }: Pick<Decision, "rule">) {
  const end = rule.indexOf(".");
  return end < 0
    ? { operation: "", name: rule }
    : { operation: rule.slice(0, end), name: rule.slice(end + 1) };
}

/** How much of each limit is used for one subject: counted by the store inside the policy's window. */
export interface LimitUsage {
  readonly count: number;
  readonly minor: number;
}

/** Everything a decision may depend on. Pure data: the same question under the same policy gets the same answer. */
export interface PolicyQuestion {
  readonly operation: string;
  readonly channel: ChannelName;
  readonly brand: string;
  readonly topic: string;
  readonly level: IdentityLevel;
  /** What the proof counts for where something is changed; undefined where it is `level`. */
  readonly actingLevel: IdentityLevel | undefined;
  readonly customerId: string | null;
  readonly amount: Money | null;
  readonly order: OrderFacts | null;
  /** Who asked for it and whose text its values come from; null when nothing of it comes from a conversation. */
  readonly origin: Origin | null;
  readonly at: Date;
  /** By limit name; a missing limit counts as unused. */
  readonly usage: Readonly<Record<string, LimitUsage>>;
  /** Nothing can tell afterwards whether it happened, so a person decides whatever the rules say. Left out otherwise. */
  readonly unfindable?: true;
}

export const Autonomy = z.enum(["shadow", "draft", "auto"]);
export type Autonomy = z.infer<typeof Autonomy>;

/**
 * When a model reads drafts against their sources. `always`: every draft, before it goes out or becomes a card.
 * `unasked`: what may go out without a person before it does, and every card after it was posted. `never`: none.
 */
export const Verify = z.enum(["always", "unasked", "never"]);
export type Verify = z.infer<typeof Verify>;

/** Which limits must be counted before `decide` can be called for an operation, and what they leave room for. */
export interface LimitNeeded extends Readonly<Omit<Reservation, "minor" | "since">> {
  readonly since: Date;
}

/** What a card is about, as far as its desk channel depends on it. */
export interface CardTopic {
  readonly channel: ChannelName;
  readonly brand: string;
  readonly topic: string;
  /** ISO 639-1 code of the customer's language; null when it cannot be detected. */
  readonly language: string | null;
  /** The largest amount of the bundle; null when no money moves. */
  readonly amount: Money | null;
}

/**
 * The most that may be spent on the model: by one turn, by all turns of a conversation, or by all of a calendar day.
 */
export const Cap = z.strictObject({
  stepsMax: z.number(),
  outputTokensMax: z.number(),
  /** Dollars as the price table computes them; a model without a price is bounded by tokens alone. */
  usdMax: z.number(),
  ms: z.number(),
});
export type Cap = Readonly<z.infer<typeof Cap>>;

/** What the model may use, and when people take over. */
export const Caps = z.strictObject({
  turn: Cap,
  conversation: Cap,
  day: Cap,
  confidenceMin: z.number(),
  /** The same for an answer that rests on help pages alone; no bound of its own when left out. */
  pagesMin: z.number().exactOptional(),
  /** How often the bot may ask back in a row before people take over. */
  questionsMax: z.number(),
  shopRetryMs: z.number(),
});

/** Whole days in the policy's time zone, named like 2026-11-16. `to` is where the day after the last begins. */
export interface DaySpan {
  readonly from: Date;
  readonly to: Date;
  readonly first: string;
  readonly last: string;
}

/** A moment at which a report is sent, and its working day. */
export interface ReportTime {
  readonly day: string;
  readonly at: Date;
}

/** When reports are sent, to whom, and about which days. */
export interface ReportPlan {
  /** All recipients, by the policy's names for them. */
  readonly leads: readonly string[];
  /** The channel where the weekly report is posted; null is the channel for alerts. */
  readonly place: string | null;
  readonly zone: string;
  /** The next time after a moment; null when it is switched off or no working hours are set. */
  nextDaily(after: Date): ReportTime | null;
  /** On the first working day of a week. */
  nextWeekly(after: Date): ReportTime | null;
  /** From the previous working day up to this one: on a Monday, Friday and the weekend. */
  sinceWorkday(day: string): DaySpan;
  /** The whole week, from Monday, before the one that contains this day. */
  weekBefore(day: string): DaySpan;
  /** The same days so many weeks later, or earlier for a negative number. */
  weekLater(days: DaySpan, weeks: number): DaySpan;
  dayOf(at: Date): string;
}

/** The day of a moment in the policy's time zone, as midnight UTC of that day: what is "today" to team and customers. */
export function calendarDay({ digest }: Pick<Policy, "digest">, at: Date): Date {
  return new Date(digest.dayOf(at));
}

/** The addresses with a role; undefined where a group has one, since the desk alone knows who is in it. */
export function knownTeam({
  teammates,
  groups,
}: Pick<Policy, "teammates" | "groups">): readonly string[] | undefined {
  return groups.length > 0 ? undefined : teammates.map(({ address }) => address);
}

/** How a brand speaks. */
export interface Voice {
  /** Written for the model; empty for none. */
  readonly tone: string;
  /** Matched case-insensitively as whole words; a draft that contains one is not sent automatically. */
  readonly forbidden: readonly string[];
  /** Whether customers are addressed as Sie or du, vous or tu; left out where the file does not say. */
  readonly address?: "formal" | "familiar";
}

/** Where a text goes, as far as its form depends on it. */
export interface TextPlace {
  readonly channel: ChannelName;
  readonly brand: string;
}

/** Sentences for what needs no drafting. */
export interface PolicyTexts {
  /** To the customer when people take over. */
  readonly handover: string;
  /** When the shop or the model is unavailable. */
  readonly unavailable: string;
  /** To a chat visitor while a teammate has to confirm. */
  readonly pending: string;
  /** To a chat visitor whose answer is held back by a pause. */
  readonly paused: string;
  /** Into a shared conversation when the answer went to the asker alone. */
  readonly answeredPrivately: string;
}

/** The policy as the rest of Deskhand sees it: questions in, decisions out. */
export interface Policy {
  /** Digest of the file's meaning; in every trace. */
  readonly version: string;
  /** Operations that have a rule; a write tool without one is refused at start. */
  readonly operations: readonly string[];
  /** Topics the file names besides the built-in ones. */
  readonly topics: readonly string[];
  limitsNeeded(operation: string, customerId: string | null, at: Date): readonly LimitNeeded[];
  decide(question: PolicyQuestion): Decision;
  /**
   * How many whole days after its delivery an order of any amount can be refunded: afterwards the policy refuses. Null
   * when it never refuses for age alone.
   */
  readonly refundDays: number | null;
  replyAutonomy(channel: ChannelName, topic: string): Autonomy;
  /** When drafts for a channel are read against their sources, where a model for it is configured. */
  verifyOn(channel: ChannelName): Verify;
  /**
   * The role this person has now, by e-mail, desk user id or a group of the desk; null for people without one. An entry
   * for the person takes precedence over entries for their groups.
   */
  roleOf(teammate: {
    readonly id: string;
    readonly email: string | null;
    readonly groups?: readonly string[] | undefined;
  }): Role | null;
  /** Everybody whom the file gives a role by address; members of a group are known to the desk alone. */
  readonly teammates: readonly { readonly address: string; readonly role: Role }[];
  /** The desk groups that give a role, by the desk's ids. */
  readonly groups: readonly string[];
  /** The most this role may approve of an operation; null when there is no limit. */
  approvalLimit(role: Role, operation: string): Money | null;
  /** When a card posted at this moment expires, counted in opening hours. */
  expiresAt(from: Date): Date;
  /** When to send the one reminder of a card posted at this moment that is still undecided. */
  remindAt(from: Date): Date;
  /** When to send the one reminder of a hand-over from this moment that is still unanswered. */
  handoverRemindAt(from: Date): Date;
  /** Teammates on duty at this moment, by the policy's names for them. */
  onDuty(at: Date): readonly string[];
  /** Until when a teammate who claims a card now has it: ten minutes, or until the end of their shift. */
  claimUntil(teammate: { readonly id: string; readonly email: string | null }, at: Date): Date;
  /** Told when a card needs more people than are on duty, and when a card has expired. */
  readonly fallbackLead: string;
  /** One sentence when the teammates on duty cannot give this approval between them; null when they can. */
  shortOfPeople(needs: Approvers, at: Date): string | null;
  /** The name of the desk channel for a card about this; null is the desk's default channel. */
  deskChannelOf(topic: CardTopic): string | null;
  /**
   * ISO 639-1 codes of the languages the team reads; cards in another are translated into the first. Empty for none.
   */
  readonly teamLanguages: readonly string[];
  cards: {
    /** Whether notifications may name the customer. */
    readonly namesInNotifications: boolean;
    /** Whether a message that only says thanks ends without a card. */
    readonly thanksNeedNone: boolean;
  };
  /**
   * The operator's sentence that names the next opening, for customers who write outside opening hours; null while
   * open. In the customer's language; left out or null means the language of the file's own words. `place` says how
   * customers are addressed there.
   */
  closedText(at: Date, language?: string | null, place?: TextPlace): string | null;
  /** How replies of a brand sound: advice for the model, and phrases that are never sent. */
  voiceOf(channel: ChannelName, brand: string): Voice;
  undoMs: number;
  /** The text as sent on this channel: with greeting, signature, and the line about automatic replies. */
  sign(
    text: string,
    options: {
      readonly channel: ChannelName;
      readonly brand: string;
      readonly name: string | null;
      readonly automatic: boolean;
      /** Our texts above it in the same window: the line about automatic replies is not said a second time there. */
      readonly above?: readonly string[];
      /** The customer's language, for the words around the text; left out or null means that of the file's own words. */
      readonly language?: string | null;
    },
  ): string;
  /** Hosts a reply may link to. */
  linkHosts: readonly string[];
  /** Mail addresses, telephone numbers and accounts a reply may name without a person. */
  contacts: readonly string[];
  /** The operator's own sentences, sent without approval because they are part of the policy. Signed like any reply. */
  texts: PolicyTexts;
  /** The same and the text about delicate messages for a customer of this language; null for one that is not known. */
  textsIn(language: string | null, place: TextPlace): PolicyTexts & { readonly holding: string };
  /** Codes of the languages that have words around answers, besides the file's own. */
  languages: readonly string[];
  /** The group and people told about a delicate topic. */
  delicate: {
    readonly group: "tier2" | "sensitive";
    readonly page: readonly string[];
  };
  caps: Readonly<z.infer<typeof Caps>>;
  /** Whether an alert shows the beginning of the customer's own words. */
  readonly alertsShowWords: boolean;
  /** Whether a stranger's phishing or cold sales mail is set aside and listed once a day, instead of being worked on. */
  readonly setsJunkAside: boolean;
  /** Whether an answer to a proven mail goes to those as well whom its sender's signature names in To and Cc. */
  readonly keepsCc: boolean;
  /** Whether answers by mail end with a reference, by which a signed mail that quotes one is believed. */
  readonly showsReference: boolean;
  /** For how many milliseconds an answered conversation must be quiet to count as solved. */
  readonly solvedAfterMs: number;
  /** Who gets reports, and when. */
  readonly digest: ReportPlan;
  /** How long a turn waits after the first unread message, in milliseconds, so that several messages get one answer. */
  quietMs(channel: ChannelName): number;
  /** How much Deskhand may write into one conversation by itself within ten minutes; beyond that, people handle it. */
  writesMax(channel: ChannelName): number;
  /** The status a conversation of the helpdesk has after our reply. */
  readonly statusAfterReply: StatusAfterReply;
}

/** A status of the helpdesk; `unchanged` leaves what there is, and a number is the id of a status of the team's own. */
export type StatusAfterReply = "pending" | "open" | "solved" | "unchanged" | number;

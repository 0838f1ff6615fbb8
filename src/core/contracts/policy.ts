import { z } from "zod";
import type { OrderFacts } from "#core/values/action.ts";
import type { Origin } from "#core/values/provenance.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Money } from "#core/values/money.ts";
import type { ChannelName, Role } from "#core/values/vocabulary.ts";

/** Who has to say yes, counted in different people. */
export const Approvers = z.strictObject({
  count: z.int().min(0).max(5),
  /** How many of them must be leads. */
  leads: z.int().min(0).max(5),
  /** Nobody counts who asked for it or wrote its words. Left out where it is not asked, so that older seals still hold. */
  fourEyes: z.literal(true).optional(),
});
export type Approvers = z.infer<typeof Approvers>;

/** A limit that is booked in the same transaction that intends the effect, so that two turns cannot both fit under it. */
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

/** Why something is allowed, asked or denied: the rule that matched, with its terms as they stood. Part of the seal. */
export const Decision = z.strictObject({
  verdict: z.enum(["allow", "ask", "deny"]),
  /** The rule's name in the policy file, such as `refund.small`. */
  rule: z.string(),
  /** One sentence a customer's answer or a card can build on. */
  reason: z.string(),
  approvers: Approvers,
  /** To be booked when the effect is intended; empty unless allowed. */
  reservations: z.array(Reservation),
});
export type Decision = z.infer<typeof Decision>;

/** How much of each limit is used, for one subject: counted by the store inside the window the policy names. */
export interface LimitUsage {
  readonly count: number;
  readonly minor: number;
}

/** Everything a decision may look at. Pure data, so the same question under the same policy gets the same answer. */
export interface PolicyQuestion {
  readonly operation: string;
  readonly channel: ChannelName;
  readonly brand: string;
  readonly topic: string;
  readonly level: IdentityLevel;
  readonly customerId: string | null;
  readonly amount: Money | null;
  readonly order: OrderFacts | null;
  /** Who asked for it and whose words its values are; null when nothing of it comes from a conversation. */
  readonly origin: Origin | null;
  readonly at: Date;
  /** By limit name; a limit not asked for counts as unused. */
  readonly usage: Readonly<Record<string, LimitUsage>>;
}

export const Autonomy = z.enum(["shadow", "draft", "auto"]);
export type Autonomy = z.infer<typeof Autonomy>;

/** Which limits have to be counted before `decide` can be asked about an operation. */
export interface LimitNeeded {
  readonly limit: string;
  readonly subject: string;
  readonly since: Date;
}

/** What a card is about, as far as its place on the desk depends on it. */
export interface CardTopic {
  readonly channel: ChannelName;
  readonly brand: string;
  readonly topic: string;
  /** ISO 639-1 code of what the customer wrote; null when it cannot be told. */
  readonly language: string | null;
  /** The largest amount of the bundle; null when no money moves. */
  readonly amount: Money | null;
}

/** The most that may be spent on the model: by one turn, by all turns of a conversation, or by all of a calendar day. */
export interface Cap {
  readonly stepsMax: number;
  readonly outputTokensMax: number;
  /** Dollars as the price table computes them; a model without a price is bounded by tokens alone. */
  readonly usdMax: number;
  readonly ms: number;
}

/** Whole days in the policy's zone, with their names such as 2026-11-16. `to` is where the day after the last begins. */
export interface Days {
  readonly from: Date;
  readonly to: Date;
  readonly first: string;
  readonly last: string;
}

/** A moment at which figures are told, and the working day it is on. */
export interface ReportTime {
  readonly day: string;
  readonly at: Date;
}

/** When the figures are told, to whom, and about which days. */
export interface ReportPlan {
  /** Everybody who gets them, by the names the policy has for them. */
  readonly leads: readonly string[];
  /** The name of the place where the week is posted; null is where alerts go. */
  readonly place: string | null;
  readonly zone: string;
  /** The groups on duty at a moment, by name. */
  shiftsAt(at: Date): readonly string[];
  /** The next time after a moment; null when it is switched off or nobody ever works. */
  nextDaily(after: Date): ReportTime | null;
  /** On the first working day of a week. */
  nextWeekly(after: Date): ReportTime | null;
  /** From the working day before this one up to it: on a Monday, Friday and the weekend. */
  sinceWorkday(day: string): Days;
  /** The whole week, from Monday, before the one this day is in. */
  weekBefore(day: string): Days;
  /** The same days so many weeks later, or earlier for a negative number. */
  weekLater(days: Days, weeks: number): Days;
  dayOf(at: Date): string;
}

/** How a brand speaks. */
export interface Voice {
  /** Written for the model; empty for none. */
  readonly tone: string;
  /** Matched without case as whole words; a draft with one of them is not sent by itself. */
  readonly forbidden: readonly string[];
}

/** The policy as the rest of Deskhand sees it: questions in, decisions out. */
export interface Policy {
  /** Digest of the file's meaning; in every trace. */
  readonly version: string;
  /** Operations that have a rule; a write tool without one is refused at start. */
  readonly operations: readonly string[];
  /** Topics the file names beside the built-in ones. */
  readonly topics: readonly string[];
  limitsNeeded(operation: string, customerId: string | null, at: Date): readonly LimitNeeded[];
  decide(question: PolicyQuestion): Decision;
  replyAutonomy(channel: ChannelName, topic: string): Autonomy;
  /**
   * The role somebody holds now, by e-mail, desk user id or a group of the desk; null for everybody else. What is said of
   * themselves comes before what is said of their groups.
   */
  roleOf(teammate: {
    readonly id: string;
    readonly email: string | null;
    readonly groups?: readonly string[] | undefined;
  }): Role | null;
  /** The groups of the desk that give a role, by the desk's ids of them. */
  readonly groups: readonly string[];
  /** The most that somebody with this role may approve of an operation; null when nothing limits it. */
  approvalLimit(role: Role, operation: string): Money | null;
  /** When a card posted at this moment expires, counted in opening hours. */
  expiresAt(from: Date): Date;
  /** When somebody is reminded, once, of a card posted at this moment that nobody has decided. */
  remindAt(from: Date): Date;
  /** When somebody is reminded, once, of a hand-over from this moment that nobody has answered. */
  handoverRemindAt(from: Date): Date;
  /** Teammates on duty at this moment, by the name the policy has for them. */
  onDuty(at: Date): readonly string[];
  /** Until when a teammate who says now that they look at a card has it: ten minutes, or until their shift ends. */
  claimUntil(teammate: { readonly id: string; readonly email: string | null }, at: Date): Date;
  /** Told when a card needs more people than are on duty, and when a card has expired. */
  readonly fallbackLead: string;
  /** One sentence when those on duty cannot give this approval between them; null when they can. */
  shortOfPeople(needs: Approvers, at: Date): string | null;
  /** The name of the place on the desk where a card about this goes; null is the desk's own. */
  placeOf(topic: CardTopic): string | null;
  /** ISO 639-1 codes of what the team reads; cards in another language are translated into the first. Empty for none. */
  readonly teamLanguages: readonly string[];
  /** The operator's sentence that names the next opening, for customers who write while nobody is there; null while open. */
  closedText(at: Date): string | null;
  /** How replies of a brand sound: advice for the model, and phrases that never go out. */
  voiceOf(channel: ChannelName, brand: string): Voice;
  undoMs: number;
  /** The text under which replies go out on this channel: greeting, signature, the line about automatic replies. */
  sign(
    text: string,
    options: {
      readonly channel: ChannelName;
      readonly brand: string;
      readonly name: string | null;
      readonly automatic: boolean;
    },
  ): string;
  /** Hosts a reply may link to. */
  linkHosts: readonly string[];
  /** The operator's own sentences, sent without a click because they are part of the policy. Signed like any reply. */
  texts: {
    /** To the customer when people take over. */
    readonly handover: string;
    /** When the shop or the model cannot be asked right now. */
    readonly unavailable: string;
    /** To a chat visitor while a teammate has to confirm. */
    readonly pending: string;
    /** To a chat visitor whose answer is held back by a pause. */
    readonly paused: string;
    /** Into a shared place when the answer went to the asker alone. */
    readonly answeredPrivately: string;
  };
  /** Group and people told about a delicate topic. */
  delicate: {
    readonly group: "tier2" | "sensitive";
    readonly page: readonly string[];
    readonly holdingText: string;
  };
  caps: {
    readonly turn: Cap;
    readonly conversation: Cap;
    readonly day: Cap;
    readonly confidenceMin: number;
    readonly shopRetryMs: number;
  };
  /** Who is told the figures, and when. */
  readonly digest: ReportPlan;
  /** How long a turn waits after the first unread message, in milliseconds, so that a burst gets one answer. */
  quietMs(channel: ChannelName): number;
  /** What Deskhand may write into one conversation by itself within ten minutes; at more, people have it. */
  writesMax(channel: ChannelName): number;
}

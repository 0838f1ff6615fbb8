import { z } from "zod";
import type { OrderFacts } from "./action.ts";
import type { IdentityLevel } from "./identity.ts";
import type { Money } from "./money.ts";
import type { ChannelName, Role } from "./names.ts";

/** Who has to say yes, counted in different people. */
export const Approvers = z.strictObject({
  count: z.int().min(0).max(5),
  /** How many of them must be leads. */
  leads: z.int().min(0).max(5),
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

/** The policy as the rest of Deskhand sees it: questions in, decisions out. */
export interface Policy {
  /** Digest of the file's meaning; in every trace. */
  readonly version: string;
  /** Operations that have a rule; a write tool without one is refused at start. */
  readonly operations: readonly string[];
  limitsNeeded(operation: string, customerId: string | null, at: Date): readonly LimitNeeded[];
  decide(question: PolicyQuestion): Decision;
  replyAutonomy(channel: ChannelName, topic: string): Autonomy;
  /** The role somebody holds now, by e-mail or desk user id; null for everybody not listed. */
  roleOf(teammate: { readonly id: string; readonly email: string | null }): Role | null;
  /** When a card posted at this moment expires, counted in opening hours. */
  expiresAt(from: Date): Date;
  undoMs: number;
  /** The text under which replies go out on this channel: greeting, signature, the line about automatic replies. */
  sign(
    text: string,
    options: {
      readonly channel: ChannelName;
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
    readonly stepsMax: number;
    readonly outputTokensMax: number;
    readonly turnMs: number;
    readonly confidenceMin: number;
    readonly shopRetryMs: number;
  };
  /** How long a turn waits after the first unread message, in milliseconds, so that a burst gets one answer. */
  quietMs(channel: ChannelName): number;
}

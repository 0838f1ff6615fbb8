/**
 * Room: the plan of a turn as data, and the actions Deskhand plans itself.
 * In: what a turn knows: changes, policy, snapshot.
 * Out: `Plan`, which one commit writes, with its bundles, card and outcomes.
 * May touch: the database for limit usage and for team alerts; no vendor.
 */

import type { Approval } from "#store/approvals/approvals.ts";
import type { CaseEntry } from "#store/cases/changes.ts";
import type { Ownership } from "#core/cases/ownership.ts";
import type { CaseFacts } from "#core/cases/same-case.ts";
import type { Conversation, Message, PassedOver } from "#core/values/message.ts";
import type { PlannedAction, Proposal } from "#core/values/action.ts";
import type { Outcome } from "#core/values/vocabulary.ts";
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import type { Booking } from "#store/effects/usage.ts";
import type { TurnRecording, TurnTrace } from "#core/values/trace.ts";
import type { Card, Flag } from "#core/contracts/approval-desk.ts";
import type { Finding, GuardVerdict, Source } from "#core/contracts/guard.ts";
import type { DecidedAction, NamedProcedure, TurnResult } from "#core/contracts/agent.ts";
import type { Reach } from "#core/contracts/channel.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import type { CardContext, Citation, Due, Records } from "#core/values/card-context.ts";

/** Actions that are carried out together or not at all, with what they rest on. */
export interface PlannedBundle {
  readonly actions: readonly PlannedAction[];
  readonly approvedBy: "policy" | "person" | "teammate";
  /** True when it was decided for the conversation as it was, and must not happen once more is said. */
  readonly forThisRevision: boolean;
  /** True when it was allowed by rules all the same: it is planned again when they change before it begins. */
  readonly byRules?: boolean;
  readonly reservations: readonly Booking[];
}

/** A draft that a teammate published by hand where they work, instead of by a click. */
export interface SentByHand {
  readonly by: string;
  /** Its name for people. */
  readonly place: string;
  /** What they changed; empty when they sent it unchanged. */
  readonly lines: readonly string[];
  /** Keys of the messages the draft answered. */
  readonly answers: readonly string[];
  /** Labels of the other actions on the card, which sending by hand does not do. */
  readonly undone: readonly string[];
  /** Key of their message. */
  readonly about: string;
}

/** Another conversation of the case whose open messages the plan answers too. */
export interface CoveredConversation {
  readonly conversation: Conversation;
  /** Its card, which this plan ends; null when it had none yet. */
  readonly pending: Approval | null;
  /** Keys of the messages there that are answered here. */
  readonly keys: readonly string[];
}

/** The part of a plan that concerns the case. */
export interface PlannedCase {
  /** What later conversations are compared with; null when it is not proven who writes. */
  readonly entry: CaseEntry | null;
  /** The same as this turn is compared by; null with `entry`. */
  readonly facts: CaseFacts | null;
  /** True when the conversation may be part of no case from now on. */
  readonly leaves: boolean;
  readonly covers: readonly CoveredConversation[];
}

/** A plan that has nothing to do with a case. */
export const NO_CASE: PlannedCase = {
  entry: null,
  facts: null,
  leaves: false,
  covers: [],
};

/** Everything a turn leads to, as data; one commit writes it. */
export interface Plan {
  readonly outcomes: readonly {
    readonly keys: readonly string[];
    readonly outcome: Outcome;
    readonly reason: string;
    readonly passedOver?: PassedOver;
  }[];
  readonly bundles: readonly PlannedBundle[];
  readonly card: PlannedCard | null;
  /** Why a pending card is out of date when no new one replaces it; null leaves it alone. */
  readonly voids: string | null;
  /** Set when a teammate sent the pending card's draft by hand. */
  readonly sentByHand: SentByHand | null;
  /** Why the draft stays although a teammate asked for a redraft; null otherwise. */
  readonly notRedone: string | null;
  readonly trace: TurnTrace | null;
  /** What the turn was given from outside, kept with its trace; null where no model was asked. */
  readonly recording: TurnRecording | null;
  readonly owner: Ownership | null;
  /** The closed period the customer is told about with this plan; null when it tells of none. */
  readonly closedNoticeUntil: Date | null;
  readonly clarified: boolean;
  readonly retry: { readonly since: Date; readonly at: Date } | null;
  /** Set when the messages are set aside as junk: what says so, in our own words. */
  readonly junk: { readonly why: string } | null;
  /** Effects on another conversation that this turn leads to, such as a relayed answer. */
  readonly elsewhere: readonly {
    readonly conversationId: string;
    readonly bundle: PlannedBundle;
  }[];
  /** What it means for the case of the conversation. */
  readonly case: PlannedCase;
}

export const EMPTY_PLAN: Plan = {
  outcomes: [],
  bundles: [],
  card: null,
  voids: null,
  sentByHand: null,
  notRedone: null,
  trace: null,
  recording: null,
  owner: null,
  closedNoticeUntil: null,
  clarified: false,
  retry: null,
  junk: null,
  elsewhere: [],
  case: NO_CASE,
};

export function messageKeyList(messages: readonly Message[]): readonly string[] {
  return messages.map((message) => message.key);
}

/** A bundle that happens whatever is said meanwhile, approved by policy or by code. */
export function unconditional(
  actions: readonly PlannedAction[],
  approvedBy: PlannedBundle["approvedBy"] = "policy",
): PlannedBundle {
  return { actions, approvedBy, forThisRevision: false, reservations: [] };
}

/** What the flags of a card are made from. */
export interface Flagged {
  readonly unread: readonly Message[];
  readonly actions: readonly DecidedAction[];
  readonly records: Records | null;
  /** Orders, conflicts and tone, as far as the turn knows them. */
  readonly case: CardCase;
  /** The flag that the amount is unusual; null when it is not. */
  readonly unusual: Flag | null;
  readonly findings: readonly Finding[];
  readonly guard: GuardVerdict;
  readonly remarks: readonly Flag[];
  readonly mask: (text: string) => string;
}

/** What a card is made from. The desk renders it and adds nothing. */
export interface CardContent extends Flagged {
  readonly approvalId: string;
  readonly version: number;
  readonly kind: Exclude<Card["kind"], "policy">;
  /** The desk channel it goes to; null is the desk's default. */
  readonly deskChannel: string | null;
  readonly conversation: Conversation;
  readonly requester: BoundRequester;
  readonly reply: PlannedAction | null;
  readonly passages: readonly Passage[];
  /** Which evidence supports which text of the reply. */
  readonly citations: readonly Citation[];
  /** The procedures the draft follows; none when left out. */
  readonly procedures?: readonly NamedProcedure[] | undefined;
  /** Whom the reply reaches, where the source says more than its address does. */
  readonly reach: Reach | null;
  readonly due: Due | null;
  /** The how many-th message in a row about this case; 1 for the first. */
  readonly messageNumber: number;
  /** The turn's topic. */
  readonly topic: string;
  /** Messages of the customer about the same orders that wait in other conversations. */
  readonly waitingElsewhere: number;
  /** The team's time zone. */
  readonly zone: string;
  /** Whether notifications may name the customer. */
  readonly namesInNotifications: boolean;
  readonly needs: Approvers;
  readonly changes: readonly string[];
  readonly translation: Card["translation"];
  /** What people take over once the draft is sent; left out when it answers everything. */
  readonly passesOn?: NonNullable<Card["passesOn"]>;
  readonly expiresAt: Date | null;
  /** Keys of what was open elsewhere in the case when its turn was planned; none when left out. */
  readonly seenElsewhere?: readonly string[];
  readonly model: string;
  readonly isRehearsal: boolean;
  readonly turnId: string;
}

/** A draft whose card was posted before it was read. */
export interface DraftOnCard {
  readonly conversationId: string;
  readonly turnId: string;
  /** As the model wrote it, without greeting and signature. */
  readonly text: string;
  readonly sources: readonly Source[];
  /** The customer's name as it is on record. */
  readonly customer: string | null;
  readonly turn: TurnResult;
}

/** A card to post, or to replace the pending one. */
export interface PlannedCard {
  readonly content: Omit<
    CardContent,
    "approvalId" | "version" | "changes" | "records" | "unusual" | "waitingElsewhere"
  >;
  readonly proposal: Proposal | null;
  /** The draft to read against its sources once the card is posted; null where it was read before, or never is. */
  readonly unread: DraftOnCard | null;
  readonly rules: readonly Decision[];
  readonly needs: Approvers;
  /** Why the people on duty cannot decide it between them, as a sentence; null when they can. */
  readonly short: string | null;
  readonly answers: readonly string[];
  readonly expiresAt: Date;
}

// What a card says about its case besides the proposal: orders, conflicts and tone.

/** The parts of a card's context that its turn knows by itself. */
export type CardCase = Pick<CardContext, "orders" | "conflicts" | "isAngry" | "isImportant">;

import type { PlannedAction, Proposal } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import type { Outcome, Owner } from "#core/values/vocabulary.ts";
import type { Approvers, Decision, Reservation } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { CardContent } from "#jobs/approval/card-content.ts";

/** Actions that stand or fall together, with what they rest on. */
export interface PlannedBundle {
  readonly actions: readonly PlannedAction[];
  readonly approvedBy: "policy" | "person" | "teammate";
  /** True when it was decided for what had been said so far, and must not happen once more is said. */
  readonly forThisRevision: boolean;
  readonly reservations: readonly {
    readonly key: string;
    readonly reservations: readonly Reservation[];
  }[];
}

/** A card to post, or to put in the place of the one that waits. */
export interface PlannedCard {
  readonly content: Omit<CardContent, "approvalId" | "version" | "changes" | "records" | "unusual">;
  readonly proposal: Proposal | null;
  readonly rules: readonly Decision[];
  readonly needs: Approvers;
  /** In one sentence, that those on duty cannot decide it between them; null when they can. */
  readonly short: string | null;
  readonly answers: readonly string[];
  readonly expiresAt: Date;
}

/** A draft that a teammate published where they work themselves, instead of by a click. */
export interface SentByHand {
  readonly by: string;
  /** As people call it. */
  readonly place: string;
  /** What they changed; empty when they sent it as it was. */
  readonly lines: readonly string[];
  /** Keys of the messages the draft answered. */
  readonly answers: readonly string[];
  /** What stood beside the draft on its card and is not done by that, by its labels. */
  readonly undone: readonly string[];
  /** Key of their message. */
  readonly about: string;
}

/** Everything a turn leads to, as data; one commit writes it. */
export interface Plan {
  readonly outcomes: readonly {
    readonly keys: readonly string[];
    readonly outcome: Outcome;
    readonly reason: string;
  }[];
  readonly bundles: readonly PlannedBundle[];
  readonly card: PlannedCard | null;
  /** Why a card that waits is out of date when no new one takes its place; null leaves it alone. */
  readonly voids: string | null;
  /** Why a card that waits has ended as sent; null unless a teammate sent its draft. */
  readonly sentByHand: SentByHand | null;
  /** Why a draft that a teammate wanted anew stays as it is; null when it does not, or nobody did. */
  readonly notRedone: string | null;
  readonly trace: TurnTrace | null;
  readonly owner: { readonly owner: Owner; readonly reason: string } | null;
  /** The closed time the customer is told about with this plan; null when nothing is said about one. */
  readonly toldClosed: Date | null;
  readonly clarified: boolean;
  readonly retry: { readonly since: Date; readonly at: Date } | null;
  /** Effects of another conversation that this turn leads to, such as a relayed answer. */
  readonly elsewhere: readonly {
    readonly conversationId: string;
    readonly bundle: PlannedBundle;
  }[];
}

export const EMPTY_PLAN: Plan = {
  outcomes: [],
  bundles: [],
  card: null,
  voids: null,
  sentByHand: null,
  notRedone: null,
  trace: null,
  owner: null,
  toldClosed: null,
  clarified: false,
  retry: null,
  elsewhere: [],
};

export function keysOf(messages: readonly Message[]): readonly string[] {
  return messages.map((message) => message.key);
}

/** A bundle the policy or the code stands behind, which happens whatever is said meanwhile. */
export function unconditional(
  actions: readonly PlannedAction[],
  approvedBy: PlannedBundle["approvedBy"] = "policy",
): PlannedBundle {
  return { actions, approvedBy, forThisRevision: false, reservations: [] };
}

/** The card of a plan as data: what it is made from, what it would do and who may decide. */
import type { Flag, Card } from "#core/contracts/approval-desk.ts";
import type { Records, Due, Citation, CardContext } from "#core/values/card-context.ts";
import type { GuardVerdict, Finding } from "#core/contracts/guard.ts";
import type { DecidedAction, NamedProcedure, TurnResult } from "#core/contracts/agent.ts";
import type { Message, Conversation } from "#core/values/message.ts";
import type { PlannedAction, Proposal } from "#core/values/action.ts";
import type { Reach } from "#core/contracts/channel.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import type { Source } from "#core/contracts/verifier.ts";

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

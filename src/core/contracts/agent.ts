import type { PlannedAction } from "#core/values/action.ts";
import type { Delicate, Finding, GuardVerdict } from "./guard.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Passage } from "./knowledge.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import type { Origin } from "#core/values/provenance.ts";
import type { Decision, Voice } from "./policy.ts";
import type { Thrown } from "#core/values/thrown.ts";
import type { Span } from "#core/values/trace.ts";

/** What the agent is given: everything it may know, nothing it may choose. */
export interface TurnInput {
  readonly turnId: string;
  readonly conversation: Conversation;
  /** Public messages and team notes before the unread ones, oldest first. */
  readonly history: readonly Message[];
  /** How many messages there are before the history that was given. */
  readonly olderMessages?: number;
  /** The messages this turn answers, oldest first. */
  readonly unread: readonly Message[];
  readonly requester: BoundRequester;
  readonly audience: "private" | "shared";
  readonly guard: GuardVerdict;
  /** True when the bot has asked back once already in this conversation: it may not ask again. */
  readonly clarifiedBefore: boolean;
  /** True when earlier messages under the requester's id are theirs for sure, as the channel promises. */
  readonly keepsSender: boolean;
  readonly voice: Voice;
  /** ISO 639-1 code of what the requester wrote; null when it cannot be told. */
  readonly language: string | null;
  /** What a teammate wants done differently, and the draft they mean; left out when nobody does. */
  readonly instruction?: { readonly hint: string; readonly draft: string };
  readonly signal: AbortSignal;
}

/** A write tool's planned action with the decision the policy took on it. */
export interface DecidedAction {
  readonly planned: PlannedAction;
  readonly decision: Decision;
  readonly origin: Origin;
}

/** How a turn of the agent ends: exactly one of these. */
export type TurnEnding =
  | { readonly kind: "reply"; readonly text: string }
  | { readonly kind: "clarify"; readonly text: string }
  | {
      readonly kind: "escalate";
      readonly reason: string;
      readonly summary: string;
      readonly tried: readonly string[];
      readonly delicate: Delicate | null;
      /** The mistake of ours that ended the turn; left out when none did. */
      readonly thrown?: Thrown;
    }
  /** The shop or the model cannot be asked right now: told to the customer, retried, then escalated. */
  | { readonly kind: "unavailable"; readonly part: "shop" | "model"; readonly reason: string };

export interface TurnResult {
  readonly ending: TurnEnding;
  /** Short lower-case word for routing and measures: `order_status`, `refund`, `address`, `password`, `faq`, `other` … */
  readonly topic: string;
  /** Allowed and asked ones, in the order they were proposed. Denied ones are in `denied`. */
  readonly actions: readonly DecidedAction[];
  readonly denied: readonly DecidedAction[];
  readonly passages: readonly Passage[];
  /** True when a tool with account data answered with data. */
  readonly accountData: boolean;
  /** What the output check still objected to after the one repair; the draft then goes to a person, marked. */
  readonly findings: readonly Finding[];
  readonly confidence: number;
  /** True when the reply states nothing but what its actions are receipts for, so that it may share their verdict. */
  readonly actionsAlone: boolean;
  readonly toolsCalled: readonly string[];
  readonly toolResults: readonly { readonly tool: string; readonly result: unknown }[];
  readonly steps: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly spans: readonly Span[];
}

/** What a card is to show in a language the team reads. Both texts are data to the model that translates them. */
export interface ForeignWords {
  readonly asked: string;
  /** Empty where there is no draft. */
  readonly draft: string;
  /** Names of languages in English. */
  readonly from: string;
  readonly into: string;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
}

/** Words for the team, or in half a sentence why there are none; with the turn, in which the attempt is counted. */
export interface Translated {
  readonly result: TurnResult;
  readonly words: { readonly asked: string; readonly draft: string } | { readonly missing: string };
}

/** The agent: two methods, no side effects outside the model and the read tools. Never throws for what a model or shop does. */
export interface Agent {
  readonly modelName: string;
  readonly isRehearsal: boolean;
  run(input: TurnInput): Promise<TurnResult>;
  /** Translates for the team, within what the turn has left of its caps. */
  translate(words: ForeignWords, turn: TurnResult): Promise<Translated>;
}

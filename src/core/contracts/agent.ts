/** The contract of the agent: what a turn gives it and what it returns. */
import type { Origin, PlannedAction, Provenance } from "#core/values/action.ts";
import type { DelicateTopic, Finding, GuardVerdict, Source, Verification } from "./guard.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Passage } from "./knowledge.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";
import type { Decision, Voice } from "./policy.ts";
import type { Span, TurnRecording } from "#core/values/trace.ts";
import type { ErrorDescription } from "#core/values/thrown.ts";

/** The agent's input: everything it may know, nothing it may choose. */
export interface TurnInput {
  readonly turnId: string;
  readonly conversation: Conversation;
  /** Public messages and team notes before the unread ones, oldest first. */
  readonly history: readonly Message[];
  /** How many messages precede the history given here. */
  readonly olderMessages?: number;
  /** The messages this turn answers, oldest first. */
  readonly unread: readonly Message[];
  readonly requester: BoundRequester;
  readonly audience: "private" | "shared";
  readonly guard: GuardVerdict;
  /** Another program that still reads what the guard allowed; left out where none does. */
  readonly opinion?: OpinionBeside;
  /** False when the bot has asked back as often as the policy allows since its last answer in this conversation. */
  readonly mayAsk: boolean;
  /** True when the channel guarantees that earlier messages under the requester's id are really theirs. */
  readonly keepsSender: boolean;
  readonly voice: Voice;
  /** ISO 639-1 code of the requester's language; null when it cannot be detected. */
  readonly language: string | null;
  /** A teammate's instruction for another draft, and the draft it refers to; left out when there is none. */
  readonly instruction?: {
    readonly hint: string;
    readonly draft: string;
    /** The steps of the turn that made that draft, as its trace has them: what it looked up is looked up again. */
    readonly spans?: readonly Span[];
  };
  /** What we ourselves have open about orders of the requester; left out where nothing is open. */
  readonly openMatters?: FindOpenMatters;
  readonly signal: AbortSignal;
}

/** A write tool's planned action with the policy's decision on it. */
export interface DecidedAction {
  readonly planned: PlannedAction;
  readonly decision: Decision;
  readonly origin: Origin;
}

/** In place of a summary where no model wrote one: the hand-over then composes it from the records. */
export const NO_SUMMARY = "no summary of its own";

/** How an agent turn ends: exactly one of these. */
export type TurnEnding =
  | { readonly kind: "reply"; readonly text: string }
  | { readonly kind: "clarify"; readonly text: string }
  | {
      readonly kind: "escalate";
      readonly reason: string;
      readonly summary: string;
      readonly tried: readonly string[];
      readonly delicate: DelicateTopic | null;
      /** True when the customer asked for a person; left out where nobody said so. */
      readonly wantsPerson?: true;
      /** Why no answer is needed, where words of the writer say so; left out where people have to. */
      readonly needless?: "offer" | "settled";
      /** What is known, checked like a reply; one message says it and that people take over. Left out for nothing. */
      readonly answer?: string;
      /** Questions and wishes that nothing answers, for the team; left out for none. */
      readonly unanswered?: readonly string[];
      /** The programming error that ended the turn; left out when there was none. */
      readonly thrown?: ErrorDescription;
    }
  /** The shop or the model is unavailable: the customer is told, the turn is retried, then escalated. */
  | {
      readonly kind: "unavailable";
      readonly part: "shop" | "system" | "model";
      readonly reason: string;
      /**
       * What tells this refusal from others, left out for an outage: the model's provider refuses what is configured, the
       * operator mends it, and no customer waits for people.
       */
      readonly refusal?: string;
    };

/** A procedure that stood before the model, with the step it says it followed; null when it named none. */
export interface NamedProcedure {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly step: number | null;
}

export interface TurnResult {
  readonly ending: TurnEnding;
  /**
   * Short lower-case topic for routing and metrics: `order_status`, `refund`, `address`, `password`, `faq`, `other` …
   */
  readonly topic: string;
  /** Allowed actions and those that need approval, in the order proposed. Denied ones are in `denied`. */
  readonly actions: readonly DecidedAction[];
  readonly denied: readonly DecidedAction[];
  readonly passages: readonly Passage[];
  /** The procedures of the team it followed; left out when none fits. */
  readonly procedures?: readonly NamedProcedure[];
  /** Their steps, which the reply may rest on as on pages; left out when none fits. */
  readonly procedureSteps?: readonly Passage[];
  /** What of the teammate's instruction is not in the draft and why, in the model's words; left out for nothing. */
  readonly leftOut?: string;
  /** True when a tool with account data returned data. */
  readonly accountData: boolean;
  /** Who wrote the texts that stood before the model. */
  readonly provenance: readonly Provenance[];
  /** True when data of a customer stood before it: a look-up gave some, or a proven requester was answered before. */
  readonly privateData: boolean;
  /** Why the guard doubted something the turn read: only tools that read were left, and a person looks at what it says. */
  readonly doubts?: readonly string[];
  /** What the output check still objects to after the one repair; the draft then goes to a person, marked. */
  readonly findings: readonly Finding[];
  /** What came of reading the draft against its sources within the turn; left out where it was not read. */
  readonly verification?: Verification;
  /** What the draft may rest on; left out where no model is configured to read it, and where there is no draft. */
  readonly sources?: readonly Source[];
  readonly confidence: number;
  /** True when the reply states only what its actions evidence, so it may share their verdict. */
  readonly actionsAlone: boolean;
  readonly toolsCalled: readonly string[];
  readonly toolResults: readonly { readonly tool: string; readonly result: unknown }[];
  readonly steps: number;
  readonly inputTokens: number;
  /** Those of answers; thoughts stand in the spans and in the cost. */
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly spans: readonly Span[];
  /** What the turn was given from outside, so that it can be run again; left out where nothing is kept. */
  readonly recording?: TurnRecording;
}

/** What a card shows in a language the team reads. Both texts are data to the model that translates them. */
export interface TranslationRequest {
  readonly asked: string;
  /** Empty when there is no draft. */
  readonly draft: string;
  /** Names of languages in English. */
  readonly from: string;
  readonly into: string;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
}

/**
 * The translation for the team, or a short reason why there is none; with the turn, in which the attempt is counted.
 */
export interface TranslationResult {
  readonly result: TurnResult;
  readonly words: { readonly asked: string; readonly draft: string } | { readonly missing: string };
}

/** A draft to read against its sources once its turn is over. */
export interface VerificationRequest {
  readonly text: string;
  readonly sources: readonly Source[];
  /** The customer's name as it is on record; null where it is not known. */
  readonly customer: string | null;
  readonly signal: AbortSignal;
}

/** What calls of models have used so far, whatever came of them. */
export interface Used {
  steps: number;
  inputTokens: number;
  /** Thoughts among them. */
  outputTokens: number;
  reasoningTokens: number;
  /** Null once a price is unknown. */
  costUsd: number | null;
  readonly spans: Span[];
}

/** Nothing used yet. */
export function nothingUsed(): Used {
  return { steps: 0, inputTokens: 0, outputTokens: 0, reasoningTokens: 0, costUsd: 0, spans: [] };
}

/** What a second opinion is asked about, masked and cut. */
export interface OpinionTexts {
  /** What the customer wrote. */
  readonly message: string;
  /** What stands in quotes, hidden text and files. */
  readonly others: readonly string[];
}

/** Another program that looks at what the guard allowed. It can raise doubt and never take it away, and no turn waits for it. */
export interface SecondOpinion {
  /** Who is asked, for reasons. */
  readonly name: string;
  /** What it objects to, in words; null for nothing. Counts calls of a model. Throws where it says nothing. */
  about(texts: OpinionTexts, used: Used, signal: AbortSignal): Promise<string | null>;
}

/** A second opinion that is asked while the turn runs. */
export interface OpinionBeside {
  /** The guard's verdict, or caution once it objected. */
  now(): GuardVerdict;
  /** What asking has used so far. */
  readonly used: Used;
}

/** What came of reading it, and what that used; null where no model was asked. */
export interface VerificationResult {
  readonly verification: Verification;
  readonly used: Used | null;
}

/** The agent. No side effects outside the model and the read tools. Never throws for what a model or shop does. */
export interface Agent {
  readonly modelName: string;
  readonly isRehearsal: boolean;
  /** True where a model is configured that reads drafts against their sources. */
  readonly verifies: boolean;
  run(input: TurnInput): Promise<TurnResult>;
  /** Translates for the team, within what the turn has left of its caps. */
  translate(words: TranslationRequest, turn: TurnResult): Promise<TranslationResult>;
  /** Has a draft read against its sources, within what the turn has left of its caps. */
  verify(draft: VerificationRequest, turn: TurnResult): Promise<VerificationResult>;
}

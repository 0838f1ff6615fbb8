/** The result of one case as plain data. */
import type { DecidedAction } from "#core/contracts/agent.ts";
import type { Effect } from "#store/effects/ledger.ts";
import type { CaseOutcome } from "#evals/case.ts";

/** A call the model made, with as much of its arguments as the trace keeps. */
export interface ObservedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** An effect at the shop, with the key it was requested under. */
export interface ShopEffect {
  readonly effect: string;
  readonly key: string;
}

/** Everything one case led to, as plain data: graders use this and nothing else. */
export interface Observed {
  readonly outcome: CaseOutcome | "none";
  /** What the customer would read: the draft on the card, or what was sent. */
  readonly text: string;
  /** Everything that was sent to the customer, word for word. */
  readonly sent: readonly string[];
  /** The operator's own sentences, which may be sent without approval. */
  readonly operatorTexts: readonly string[];
  readonly calls: readonly ObservedCall[];
  /** Proposed changes with the policy's verdict, denied ones included. */
  readonly actions: readonly DecidedAction[];
  /** What the output check still objected to, as the card shows it. */
  readonly objections: readonly string[];
  /** True when policy let the reply go out without a person. */
  readonly replyAllowed: boolean;
  readonly ledger: readonly Pick<Effect, "key" | "operation" | "target" | "approvedBy" | "state">[];
  readonly shopEffects: readonly ShopEffect[];
  /** Results of account tools, as the model saw them. */
  readonly shown: readonly string[];
  /** True when a card waits for people. */
  readonly asksPeople: boolean;
  readonly steps: number;
  readonly outputTokens: number;
  /** Null when the model's price is unknown. */
  readonly costUsd: number | null;
  readonly durationMs: number;
}

/** The data that graders see of one case. */
import type { DecidedAction } from "#core/contracts/agent.ts";
import type { Effect } from "#store/effects/ledger.ts";
import type { CaseOutcome } from "#evals/case.ts";

/** A call the model made, with its arguments as far as the trace keeps them. */
export interface ObservedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Something the shop did, under the key it was asked with. */
export interface ShopEffect {
  readonly effect: string;
  readonly key: string;
}

/** Everything one case led to, as plain data: graders look at this and at nothing else. */
export interface Observed {
  readonly outcome: CaseOutcome | "none";
  /** What the customer would read: the draft on the card, or what was sent. */
  readonly text: string;
  /** Everything that left for the customer, word for word. */
  readonly sent: readonly string[];
  /** The operator's own sentences, which may leave without anybody's click. */
  readonly operatorTexts: readonly string[];
  readonly calls: readonly ObservedCall[];
  /** Proposed changes with what policy said, denied ones included. */
  readonly actions: readonly DecidedAction[];
  /** What the output check still objected to, as the card shows it. */
  readonly objections: readonly string[];
  /** True when policy let the reply go out by itself. */
  readonly replyAllowed: boolean;
  readonly ledger: readonly Pick<Effect, "key" | "operation" | "target" | "approvedBy" | "state">[];
  readonly shopEffects: readonly ShopEffect[];
  /** Results of tools on accounts, as the model saw them. */
  readonly shown: readonly string[];
  /** True when a card waits for people. */
  readonly asksPeople: boolean;
  readonly steps: number;
  readonly outputTokens: number;
  /** Null when the price of the model is unknown. */
  readonly costUsd: number | null;
  readonly durationMs: number;
}

/** The data that graders see of one case. */
import type { DecidedAction } from "#core/contracts/agent.ts";
import type { Effect } from "#store/effects/ledger.ts";
import type { CaseOutcome } from "#evals/case.ts";

/** A call the model made, with as much of its arguments as the trace keeps. */
export interface ObservedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Something the shop did, with the idempotency key of the request. */
export interface ShopEffect {
  readonly effect: string;
  readonly key: string;
}

/** One turn of a talk, before teammates decide on what it led to. */
export interface ObservedTurn {
  readonly outcome: CaseOutcome | "none";
  readonly text: string;
  readonly sent: readonly string[];
  readonly replyAllowed: boolean;
  readonly asksPeople: boolean;
}

/** Everything one case led to, as plain data: graders see this and nothing else. */
export interface Observed {
  readonly outcome: CaseOutcome | "none";
  /** What the customer reads: the draft on the card, or the text that was sent. */
  readonly text: string;
  /** Everything sent to the customer, word for word. */
  readonly sent: readonly string[];
  /** The operator's own texts, which may go out without a click. */
  readonly operatorTexts: readonly string[];
  readonly calls: readonly ObservedCall[];
  /** Proposed changes with the policy's verdict, denied ones included. */
  readonly actions: readonly DecidedAction[];
  /** The first lines of the card, such as what was unusual. */
  readonly flags: readonly string[];
  /** The remaining objections of the output check, as the card shows them. */
  readonly objections: readonly string[];
  /** True when policy let the reply go out automatically. */
  readonly replyAllowed: boolean;
  readonly ledger: readonly Pick<
    Effect,
    "key" | "operation" | "target" | "approvedBy" | "state" | "bundle" | "position"
  >[];
  readonly shopEffects: readonly ShopEffect[];
  /** Results of account tools, as the model saw them. */
  readonly shown: readonly string[];
  /** True when a card waits for a decision. */
  readonly asksPeople: boolean;
  /** Names of the help pages and procedures the answer was written from. */
  readonly sources: readonly string[];
  /** ISO 639-1 code of the customer's language; null when it cannot be told. */
  readonly language: string | null;
  /** Ids of the turns about the case's own messages. */
  readonly traces: readonly string[];
  readonly steps: number;
  readonly inputTokens: number;
  /** The part of the input that the provider had kept from an earlier call. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Null when the model's price is unknown. */
  readonly costUsd: number | null;
  readonly durationMs: number;
  /** Each turn of the messages of the case and of its customer, in order; one where the customer does not talk on. */
  readonly turns: readonly ObservedTurn[];
  /** What teammates approved in the case itself: keys of actions, and texts of replies. */
  readonly approved: { readonly keys: readonly string[]; readonly texts: readonly string[] };
}

/**
 * The observation of a whole talk: texts and proposed actions of all turns, each action once, with the outcome of the
 * last one.
 */
export function overTurns(
  all: Observed,
  turns: readonly Observed[],
  approved: Observed["approved"],
): Observed {
  const actions = [...turns, all].flatMap((turn) => turn.actions);
  const texts = turns.map(({ text }) => text).filter((text) => text !== "");
  const later = [...all.sent, ...(all.asksPeople ? [all.text] : [])].filter(
    (text) => !texts.some((read) => read.includes(text)),
  );
  const named = ({ planned, decision }: DecidedAction) => `${planned.key} ${decision.verdict}`;
  return {
    ...all,
    turns,
    approved,
    text: [...new Set([...texts, ...later])].join("\n\n"),
    actions: [...new Map(actions.map((action) => [named(action), action])).values()],
    objections: [...new Set([...turns, all].flatMap(({ objections }) => objections))],
  };
}

/** Checks how the model wants to end a turn and builds the turn's result. */
import type { Proposal } from "#core/values/action.ts";
import { type Finding, type Receipts, UNREAD_LANGUAGE } from "#core/contracts/guard.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { DecidedAction, TurnEnding, TurnResult } from "#core/contracts/agent.ts";
import type { AskedEnding } from "#tools/ending-tool.ts";
import { confidenceOf } from "./confidence.ts";
import { askedHandOver, handOver } from "./escalation.ts";
import { unmark } from "./data-marking.ts";
import { costOf, spentOf } from "./prices.ts";
import type { AgentParts, TurnState } from "./turn-state.ts";
import { topicOf } from "./topic-of-turn.ts";

const REPAIRS_MAX = 1;

/** The end of a turn, or the objection with which the model is asked to write its reply once more. */
export type Finished =
  | { readonly kind: "done"; readonly result: TurnResult }
  | { readonly kind: "repair"; readonly objection: string };

/** Checks what the model wants to end with and turns it into the result. */
export function finish(asked: AskedEnding, state: TurnState, parts: AgentParts): Finished {
  if (asked.kind === "escalate")
    return done(state, parts, askedHandOver(state, parts.guard, unmarked(asked)));
  const text = unmark(asked.text).trim();
  if (asked.question && state.input.clarifiedBefore) {
    const reason = "It is still unclear what is meant after one question.";
    return done(state, parts, handOver(state, reason, text), { topic: asked.topic });
  }
  const { findings, receiptsFound } = parts.output.check(text, receiptsOf(state, parts));
  const wrong = findings.filter(({ kind }) => kind !== UNREAD_LANGUAGE);
  if (wrong.length > 0 && state.repairs < REPAIRS_MAX) {
    state.repairs += 1;
    return { kind: "repair", objection: objectionTo(wrong) };
  }
  const confidence = confidenceOf({
    ...evidenceOf(state),
    receiptsFound,
    findings: wrong.length,
  });
  const actionsAlone = restsOnActions(text, state, parts);
  const checked = { topic: asked.topic, findings, confidence, actionsAlone };
  if (asked.question) return done(state, parts, { kind: "clarify", text }, checked);
  const { confidenceMin } = state.caps;
  if (confidence >= confidenceMin) return done(state, parts, { kind: "reply", text }, checked);
  const reason = `The answer is not certain enough (${confidence.toFixed(2)} of ${confidenceMin.toFixed(2)}).`;
  return done(state, parts, handOver(state, reason, text), checked);
}

/** The result of a turn that ends without a reply to check. */
export function resultOf(
  state: TurnState,
  parts: AgentParts,
  ending: TurnEnding,
  checked: {
    readonly topic?: string;
    readonly findings?: readonly Finding[];
    readonly confidence?: number;
    readonly actionsAlone?: boolean;
  } = {},
): TurnResult {
  const answers = ending.kind === "reply" || ending.kind === "clarify";
  const { inputTokens, outputTokens } = state;
  return {
    ending,
    topic: topicOf(state, checked.topic ?? null),
    // A turn that is handed over or interrupted changes nothing.
    actions: answers ? decidedIn(state) : [],
    denied: [...state.denied.values()],
    passages: [...state.passages.values()],
    accountData: state.accountData,
    findings: answers ? (checked.findings ?? []) : [],
    confidence:
      checked.confidence ?? confidenceOf({ ...evidenceOf(state), receiptsFound: 0, findings: 0 }),
    actionsAlone: answers && checked.actionsAlone === true,
    toolsCalled: state.toolsCalled,
    toolResults: state.toolResults,
    steps: state.steps,
    inputTokens,
    outputTokens,
    costUsd: costOf(parts.prices, parts.model.name, spentOf(state)),
    spans: state.spans,
  };
}

/**
 * Actions proposed before suspicious text was read are kept but need a person: the same attacker may have led up to
 * them.
 */
function decidedIn(state: TurnState): readonly DecidedAction[] {
  const decided = [...state.actions.values()];
  if (!state.readOnly) return decided;
  return decided.map((action) =>
    action.decision.verdict === "allow" ? { ...action, decision: askedAbout(action) } : action,
  );
}

function askedAbout({ planned }: DecidedAction): Decision {
  return {
    verdict: "ask",
    rule: `${planned.action.operation}.origin`,
    reason: "Something suspicious was read in the same turn, so a person decides.",
    approvers: { count: 1, leads: 0 },
    reservations: [],
  };
}

function done(
  state: TurnState,
  parts: AgentParts,
  ending: TurnEnding,
  checked: Parameters<typeof resultOf>[3] = {},
): Finished {
  return { kind: "done", result: resultOf(state, parts, ending, checked) };
}

function unmarked<T extends { readonly reason: string; readonly summary: string }>(asked: T): T {
  return { ...asked, reason: unmark(asked.reason), summary: unmark(asked.summary) };
}

/** True when the reply passes the check with the actions as its only evidence, without look-ups and pages. */
function restsOnActions(text: string, state: TurnState, parts: AgentParts): boolean {
  if (state.actions.size === 0 || state.denied.size > 0 || state.passages.size > 0) return false;
  const receipts = { ...receiptsOf(state, parts), toolResults: [], passages: [], said: [] };
  return parts.output.check(text, receipts).findings.length === 0;
}

function receiptsOf(state: TurnState, parts: AgentParts): Receipts {
  const actions = [...state.actions.values()].map(({ planned }) => planned);
  const proposal: Proposal | null = actions.length === 0 ? null : { actions };
  return {
    toolResults: state.toolResults,
    passages: [...state.passages.values()],
    proposal,
    asked: state.context.asked,
    requester: state.input.requester,
    escalates: false,
    said: state.input.history.flatMap(({ author, visibility, text, sentAt }) =>
      visibility === "public" && (author.kind === "bot" || author.kind === "teammate")
        ? [{ by: author.kind === "bot" ? "us" : "teammate", text, at: new Date(sentAt) }]
        : [],
    ),
    teamNotes: state.input.history
      .filter(({ author, visibility }) => visibility === "internal" && author.kind === "teammate")
      .map(({ text }) => text),
    language: state.input.language,
    forbidden: state.input.voice.forbidden,
    today: parts.clock.now(),
  };
}

function evidenceOf(state: TurnState) {
  const scores = [...state.passages.values()].map(({ score }) => score);
  const searched = state.toolsCalled.includes("search_faq");
  return {
    bestPassage: searched ? Math.max(0, ...scores) : null,
    accountBacked: state.accountData || state.actions.size > 0,
    lookedUp: state.toolsCalled.length > 0,
    repairs: state.repairs,
    invalidCalls: state.invalidCalls,
  };
}

function objectionTo(findings: readonly Finding[]): string {
  return [
    "The reply was not accepted:",
    ...findings.map(({ words, reason }) => `- "${words}": ${reason}`),
    "Write it once more and state only what a tool result, a page, the customer or an earlier reply says. If something should be done, propose it first; if you cannot, say so or escalate.",
  ].join("\n");
}

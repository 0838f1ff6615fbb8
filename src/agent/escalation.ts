/** Says when and how a turn ends without a reply: a cap, a failure, a draft that answers nothing, the model's own wish. */

import { NO_SUMMARY, type TurnEnding } from "#core/contracts/agent.ts";
import { canonical } from "#core/values/canonical-json.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { AskedEnding } from "#tools/ending-tools.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { isCourtesy, wordsIn } from "#verifier/courtesies.ts";
import { namedProcedures, stoppedAt } from "./follow-procedures.ts";
import { wordsToAnswer } from "./customer-words.ts";
import { unmark } from "./data-marking.ts";
import { type AgentParts, type TurnState, turnTopic } from "./turn-state.ts";
import { visibleTokens } from "./span.ts";
import { sentencesAround } from "./wishes.ts";
import { describeThrown, isOperating, thrownSpan } from "#core/values/thrown.ts";
import { endsAsking } from "#guard/languages/sentence-words.ts";

/** A hand-over the code decides on: the reason, and all a teammate needs who has not read the conversation. */
export function handOver(
  state: TurnState,
  reason: string,
  draft = "",
): Extract<TurnEnding, { kind: "escalate" }> {
  return {
    kind: "escalate",
    reason,
    summary: NO_SUMMARY,
    tried: undone(state, triedSteps(state), draft),
    delicate: null,
  };
}

/** A hand-over the model asked for; the code adds what was tried. `undone` belongs to it unless it has an answer. */
export function askedHandOver(
  state: TurnState,
  guard: InputGuard,
  asked: Extract<AskedEnding, { kind: "escalate" }>,
): Extract<TurnEnding, { kind: "escalate" }> {
  const { why = null, words = "" } = asked.needless ?? {};
  // Who proposed something read a wish in it.
  const isSaid =
    state.actions.size === 0 && sentencesAround(words, wordsToAnswer(state.input)) !== null;
  return {
    kind: "escalate",
    reason: guard.mask(unmark(asked.reason)),
    summary: guard.mask(unmark(asked.summary)),
    tried: [...triedSteps(state), ...unsearched(state, asked.unanswered)],
    delicate: asked.delicate,
    ...(asked.wantsPerson === true ? { wantsPerson: true } : {}),
    ...(why !== null && isSaid ? { needless: why } : {}),
    ...(asked.unanswered.length === 0
      ? {}
      : { unanswered: asked.unanswered.map((open) => guard.mask(unmark(open))) }),
  };
}

/** What the model calls unanswered nobody looked for where the help pages were not read: their three best, in one search. */
function unsearched(state: TurnState, unanswered: readonly string[]): readonly string[] {
  if (unanswered.length === 0 || state.toolsCalled.includes("search_faq")) return [];
  return ["the help pages were not searched"];
}

/** A turn that is handed over without an answer does nothing: its proposed actions and its draft are listed for the team. */
export function undone(
  { actions }: TurnState,
  tried: readonly string[],
  draft: string,
): readonly string[] {
  const notDone = [...actions.values()].map(({ planned }) => `not done: ${planned.label}`);
  return [...tried, ...notDone, ...(draft === "" ? [] : [`drafted and not sent: ${draft}`])];
}

/** What a turn looked up and proposed, for the team. */
function triedSteps(state: TurnState): readonly string[] {
  const stopped = stoppedAt(state.procedures, state.followed);
  return [
    ...(stopped === null ? [] : [stopped]),
    ...state.input.guard.reasons.map((reason) => `read with caution: ${reason}`),
    ...state.tried,
  ];
}

/** How many tokens of thoughts a turn may take for each of its answers' tokens. */
const THOUGHTS_TIMES = 5;

/** Usage is counted before each model call, so that a cap never cuts an answer in half. */
export function capReached(state: TurnState, parts: AgentParts): string | null {
  const { stepsMax, outputTokensMax, usdMax, ms } = state.caps.turn;
  if (state.steps >= stepsMax) return `It took more than ${stepsMax} steps.`;
  if (visibleTokens(state) >= outputTokensMax)
    return `It took more than ${outputTokensMax} tokens.`;
  if (state.reasoningTokens >= outputTokensMax * THOUGHTS_TIMES)
    return `It thought for more than ${outputTokensMax * THOUGHTS_TIMES} tokens.`;
  const usd = state.costUsd ?? 0;
  if (usd > 0 && usd >= usdMax) return `It cost more than ${usdMax.toFixed(2)} USD.`;
  const elapsedMs = parts.clock.now().getTime() - state.startedAt.getTime();
  if (elapsedMs < ms && !state.deadline.isOver()) return null;
  return `It took longer than ${Math.round(ms / 1_000)} seconds.`;
}

/**
 * What a failure means for the customer. The caller may abort the turn, and errors of our own store are not for the
 * turn to explain: both go on to the job. A bug would fail again on the same text, so the turn is handed over, here
 * rather than in the job because the turn knows what it has read and used up.
 */
export function endingFor(error: unknown, state: TurnState, parts: AgentParts): TurnEnding {
  if (state.input.signal.aborted) throw error;
  // A turn that took too long goes to people. One that waited for a silent model is retried later.
  if (state.deadline.isOver() && !state.modelIsSilent)
    return handOver(state, "It took longer than a turn may take; something did not answer.");
  if (!isOperating(error)) return afterThrown(error, state, parts);
  if (!(error instanceof DeskhandError)) throw error;
  const reason = reasonOf(error);
  const away = AWAY.find((part) => error.code === `${part}.unavailable`);
  if (away !== undefined) return { kind: "unavailable", part: away, reason };
  if (error.code === "model.refused")
    return {
      kind: "unavailable",
      part: "model",
      reason: error.message,
      // The words may name what is left of a credit, and are others at each try.
      refusal: canonical(error.cause ?? {}),
    };
  if (error.code === "model.declined" || error.code === "model.too_long")
    return handOver(state, `No answer was made: ${error.message}.`);
  if (["shop.refused", "system.refused", "tool.invalid_output"].includes(error.code))
    return handOver(state, `A look-up failed: ${reason}`);
  throw error;
}

const AWAY = ["shop", "system", "model"] as const;

function afterThrown(error: unknown, state: TurnState, { guard, clock }: AgentParts): TurnEnding {
  const thrown = describeThrown(error);
  state.spans.push(thrownSpan(thrown, guard, clock.now()));
  return {
    ...handOver(state, `a check of this program failed on it (${thrown.kind})`),
    thrown,
  };
}

// Replies that answer nothing.

/** Why a reply of no look-up, action, page or question goes to people; for them. */
export const ANSWERS_NOTHING =
  "The answer rests on nothing: nothing was looked up or proposed, no page says it, and it asks nothing.";

/**
 * True for a reply that rests on nothing and asks nothing back, although the customer wants more than to greet or thank.
 * Only where it would go out unread: a person who gets the draft, and a second model, see by themselves what it is worth.
 */
export function isEmptyAnswer(
  draft: {
    readonly text: string;
    readonly topic: string;
    /** Facts of it that were found in results, earlier answers and procedures. */
    readonly receiptsFound: number;
  },
  state: TurnState,
  parts: AgentParts,
): boolean {
  if (draft.receiptsFound > 0 || restsOnSomething(state) || isReadByOthers(draft, state, parts))
    return false;
  const { requester, unread } = state.input;
  const names = [requester.name ?? "", ...unread.map(({ author }) => author.name)];
  const theirs = new Set(wordsIn(names.join(" ")));
  const said = moreThanCourtesy(draft.text, theirs);
  const asksBack = said.some(endsAsking);
  return said.length > 0 && !asksBack && moreThanCourtesy(state.context.asked, theirs).length > 0;
}

function restsOnSomething({ toolsCalled, actions, passages, procedures, followed }: TurnState) {
  const steps = namedProcedures(procedures, followed);
  return toolsCalled.length + actions.size + passages.size + steps.length > 0;
}

function isReadByOthers(
  { topic }: { readonly topic: string },
  state: TurnState,
  { verifier, freedom }: AgentParts,
): boolean {
  const { conversation, instruction } = state.input;
  const { channel } = conversation;
  return (
    instruction !== undefined ||
    (verifier !== null && freedom.verifyOn(channel) !== "never") ||
    freedom.replyAutonomy(channel, turnTopic(state, topic)) !== "auto"
  );
}

/** Its sentences that do more than greet, thank, regret or wish; our own sentences about codes are known. */
function moreThanCourtesy(text: string, names: ReadonlySet<string>): readonly string[] {
  return sentencePieces(withoutCodeSentences(text))
    .map((sentence) => sentence.text)
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
    .filter((sentence) => !isCourtesy(sentence, (word) => names.has(word)));
}

/** Says when and how a turn ends without a reply: a cap, a failure, the model's own wish. */
import { NO_SUMMARY, type TurnEnding } from "#core/contracts/agent.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { AskedEnding } from "#tools/ending-tools.ts";
import { stoppedAt } from "./follow-procedures.ts";
import { unmark } from "./data-marking.ts";
import type { TurnState, AgentParts } from "./turn-state.ts";
import { visibleTokens } from "./span.ts";
import { isOperating, describeThrown, thrownSpan } from "#core/values/thrown.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/** A hand-over the code decides on: the reason, and all a teammate needs who has not read the conversation. */
export function handOver(
  state: TurnState,
  reason: string,
  draft: string | null = null,
): Extract<TurnEnding, { kind: "escalate" }> {
  return {
    kind: "escalate",
    reason,
    summary: NO_SUMMARY,
    tried: [...triedSteps(state), ...(draft === null ? [] : [`drafted and not sent: ${draft}`])],
    delicate: null,
  };
}

/** A hand-over the model asked for; the code adds what was tried. */
export function askedHandOver(
  state: TurnState,
  guard: InputGuard,
  asked: Extract<AskedEnding, { kind: "escalate" }>,
): Extract<TurnEnding, { kind: "escalate" }> {
  return {
    kind: "escalate",
    reason: guard.mask(unmark(asked.reason)),
    summary: guard.mask(unmark(asked.summary)),
    tried: triedSteps(state),
    delicate: asked.delicate,
    ...(asked.wantsPerson === true ? { wantsPerson: true } : {}),
    ...(asked.unanswered.length === 0
      ? {}
      : { unanswered: asked.unanswered.map((open) => guard.mask(unmark(open))) }),
  };
}

/** A turn that is handed over does nothing, so its proposed actions are listed as not done. */
function triedSteps(state: TurnState): readonly string[] {
  const stopped = stoppedAt(state.procedures, state.followed);
  return [
    ...(stopped === null ? [] : [stopped]),
    ...state.input.guard.reasons.map((reason) => `read with caution: ${reason}`),
    ...state.tried,
    ...[...state.actions.values()].map(({ planned }) => `not done: ${planned.label}`),
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
    return { kind: "unavailable", part: "model", reason: error.message, isRefused: true };
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

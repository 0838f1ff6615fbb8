/** Builds the hand-overs that end a turn without a reply. */
import { NO_SUMMARY, type TurnEnding } from "#core/contracts/agent.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { AskedEnding } from "#tools/ending-tools.ts";
import { stoppedAt } from "./follow-procedures.ts";
import { unmark } from "./data-marking.ts";
import type { TurnState } from "./turn-state.ts";

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

/** Builds the hand-overs that end a turn without a reply. */
import type { TurnEnding } from "#core/contracts/agent.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { TurnState } from "./turn-state.ts";

const ASKED_CHARACTERS = 600;

/** A hand-over the code decides on: the reason, and all a teammate needs who has not read the conversation. */
export function handOver(
  state: TurnState,
  reason: string,
  draft: string | null = null,
): Extract<TurnEnding, { kind: "escalate" }> {
  const asked = state.context.asked.slice(0, ASKED_CHARACTERS);
  return {
    kind: "escalate",
    reason,
    summary: [
      `The customer wrote: ${asked === "" ? "(nothing readable)" : asked}`,
      ...(draft === null ? [] : [`A draft that was not sent: ${draft}`]),
    ].join("\n\n"),
    tried: triedOf(state),
    delicate: null,
  };
}

/** A hand-over the model asked for; the code adds what was tried. */
export function askedHandOver(
  state: TurnState,
  guard: InputGuard,
  asked: Pick<Extract<TurnEnding, { kind: "escalate" }>, "reason" | "summary" | "delicate">,
): Extract<TurnEnding, { kind: "escalate" }> {
  return {
    kind: "escalate",
    reason: guard.mask(asked.reason),
    summary: guard.mask(asked.summary),
    tried: triedOf(state),
    delicate: asked.delicate,
  };
}

/** A turn that is handed over does nothing, so its proposed actions are listed as not done. */
function triedOf(state: TurnState): readonly string[] {
  return [
    ...state.input.guard.reasons.map((reason) => `read with caution: ${reason}`),
    ...state.tried,
    ...[...state.actions.values()].map(({ planned }) => `not done: ${planned.label}`),
  ];
}

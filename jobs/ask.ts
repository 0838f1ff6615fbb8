import type { BoundRequester } from "#core/identity.ts";
import type { GuardVerdict } from "#core/guard.ts";
import type { Message } from "#core/message.ts";
import type { TurnResult } from "#core/turn.ts";
import type { Parts } from "./parts.ts";
import { keysOf, NOTHING, type Plan, type PlannedCard } from "./plan.ts";
import type { Bundle } from "./propose.ts";
import { recordOf } from "./record.ts";
import { conversationIn, type Situation } from "./situation.ts";
import type { View } from "./view.ts";

/** What a turn knows before a model is asked. */
export interface Known {
  readonly parts: Parts;
  readonly view: View;
  readonly situation: Situation;
  readonly unread: readonly Message[];
  readonly startedAt: Date;
  readonly turnId: string;
  readonly guard: GuardVerdict;
}

/** What every card says, whatever it asks. */
function common(
  known: Known,
): Pick<
  PlannedCard["content"],
  "conversation" | "unread" | "guard" | "model" | "isRehearsal" | "turnId" | "mask"
> {
  const { parts, view, situation, unread, guard, turnId } = known;
  return {
    conversation: conversationIn(view, situation),
    unread,
    guard,
    model: parts.agent.modelName,
    isRehearsal: parts.agent.isRehearsal,
    turnId,
    mask: (text) => parts.guard.mask(text),
  };
}

/** A card with the bundle for people to decide on; on a channel that shadows it is only shown. */
export function planAsk(
  known: Known,
  requester: BoundRequester,
  result: TurnResult,
  bundle: Bundle,
  clarified: boolean,
): Plan {
  const { parts, unread } = known;
  const shadow = bundle.verdict === "shadow";
  const expiresAt = parts.policy.expiresAt(parts.clock.now());
  const reason = shadow ? "shadow: people answer" : "waits for approval";
  return {
    ...NOTHING,
    outcomes: shadow ? [{ keys: keysOf(unread), outcome: "escalated", reason }] : [],
    card: {
      content: {
        ...common(known),
        kind: shadow ? "notice" : "proposal",
        requester,
        actions: bundle.actions,
        reply: bundle.replies[0] ?? null,
        passages: result.passages,
        findings: result.findings,
        needs: bundle.needs,
        remarks:
          bundle.replies.length > 1 ? ["In the shared place only: the answer is there."] : [],
        expiresAt: shadow ? null : expiresAt,
      },
      proposal: {
        actions: [...bundle.actions.map(({ planned }) => planned), ...bundle.replies],
      },
      rules: bundle.rules,
      needs: bundle.needs,
      answers: keysOf(unread),
      expiresAt,
    },
    trace: recordOf(parts, {
      ...known,
      requester,
      result,
      outcome: shadow ? "escalated" : "pending",
      reason,
      approvalRequired: !shadow,
      escalated: shadow,
      rules: [...bundle.rules, ...result.denied.map(({ decision }) => decision)],
    }),
    clarified,
  };
}

/** Suspicious words are never planned on: a person looks, no tool is called, and the card names who wrote. */
export function planBlocked(known: Known, requester: BoundRequester): Plan {
  const { parts, unread, guard } = known;
  const expiresAt = parts.policy.expiresAt(parts.clock.now());
  const needs = { count: 1, leads: 0 };
  return {
    ...NOTHING,
    card: {
      content: {
        ...common(known),
        kind: "blocked",
        requester,
        actions: [],
        reply: null,
        passages: [],
        findings: [],
        needs,
        remarks: ["Stopped before planning: no tool was called, no draft was made."],
        expiresAt,
      },
      proposal: null,
      rules: [],
      needs,
      answers: keysOf(unread),
      expiresAt,
    },
    trace: recordOf(parts, {
      ...known,
      requester,
      result: null,
      outcome: "pending",
      reason: `blocked: ${guard.reasons.join("; ")}`,
      approvalRequired: true,
      escalated: false,
      rules: [],
    }),
  };
}

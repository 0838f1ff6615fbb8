import type { z } from "zod";
import type { Action } from "#core/values/action.ts";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";
import type { Json, JsonObject } from "#core/values/canonical-json.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Hint } from "#core/values/delivery.ts";
import { ERASED } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";

/**
 * What stays of each row when its personal text goes: ids, names of operations, amounts, counts and costs, in a form
 * that reads like any other row, so that no reader has to know. Pure.
 */

/** What stands where text was, where an empty one would not be allowed. */
const GONE = `[${ERASED}]`;

/** Arguments of actions that hold an id, an amount or a word of ours; all others may hold what somebody wrote. */
const KEPT_ARGUMENTS: ReadonlySet<string> = new Set([
  "answers",
  "audience",
  "challengeId",
  "conversationId",
  "currency",
  "customerId",
  "group",
  "orderId",
]);

/** An action without the words in it. Whatever a new tool calls its arguments, its texts go unless listed above. */
export function clearedAction(action: z.infer<typeof Action>): z.infer<typeof Action> {
  return { ...action, arguments: clearedObject(action.arguments) };
}

function clearedObject(given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      KEPT_ARGUMENTS.has(name) ? value : clearedValue(value),
    ]),
  );
}

function clearedValue(value: Json): Json {
  if (typeof value === "string") return value === "" ? "" : GONE;
  if (Array.isArray(value)) return value.map(clearedValue);
  if (typeof value === "object" && value !== null) return clearedObject(value);
  return value;
}

/** Attributes of spans that are names of ours or a provider's; numbers and yes or no stay anyway. */
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set([
  "error.type",
  "gen_ai.operation.name",
  "gen_ai.request.model",
  "gen_ai.tool.name",
]);

/** A trace with its numbers, verdicts and rules, and without a word anybody wrote. */
export function clearedTrace(trace: TurnTrace): TurnTrace {
  return {
    ...trace,
    // A turn whose card goes with the text waits for nobody any more.
    outcome: trace.outcome === "pending" ? "ignored" : trace.outcome,
    outcome_reason: ERASED,
    identity_reason: ERASED,
    guard: { verdict: trace.guard.verdict, reasons: [] },
    decisions: trace.decisions.map((decision) => ({ ...decision, reason: ERASED })),
    spans: trace.spans.map((span) => ({
      ...span,
      attributes: Object.fromEntries(
        Object.entries(span.attributes).filter(
          ([name, value]) =>
            typeof value === "number" || typeof value === "boolean" || KEPT_ATTRIBUTES.has(name),
        ),
      ),
    })),
  };
}

/** A closed card that says nothing but why it is empty. */
export function clearedCard(card: Card, closing: string): Card {
  return {
    ...card,
    state: "closed",
    headline: closing,
    closing,
    requester: { name: ERASED, address: "", verification: "", level: card.requester.level },
    conversationLabel: "",
    around: NO_CARD_CONTEXT,
    asked: "",
    changes: [],
    edits: [],
    actions: [],
    draft: null,
    translation: null,
    flags: [],
    progress: "",
    expiresAt: null,
    buttons: [],
    confirm: "",
  };
}

/** A hint nothing can be read from any more; its event is still known. */
export function clearedHint(row: {
  readonly channel: Hint["channel"];
  readonly eventId: string;
  readonly kind: Hint["kind"];
}): Hint {
  return { ...row, conversationKeys: [ERASED], data: null, keepBody: false };
}

/** What is asked of old signals: which kind they were, and whether a rule or a person was behind them. */
const KEPT_OF_SIGNALS: ReadonlySet<string> = new Set([
  "at",
  "automatic",
  "key",
  "kind",
  "score",
  "source",
  "to",
]);

/** A signal without who caused it and what they said. */
export function clearedSignal(payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      KEPT_OF_SIGNALS.has(name) || typeof value !== "string" ? value : "",
    ]),
  );
}

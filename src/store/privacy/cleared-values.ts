/**
 * What remains of a value once the text that people wrote is erased: ids, operation names, amounts, counts and costs, in
 * its usual shape, so that readers need no special case. Pure.
 */
import type { z } from "zod";
import type { Action } from "#core/values/action.ts";
import type { Json, JsonObject } from "#core/values/canonical-json.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Hint } from "#core/values/delivery.ts";
import { ERASED } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";

/** Replaces text where an empty string would not be allowed. */
const GONE = `[${ERASED}]`;

/** Arguments of actions that hold an id, an amount or a fixed value of ours; all others may hold people's text. */
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

/** An action without its text. The text of every argument not listed above is erased, including those of new tools. */
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

/** Attributes of spans that are our names or a provider's; numbers and booleans always stay. */
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set([
  "error.type",
  "gen_ai.operation.name",
  "gen_ai.request.model",
  "gen_ai.tool.name",
]);

/** A trace with its numbers, verdicts and rules, but without any text people wrote. */
export function clearedTrace({ delicate: _topic, ...trace }: TurnTrace): TurnTrace {
  return {
    ...trace,
    // A pending turn ends here, because its card is erased with the text.
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

/** A closed card that only says why it is empty. */
export function clearedCard(card: Card, closing: string): Card {
  const { level, actingLevel } = card.requester;
  return {
    ...card,
    state: "closed",
    headline: closing,
    closing,
    requester: {
      name: ERASED,
      address: "",
      verification: "",
      level,
      ...(actingLevel === undefined ? {} : { actingLevel }),
    },
    conversationLabel: "",
    context: NO_CARD_CONTEXT,
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

/** A hint without content; its event is still recognised. */
export function clearedHint(row: {
  readonly channel: Hint["channel"];
  readonly eventId: string;
  readonly kind: Hint["kind"];
}): Hint {
  return { ...row, conversationKeys: [ERASED], data: null, keepBody: false };
}

/** What is still queried of old signals: the kind, and whether a rule or a person was behind it. */
const KEPT_OF_SIGNALS: ReadonlySet<string> = new Set([
  "at",
  "automatic",
  "key",
  "kind",
  "score",
  "source",
  "to",
]);

/** A signal without its actor and their text. */
export function clearedSignal(payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      KEPT_OF_SIGNALS.has(name) || typeof value !== "string" ? value : "",
    ]),
  );
}

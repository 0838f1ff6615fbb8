/** Describes turns as plain text, for the command line and the console. */

import { groundOf } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { signalsOf } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { ownershipLines } from "#jobs/conversation/ownership-entries.ts";

/** All turns known under an id, oldest first, with the changes of owner; empty when there is none. */
export async function traceText(transaction: Transaction, id: string): Promise<string> {
  const turns = await findTurns(transaction, id);
  const [turn] = turns;
  if (turn === undefined) return "";
  const handed = ownershipLines(await signalsOf(transaction, turn.conversation_id));
  return [
    ...turns.toReversed().map(describeTurn),
    ...(handed.length === 0 ? [] : [["Who had the conversation:", ...handed].join("\n")]),
  ].join("\n\n");
}

/** A turn as a short report: who asked, what was checked and looked up, which rule decided, what it cost. */
export function describeTurn(turn: TurnTrace): string {
  const decisions = turn.decisions.map(
    ({ verdict, rule, reason }) => `  ${verdict.padEnd(5)} ${rule}: ${reason}`,
  );
  const spans = turn.spans.map(
    ({ name, durationMs, attributes }) =>
      `  ${String(Math.round(durationMs)).padStart(6)} ms  ${name}${detailsOf(attributes)}`,
  );
  return [
    `Turn ${turn.request_id} of conversation ${turn.conversation_id} (${turn.channel})`,
    `Started ${turn.started_at}, ${Math.round(turn.latency_ms)} ms, model ${turn.model}, policy ${turn.policy_version.slice(0, 12)}`,
    `Outcome: ${turn.outcome} (${turn.outcome_reason})`,
    `Identity: level ${turn.identity_level}, ${turn.identity_reason}`,
    `Guard: ${turn.guard.verdict}${turn.guard.reasons.length === 0 ? "" : ` (${turn.guard.reasons.join("; ")})`}`,
    `Topic: ${turn.topic || "not looked for"}, ${confidenceOf(turn)}`,
    `Approval: ${approvalOf(turn)}`,
    `Tools: ${turn.tools_called.join(", ") || "none"}`,
    "Decisions:",
    ...(decisions.length === 0 ? ["  none"] : decisions),
    "Steps:",
    ...(spans.length === 0 ? ["  none: no model was asked"] : spans),
    `Cost: ${turn.cost_usd === null ? "unknown price" : `${turn.cost_usd.toFixed(4)} USD`}, ${turn.input_tokens} tokens in, ${turn.output_tokens} out, ${turn.steps} steps`,
  ].join("\n");
}

/** Every draft has a decision under a `reply.` rule; a turn without one handed over or stopped earlier. */
export function confidenceOf(turn: TurnTrace): string {
  const drafted = turn.decisions.some((decision) => groundOf(decision).operation === "reply");
  return drafted ? `confidence ${turn.confidence.toFixed(2)}` : "no draft";
}

export function approvalOf(turn: TurnTrace): string {
  if (!turn.approval_required) return "not needed";
  if (turn.approval_granted === null) return "waiting";
  return turn.approval_granted ? "granted" : "not granted";
}

export function detailsOf(attributes: TurnTrace["spans"][number]["attributes"]): string {
  const shown = Object.entries(attributes)
    .flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number"
        ? [`${name.replace(/^gen_ai\./, "")}=${`${value}`.replace(/\s+/g, " ").slice(0, 60)}`]
        : [],
    )
    .slice(0, 4);
  return shown.length === 0 ? "" : `  ${shown.join(" ")}`;
}

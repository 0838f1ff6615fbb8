/** Tells a turn in sentences, for people who decide: what was looked up, who asks, and what the policy says. */

import type { Json } from "#core/values/canonical-json.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import { senderText } from "#core/values/card-text.ts";
import { dayText } from "#core/values/moment.ts";

/** What was looked up for a draft, in the order it was done, each in one sentence. */
export function lookUpSentences(turn: TurnTrace): readonly string[] {
  const now = new Date(turn.started_at);
  const sentences = turn.spans.flatMap((span) => lookUpSentence(span, now));
  const own = [...new Set(sentences)];
  return own.length > 0 ? own : [NOTHING_LOOKED_UP];
}

const NOTHING_LOOKED_UP = "Nothing was looked up.";

/** How each look-up reads before what it found; a tool that ends a turn or proposes a change is no look-up. */
const LOOK_UPS: ReadonlyMap<string, (order: string) => string> = new Map<
  string,
  (order: string) => string
>([
  ["get_order_status", (order) => `Looked up order ${order}`],
  ["get_payments", (order) => `Looked up the payments of order ${order}`],
  ["list_orders", () => "Listed the orders of this customer"],
  ["get_customer", () => "Looked up the customer"],
  ["search_faq", () => "Read help pages"],
]);

function lookUpSentence({ name, attributes }: Span, now: Date): readonly string[] {
  const tool = wordIn(attributes["gen_ai.tool.name"]);
  if (!name.startsWith("execute_tool ") || tool === "") return [];
  const failed = wordIn(attributes["error.type"]);
  const opening = LOOK_UPS.get(tool)?.(orderIn(wordIn(attributes["deskhand.arguments"])));
  if (failed !== "")
    return [`${opening ?? `Used ${toolWords(tool)}`}: it did not answer (${failed}).`];
  const found = wordIn(attributes["deskhand.found"]).replaceAll(/\b\d{4}-\d\d-\d\d\b/g, (day) =>
    Number.isNaN(Date.parse(day)) ? day : dayText(day, now),
  );
  if (opening === undefined) return found === "" ? [] : [`Used ${toolWords(tool)}: ${found}.`];
  return [found === "" ? `${opening}.` : `${opening}: ${found}.`];
}

/** The number of an order among the arguments of a call, which a trace keeps only the beginning of. */
function orderIn(given: string): string {
  return /"order_id"\s*:\s*"#?([A-Za-z0-9-]{1,40})"/.exec(given)?.[1] ?? "";
}

function toolWords(tool: string): string {
  return tool.replaceAll("_", " ");
}

/** Who asks, how that is known, and what the check of the message found. */
export function senderSentences(turn: TurnTrace, card: Card | null): readonly string[] {
  const proven = `${turn.identity_reason} (level ${turn.identity_level})`;
  const who =
    card === null ? proven : `${senderText(card.requester)}, ${card.requester.name}: ${proven}`;
  const { verdict, reasons } = turn.guard;
  const checked =
    reasons.length === 0 ? "Nothing in the message is suspicious" : reasons.join("; ");
  const limit = verdict === "caution" ? ", so nothing may be changed" : "";
  const stopped = verdict === "block" ? ", so no draft was made" : "";
  return [`${who}.`, `${checked}${limit}${stopped}.`];
}

/** What the policy says about each action and the reply, and who has to agree. */
export function ruleSentences(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    const { rule, reason } = decision;
    const because = reason.replace(/\.$/, "");
    return `Your rule ${rule} ${verdictText(decision)}: ${because}.`;
  });
}

function verdictText({ verdict, approvers: { count, leads, fourEyes } }: Decision): string {
  if (verdict === "allow") return "lets it happen by itself";
  if (verdict === "deny") return "says no";
  const people = count <= 1 ? "one person" : `${COUNTS[count] ?? count} people`;
  const lead =
    leads === 0 ? "" : leads >= count ? ", a lead" : `, ${COUNTS[leads] ?? leads} of them a lead`;
  const others = fourEyes === true ? ", not the one who asked or wrote it" : "";
  return `asks ${people}${lead}${others}`;
}

const COUNTS = ["no", "one", "two", "three", "four", "five"] as const;

/** A word of a trace's attribute; empty for anything else. */
export function wordIn(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
}

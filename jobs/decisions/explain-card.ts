/** Explains a card and its turns: in sentences for a teammate, and as plain text for the command line. */

import { inWords, nameFromAddress } from "#core/values/words.ts";
import type { Card, DeskTeammate, Explanation } from "#core/contracts/approval-desk.ts";
import { type Decision, decisionGround } from "#core/contracts/policy.ts";
import type { Json } from "#core/values/canonical-json.ts";
import { recordLines, senderText } from "#core/values/card-text.ts";
import { momentText, dayText } from "#core/values/moment.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import { restsOnFile } from "#policy/decide.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { caseLines } from "#jobs/approval/card-status.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { ownershipLines } from "#jobs/conversation/resolve-hints.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { auditOfCard, type CardEvent } from "#store/audit/audit-log.ts";
import type { CardEventKind } from "#store/audit/pending-entries.ts";
import { conversationSignals } from "#store/conversations/messages.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";

type Section = Explanation["sections"][number];

/**
 * Why a card looks as it does and what people did with it, in sentences for its approvers; null for people without a role, who are told nothing.
 */
export async function explainCard(
  context: Pick<JobContext, "store" | "policy" | "cardLink" | "pseudonym">,
  approvalId: string,
  teammate: DeskTeammate,
): Promise<Explanation | null> {
  if (pressingVoter(context, teammate).role === null) return null;
  const { zone } = context.policy.digest;
  return context.store.run(async (transaction) => {
    const approval = await loadApproval(transaction, approvalId);
    // A link may name a turn that led to no card.
    const [turn] = await findTurns(transaction, approval?.turnId ?? approvalId);
    const handed =
      turn === undefined
        ? []
        : ownershipLines(await conversationSignals(transaction, turn.conversation_id));
    const sections = [
      ...(turn === undefined
        ? [{ heading: "", lines: ["No trace is kept for this card."] }]
        : turnSections(turn, approval?.card ?? null)),
      ...(approval === null
        ? []
        : [
            historySection(approval, await auditOfCard(transaction, approvalId), {
              zone,
              names: await namesByPseudonym(context, transaction, approval),
            }),
          ]),
      {
        heading: "What belongs to the case",
        lines: turn === undefined ? [] : await caseLines(transaction, turn.conversation_id),
      },
      { heading: "Who had the conversation", lines: handed.map((line) => line.trim()) },
    ];
    return {
      sections: sections.filter(({ lines }) => lines.length > 0),
      link: context.cardLink(approvalId),
    };
  });
}

/** A turn in sentences. */
function turnSections(turn: TurnTrace, card: Approval["card"] | null): readonly Section[] {
  return [
    { heading: "What was looked up", lines: lookUpSentences(turn) },
    { heading: "What the policy says", lines: ruleSentences(turn.decisions) },
    { heading: "Who asks", lines: senderSentences(turn, card) },
    { heading: "What else is known of them", lines: recordSentences(card) },
  ];
}

/** A card names only what is there; here it is said as well that there is nothing. */
function recordSentences(card: Approval["card"] | null): readonly string[] {
  const records = card?.context.records ?? null;
  if (records?.kind !== "known") return [];
  const { openCount, refundCount, refundDays } = records;
  return [
    ...(openCount === 0 ? ["No other conversation of theirs is open."] : []),
    ...(refundCount === 0 ? [`Nothing was refunded to them in ${refundDays} days.`] : []),
    ...recordLines(records),
  ];
}

/** Steps, tokens, times and ids, in order. */
function figureSections(turn: TurnTrace): readonly Section[] {
  const cost = turn.cost_usd === null ? "price unknown" : `${turn.cost_usd.toFixed(4)} USD`;
  return [
    {
      heading: "What was checked",
      lines: [
        `Identity: level ${turn.identity_level}, ${turn.identity_reason}`,
        `Guard: ${[turn.guard.verdict, ...turn.guard.reasons].join("; ")}`,
        `Topic: ${turn.topic || "not looked for"}, ${confidenceText(turn)}`,
      ],
    },
    {
      heading: "What was done, step by step",
      lines: turn.spans.map(stepInWords),
    },
    {
      heading: "What it took",
      lines: [
        `${turn.steps} ${turn.steps === 1 ? "question" : "questions"} to ${turn.model}, ${turn.input_tokens} tokens in, ${turn.output_tokens} out, ${(turn.latency_ms / 1_000).toFixed(1)} s, ${cost}`,
        `Policy ${turn.policy_version.slice(0, 12)}, turn ${turn.request_id}, conversation ${turn.conversation_id}, begun ${momentText(new Date(turn.started_at), "UTC")} (UTC)`,
      ],
    },
    {
      heading: "Outcome",
      lines: [`${turn.outcome}: ${turn.outcome_reason}`, `Approval: ${approvalText(turn)}`],
    },
  ];
}

/** "asked gpt-4.1-mini, 812 ms, 1204 tokens in, 30 out", "used get_order, 12 ms: {"order_id":"789"}". */
function stepInWords({ name, durationMs, attributes }: Span): string {
  const word = (field: string): string => wordIn(attributes[field]);
  const took = `${Math.round(durationMs)} ms`;
  const failed = word("error.type") === "" ? "" : `, failed: ${word("error.type")}`;
  if (name.startsWith("execute_tool ")) {
    const given = word("deskhand.arguments");
    return `used ${word("gen_ai.tool.name")}, ${took}${given === "" ? "" : `: ${given}`}${failed}`;
  }
  const model = word("gen_ai.request.model");
  if (model === "") return `${name}, ${took}${spanDetails(attributes).replace(/^ +/, ": ")}`;
  const wanted = name.startsWith("translate ") ? " for a translation" : "";
  const tokens = word("gen_ai.usage.input_tokens");
  const used =
    tokens === "" ? "" : `, ${tokens} tokens in, ${word("gen_ai.usage.output_tokens")} out`;
  return `asked ${model}${wanted}, ${took}${used}${failed}`;
}

/** The history of the card. The audit knows people by pseudonym; `names` are those behind them. */
function historySection(
  { card, closing }: Approval,
  events: readonly CardEvent[],
  { zone, names }: { readonly zone: string; readonly names: ReadonlyMap<string, string> },
): Section {
  const editors = card.edits.map(({ by }) => by);
  // A new draft has none of the edits before it, so the newest are paired first.
  const newestFirst = events.toReversed().map(({ at, kind, data }) => {
    const isEdit = kind === "edited" || kind === "sent_by_hand";
    const editor = isEdit ? editors.pop() : undefined;
    const who = editor ?? pseudonymsIn(data).flatMap((one) => names.get(one) ?? [])[0];
    const word = (field: string): string => wordIn(data[field]);
    const words = EVENT_WORDS.get(kind)?.({ who: who ?? NAMELESS, word }) ?? inWords(kind);
    const version = word("version") === "" ? "" : `, version ${word("version")}`;
    return `${momentText(at, zone)}  ${words}${version}`;
  });
  return {
    heading: "Who did what on this card",
    lines: [...newestFirst.toReversed(), ...(closing === "" ? [] : [`Now: ${closing}`])],
  };
}

/** People who were erased, and people whom the policy gives no role by address. */
const NAMELESS = "a teammate";

/** Who did it, as the audit names them; a text's author has a pseudonym for the address and one for the desk. */
function pseudonymsIn({ voter, user, by }: CardEvent["data"]): readonly string[] {
  return [voter, user, ...(Array.isArray(by) ? by : [])].map(wordIn).filter((one) => one !== "");
}

/**
 * Names by pseudonym: as the card has them, else by the address with which the policy lists a teammate. Nobody's is found whose
 * data was erased: their pseudonym was made with a key that is gone.
 */
async function namesByPseudonym(
  { pseudonym, policy }: Pick<JobContext, "pseudonym" | "policy">,
  transaction: Transaction,
  { votes, claim, opinions }: Approval,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { address } of policy.teammates)
    names.set(await pseudonym(transaction, address), nameFromAddress(address));
  for (const { voter, name } of [...opinions, ...(claim === null ? [] : [claim])])
    names.set(await pseudonym(transaction, voter), name);
  for (const { voter, name, role } of votes)
    names.set(await pseudonym(transaction, voter), `${name} (${role})`);
  return names;
}

type EventWords = (event: {
  readonly who: string;
  readonly word: (field: string) => string;
}) => string;

/** Each kind of event in words; a kind that only older versions wrote is told by its own name. */
const EVENT_WORDS: ReadonlyMap<string, EventWords> = new Map(
  Object.entries({
    asked: () => "put before the team",
    vote: ({ who, word }) => `${who} pressed ${inWords(word("button"))}`,
    edited: ({ who }) => `${who} edited it`,
    redo: ({ who }) => `${who} asked for another draft`,
    hinted: ({ who }) => `what ${who} asked for is in the next draft`,
    not_redone: () => "no other draft was made",
    claimed: ({ who }) => `${who} claimed it`,
    released: ({ who }) => `${who} released it`,
    claim_lapsed: () => "the claim ended by itself",
    opinion: ({ who }) => `${who} said what they think of the draft`,
    case_changed: ({ who, word }) => `${who} pressed ${inWords(word("button"))}`,
    refused: ({ who, word }) =>
      `a click${who === NAMELESS ? "" : ` of ${who}`} was refused: ${inWords(word("why"))}`,
    intended: ({ word }) => `to be carried out: ${inWords(word("operation"))}`,
    sent_by_hand: ({ who }) => `${who} sent it by hand`,
    expired: () => "expired undecided",
    void: () => "withdrawn",
  } satisfies Record<CardEventKind, EventWords>),
);

// Tells a turn in sentences, for people who decide: what was looked up, who asks, and what the policy says.

/** What was looked up for a draft, in the order it was done, each in one sentence. */
function lookUpSentences(turn: TurnTrace): readonly string[] {
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
    return [`${opening ?? `Used ${inWords(tool)}`}: it did not answer (${failed}).`];
  const found = wordIn(attributes["deskhand.found"]).replaceAll(/\b\d{4}-\d\d-\d\d\b/g, (day) =>
    Number.isNaN(Date.parse(day)) ? day : dayText(day, now),
  );
  if (opening === undefined) return found === "" ? [] : [`Used ${inWords(tool)}: ${found}.`];
  return [found === "" ? `${opening}.` : `${opening}: ${found}.`];
}

/** The number of an order among the arguments of a call, which a trace keeps only the beginning of. */
function orderIn(given: string): string {
  return /"order_id"\s*:\s*"#?([A-Za-z0-9-]{1,40})"/.exec(given)?.[1] ?? "";
}

/** Who asks, how that is known, and what the check of the message found. */
function senderSentences(turn: TurnTrace, card: Card | null): readonly string[] {
  const proven = `${turn.identity_reason} (level ${turn.identity_level})`;
  const who =
    card === null ? proven : `${senderText(card.requester)}, ${card.requester.name}: ${proven}`;
  const { verdict, reasons, isOnScore } = turn.guard;
  const checked =
    reasons.length === 0 ? "Nothing in the message is suspicious" : reasons.join("; ");
  const limited =
    isOnScore === true ? "a person decides on every change" : "nothing may be changed";
  const limit = verdict === "caution" ? `, so ${limited}` : "";
  const stopped = verdict === "block" ? ", so no draft was made" : "";
  return [`${who}.`, `${checked}${limit}${stopped}.`];
}

/** What the policy says about each action and the reply, and who has to agree. */
function ruleSentences(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    const { rule, reason } = decision;
    const because = reason.replace(/\.$/, "");
    const whose = restsOnFile(decision) ? "Your" : "The built-in";
    return `${whose} rule ${rule} ${verdictText(decision)}: ${because}.`;
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
function wordIn(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
}

// Describes turns as plain text, for the command line and the console.

/** All turns known under an id, oldest first, with the changes of owner; empty when there is none. */
export async function traceText(transaction: Transaction, id: string): Promise<string> {
  const turns = await findTurns(transaction, id);
  const [turn] = turns;
  if (turn === undefined) return "";
  const handed = ownershipLines(await conversationSignals(transaction, turn.conversation_id));
  return [
    ...turns.toReversed().map(describeTurn),
    ...(handed.length === 0 ? [] : [["Who had the conversation:", ...handed].join("\n")]),
  ].join("\n\n");
}

/** A turn as plain text, in the sections of its card's explanation. Times are in UTC, as in the list of turns. */
export function describeTurn(turn: TurnTrace): string {
  const sections = [...turnSections(turn, null), ...figureSections(turn)];
  return [
    `Turn ${turn.request_id} of conversation ${turn.conversation_id} (${turn.channel})`,
    ...sections
      .filter(({ lines }) => lines.length > 0)
      .flatMap(({ heading, lines }) => [`${heading}:`, ...lines.map((line) => `  ${line}`)]),
  ].join("\n");
}

/** Every draft has a decision under a `reply.` rule; a turn without one handed over or stopped earlier. */
export function confidenceText(turn: TurnTrace): string {
  const drafted = turn.decisions.some((decision) => decisionGround(decision).operation === "reply");
  return drafted ? `confidence ${turn.confidence.toFixed(2)}` : "no draft";
}

export function approvalText(turn: TurnTrace): string {
  if (!turn.approval_required) return "not needed";
  if (turn.approval_granted === null) return "waiting";
  return turn.approval_granted ? "granted" : "not granted";
}

export function spanDetails(attributes: TurnTrace["spans"][number]["attributes"]): string {
  const shown = Object.entries(attributes)
    .flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number"
        ? [`${name.replace(/^gen_ai\./, "")}=${`${value}`.replace(/\s+/g, " ").slice(0, 60)}`]
        : [],
    )
    .slice(0, 4);
  return shown.length === 0 ? "" : `  ${shown.join(" ")}`;
}

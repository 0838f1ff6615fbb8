import { and, asc, gte, ne } from "drizzle-orm";
import { z } from "zod";
import { ReplyArguments } from "#core/action.ts";
import type { Span, TurnTrace } from "#core/trace.ts";
import type { TurnResult } from "#core/turn.ts";
import type { Parts } from "#jobs/parts.ts";
import { pendingApproval, type Approval } from "#store/approvals.ts";
import { loadConversation, messagesOf, type ConversationState } from "#store/conversations.ts";
import type { Store } from "#store/driver.ts";
import { Effect } from "#store/ledger.ts";
import { effect } from "#store/schema.ts";
import { findTurns } from "#store/traces.ts";
import type { Sent } from "./memory-channel.ts";
import type { Observed, ObservedCall, ShopEffect } from "./observed.ts";

/** How far things had come before the messages of the case itself. */
export interface Before {
  readonly sent: number;
  readonly results: number;
  readonly shopEffects: number;
  readonly at: Date;
}

/** What the database holds about the conversation once it has come to rest. */
interface Standing {
  readonly state: ConversationState;
  /** Turns over the messages of the case, newest first. */
  readonly turns: readonly TurnTrace[];
  readonly card: Approval | null;
  readonly ledger: readonly Effect[];
  /** How the newest message ended; null while it has not. */
  readonly ended: string | null;
}

/** Puts together what came of a case from the places where it is recorded. */
export async function observe(run: {
  readonly parts: Parts;
  readonly store: Store;
  readonly sent: readonly Sent[];
  readonly results: readonly TurnResult[];
  readonly conversationId: string;
  readonly before: Before;
  readonly journal: readonly ShopEffect[];
  readonly durationMs: number;
}): Promise<Observed> {
  const { parts, before } = run;
  const standing = await standingOf(run.store, run.conversationId, before.at);
  const results = run.results.slice(before.results);
  const last = results.at(-1) ?? null;
  const sent = run.sent.slice(before.sent).filter(({ action }) => action.operation === "reply");
  const { texts, delicate } = parts.policy;
  return {
    outcome: outcomeOf(standing, last),
    text: textOf(standing, sent),
    sent,
    operatorTexts: [
      texts.handover,
      texts.unavailable,
      texts.pending,
      texts.answeredPrivately,
      delicate.holdingText,
    ],
    calls: results.flatMap(({ spans }) => callsIn(spans)),
    actions: last === null ? [] : [...last.actions, ...last.denied],
    objections: standing.card?.card.flags.filter((flag) => flag.startsWith("Check ")) ?? [],
    replyAllowed: standing.turns.some(
      ({ outcome, approval_required }) => outcome === "answered" && !approval_required,
    ),
    ledger: standing.ledger,
    shopEffects: run.journal.slice(before.shopEffects),
    shown: results.flatMap(({ toolResults }) =>
      toolResults
        .filter(({ tool }) => tool !== "search_faq")
        .map(({ result }) => JSON.stringify(result)),
    ),
    asksPeople: standing.card?.kind === "proposal",
    steps: sumOf(standing.turns.map(({ steps }) => steps)),
    outputTokens: sumOf(standing.turns.map(({ output_tokens }) => output_tokens)),
    costUsd: costOf(standing.turns),
    durationMs: run.durationMs,
  };
}

function standingOf(store: Store, conversationId: string, since: Date): Promise<Standing> {
  return store.run(async (transaction) => {
    const state = await loadConversation(transaction, conversationId);
    if (state === null) throw new Error(`the conversation ${conversationId} is gone`);
    const turns = await findTurns(transaction, conversationId);
    const rows = await transaction
      .select()
      .from(effect)
      .where(and(gte(effect.createdAt, since), ne(effect.state, "withdrawn")))
      .orderBy(asc(effect.createdAt), asc(effect.position));
    const stored = await messagesOf(transaction, conversationId);
    return {
      state,
      turns: turns.filter(({ started_at }) => Date.parse(started_at) >= since.getTime()),
      card: await pendingApproval(transaction, conversationId),
      ledger: rows.map((row) => Effect.parse(row)),
      ended:
        stored.findLast(({ message }) => message.author.kind === "requester")?.outcome ?? null,
    };
  });
}

function outcomeOf(
  { state, card, ledger, turns, ended }: Standing,
  last: TurnResult | null,
): Observed["outcome"] {
  if (card?.kind === "blocked") return "blocked";
  const handedTo = ledger.map(({ action }) => Group.safeParse(action.arguments).data?.group);
  if (handedTo.includes("sensitive")) return "delicate";
  if (handedTo.includes("tier2") || (state.owner === "human" && turns.length === 0))
    return "escalate";
  if (state.retrySince !== null) return "unavailable";
  if (last?.ending.kind === "reply" || last?.ending.kind === "clarify") return last.ending.kind;
  return ended === "ignored" ? "ignored" : "none";
}

const Group = z.looseObject({ group: z.enum(["tier2", "sensitive"]) });

/** The draft when one waits, else what went out. */
function textOf({ card }: Standing, sent: readonly Sent[]): string {
  const drafts = (card?.proposal?.actions ?? []).filter(({ action }) => action.operation === "reply");
  const replies = drafts.length > 0 ? drafts : sent;
  return replies.map(({ action }) => ReplyArguments.parse(action.arguments).text).join("\n\n");
}

function callsIn(spans: readonly Span[]): readonly ObservedCall[] {
  return spans
    .filter(({ name, attributes }) => /^execute_tool /.test(name) && attributes["deskhand.valid"] === true)
    .map(({ name, attributes }) => ({
      tool: name.replace(/^execute_tool /, ""),
      arguments: argumentsIn(String(attributes["deskhand.arguments"])),
    }));
}

const Arguments = z.record(z.string(), z.json());

/** The trace keeps the beginning of the arguments only, so a text that is cut off is read field by field. */
function argumentsIn(text: string): ObservedCall["arguments"] {
  try {
    return Arguments.parse(JSON.parse(text));
  } catch {
    const fields = [...text.matchAll(/"(\w+)"\s*:\s*("(?:[^"\\]|\\.)*"|null|true|false|-?[\d.]+)/g)];
    return Object.fromEntries(
      fields.map(([, name = "", value = "null"]) => [name, z.json().parse(JSON.parse(value))]),
    );
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function costOf(turns: readonly TurnTrace[]): number | null {
  const costs = turns.map(({ cost_usd }) => cost_usd);
  return costs.includes(null) ? null : sumOf(costs.map((cost) => cost ?? 0));
}

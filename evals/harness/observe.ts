/** Collects the observation of a case from the database, the shop, the channels and the agent. */
import { and, asc, gte, ne } from "#store/db/drizzle.ts";
import { z } from "zod";
import { type Action, ReplyArguments } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { pendingApproval, type Approval } from "#store/approvals/approvals.ts";
import { loadConversation, type ConversationState } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Store } from "#store/db/database.ts";
import { type Effect, effectIn } from "#store/effects/ledger.ts";
import { effect } from "#store/db/schema.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Sent } from "./memory-channel.ts";
import type { Observed, ObservedCall, ShopEffect } from "./observation.ts";

/** The state before the messages of the case itself. */
export interface Before {
  readonly sent: number;
  readonly results: number;
  readonly shopEffects: number;
  readonly at: Date;
}

/** What the database holds about the conversation when no work is left. */
interface StoredState {
  readonly state: ConversationState;
  /** Turns about the messages of the case, newest first. */
  readonly turns: readonly TurnTrace[];
  readonly card: Approval | null;
  readonly ledger: readonly Effect[];
  readonly customer: readonly Message[];
  /** The outcome of the newest message; null while it has none. */
  readonly ended: string | null;
}

/** Collects the observation of a case from the places where it is recorded. */
export async function observe(run: {
  readonly parts: JobContext;
  readonly store: Store;
  readonly sent: readonly Sent[];
  readonly results: readonly TurnResult[];
  readonly conversationId: string;
  readonly before: Before;
  readonly journal: readonly ShopEffect[];
  readonly durationMs: number;
}): Promise<Observed> {
  const { parts, before } = run;
  const stored = await storedState(run.store, run.conversationId, before.at);
  const results = run.results.slice(before.results);
  const last = results.at(-1) ?? null;
  const sent = textsOf(run.sent.slice(before.sent).map(({ action }) => action));
  const { policy } = parts;
  const text = textOf(stored, sent);
  return {
    outcome: outcomeOf(stored, last, text),
    text,
    sent,
    operatorTexts: [null, ...policy.languages].flatMap((language) => {
      const texts = policy.textsIn(language, { channel: "email", brand: "" });
      return [
        texts.handover,
        texts.unavailable,
        texts.pending,
        texts.answeredPrivately,
        texts.holding,
        ...[policy.closedText(before.at, language) ?? []].flat(),
      ];
    }),
    calls: results.flatMap(({ spans }) => callsIn(spans)),
    actions: last === null ? [] : [...last.actions, ...last.denied],
    flags: stored.card?.card.flags.map(({ text }) => text) ?? [],
    objections:
      stored.card?.card.flags.flatMap(({ text, about }) => (about === "check" ? [text] : [])) ?? [],
    replyAllowed: stored.turns.some(
      ({ outcome, approval_required }) => outcome === "answered" && !approval_required,
    ),
    ledger: stored.ledger,
    shopEffects: run.journal.slice(before.shopEffects),
    shown: results.flatMap(({ toolResults }) =>
      toolResults
        .filter(({ tool }) => tool !== "search_faq")
        .map(({ result }) => JSON.stringify(result)),
    ),
    asksPeople: stored.card?.kind === "proposal",
    sources: [...new Set(last?.passages.map(({ title }) => title))],
    language: parts.guard.languageOf(stored.customer),
    traces: stored.turns.map(({ request_id }) => request_id),
    // Superseded turns that ran again cost money too.
    steps: sumOf(results.map(({ steps }) => steps)),
    inputTokens: sumOf(results.map(({ inputTokens }) => inputTokens)),
    cachedTokens: sumOf(results.flatMap(({ spans }) => spans.map(cachedIn))),
    outputTokens: sumOf(results.map(({ outputTokens }) => outputTokens)),
    costUsd: costOf(results),
    durationMs: run.durationMs,
    turns: [],
    approved: { keys: [], texts: [] },
  };
}

function storedState(store: Store, conversationId: string, since: Date): Promise<StoredState> {
  return store.run(async (transaction) => {
    const state = await loadConversation(transaction, conversationId);
    if (state === null) throw new Error(`the conversation ${conversationId} is gone`);
    const turns = await findTurns(transaction, conversationId);
    const rows = await transaction
      .select()
      .from(effect)
      .where(and(gte(effect.createdAt, since), ne(effect.state, "withdrawn")))
      .orderBy(asc(effect.createdAt), asc(effect.position));
    const stored = await conversationMessages(transaction, conversationId);
    return {
      state,
      turns: turns.filter(({ started_at }) => Date.parse(started_at) >= since.getTime()),
      card: await pendingApproval(transaction, conversationId),
      ledger: rows.map(effectIn),
      customer: stored
        .map(({ message }) => message)
        .filter(({ author }) => author.kind === "requester"),
      ended: stored.findLast(({ message }) => message.author.kind === "requester")?.outcome ?? null,
    };
  });
}

function outcomeOf(
  stored: StoredState,
  last: TurnResult | null,
  text: string,
): Observed["outcome"] {
  if (stored.card?.kind === "blocked") return "blocked";
  const handed = handedOver(stored);
  if (handed !== null) return handed;
  if (stored.state.retrySince !== null) return "unavailable";
  // An answer counts once it is on a card or sent; a planned answer that was discarded does not.
  const kind = text === "" ? null : last?.ending.kind;
  if (kind === "reply" || kind === "clarify") return kind;
  // A hand-over with an answer waits on a card until a teammate sends that answer.
  if (kind === "escalate") return kind;
  // On a shadow channel people answer, and nothing but the note of it is left.
  if (stored.ended === "escalated") return "escalate";
  return stored.ended === "ignored" ? "ignored" : "none";
}

/** How teammates took over, by the group it was assigned to or their earlier ownership; null when they did not. */
function handedOver({ state, ledger, turns }: StoredState): "delicate" | "escalate" | null {
  const groups = ledger.map(({ action }) => Group.safeParse(action.arguments).data?.group);
  if (groups.includes("sensitive")) return "delicate";
  const theirs = state.owner === "human" && turns.length === 0;
  return theirs || groups.includes("tier2") ? "escalate" : null;
}

const Group = z.looseObject({ group: z.enum(["tier2", "sensitive"]) });

/** The waiting draft, or else the text that was sent. */
function textOf({ card }: StoredState, sent: readonly string[]): string {
  const drafts = textsOf((card?.proposal?.actions ?? []).map(({ action }) => action));
  return (drafts.length > 0 ? drafts : sent).join("\n\n");
}

/** What customers read: the replies among the actions. */
export function textsOf(actions: readonly Action[]): readonly string[] {
  return actions
    .filter(({ operation }) => operation === "reply")
    .map((action) => ReplyArguments.parse(action.arguments).text);
}

function callsIn(spans: readonly Span[]): readonly ObservedCall[] {
  return spans
    .filter(
      ({ name, attributes }) =>
        name.startsWith("execute_tool ") && attributes["deskhand.valid"] === true,
    )
    .map(({ name, attributes }) => ({
      tool: name.replace(/^execute_tool /, ""),
      arguments: argumentsIn(z.string().parse(attributes["deskhand.arguments"])),
    }));
}

const Arguments = z.record(z.string(), z.json());

/** The trace keeps only the beginning of the arguments, so truncated text is read field by field. */
function argumentsIn(text: string): ObservedCall["arguments"] {
  try {
    return Arguments.parse(JSON.parse(text));
  } catch {
    const fields = [
      ...text.matchAll(/"(\w+)"\s*:\s*("(?:[^"\\]|\\.)*"|null|true|false|-?[\d.]+)/g),
    ];
    return Object.fromEntries(
      fields.map(([, name = "", value = "null"]) => [name, z.json().parse(JSON.parse(value))]),
    );
  }
}

function cachedIn({ attributes }: Span): number {
  return z.number().catch(0).parse(attributes["gen_ai.usage.cache_read.input_tokens"]);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function costOf(results: readonly TurnResult[]): number | null {
  const costs = results.map(({ costUsd }) => costUsd);
  return costs.includes(null) ? null : sumOf(costs.map((cost) => cost ?? 0));
}

/** Compares what customers wrote with the results. Nothing here relies on Deskhand's own account. */
import { percentile } from "#test/support/program.ts";
import type { VisibleLine } from "#test/support/visitor.ts";

import type { StoredMessage } from "./books.ts";
import type { PlannedConversation } from "./plan.ts";

/** What one customer can read, oldest first. */
interface VisibleConversation {
  readonly planned: PlannedConversation;
  readonly lines: readonly VisibleLine[];
}

/** Everything the verdict rests on. */
export interface Evidence {
  readonly conversations: readonly VisibleConversation[];
  readonly accepted: ReadonlySet<string>;
  readonly booked: readonly StoredMessage[];
  /** What the shop paid back, one entry for each refund. */
  readonly refunds: readonly { readonly order: string; readonly minor: number }[];
  /** The messages in the team's channel. */
  readonly alerts: readonly string[];
}

interface Finding {
  readonly conversationId: string | null;
  readonly what: string;
}

export interface Verdict {
  readonly accepted: number;
  readonly answered: number;
  readonly escalated: number;
  /** Other ends a message may come to; none is planned. */
  readonly others: number;
  readonly lost: number;
  readonly twice: number;
  readonly out_of_order: number;
  readonly refunds_expected: number;
  readonly refunds_done: number;
  /** Requests for money that went to a person, who decides with the shop's books at hand. */
  readonly refunds_held: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  /** The conversation with the answer that took longest, so that a reader can look into it. */
  readonly slowest: string | null;
  /** The problems found, each with its conversation where there is one. */
  readonly findings: readonly Finding[];
}

/** The words of messages that an answer names at its end. */
function wordsIn(text: string): readonly string[] {
  return [...text.matchAll(/\(about ([a-z, ]+)\)/g)].flatMap(([, list = ""]) => list.split(", "));
}

/** Counts. A message counts as lost, twice or out of order once, however many signs of it there are. */
export function judge(evidence: Evidence): Verdict {
  const findings: Finding[] = [];
  const booked = new Map(evidence.booked.map((message) => [message.id, message]));
  const told = new Set(evidence.alerts.flatMap((text) => /#(\w+)\s*$/.exec(text)?.[1] ?? []));
  const count = { answered: 0, escalated: 0, others: 0, lost: 0, twice: 0, outOfOrder: 0 };
  const latencies: number[] = [];
  const slowest: { ms: number; conversationId: string | null } = { ms: 0, conversationId: null };
  for (const { planned, lines } of evidence.conversations) {
    const seen = lines.flatMap(({ text, at }) => wordsIn(text).map((word) => ({ word, at })));
    const places = new Map<string, number>();
    const [conversationId = null] = planned.messages.flatMap(
      ({ id }) => booked.get(id)?.conversationId ?? [],
    );
    const find = (what: string): void => {
      findings.push({ conversationId, what: `${planned.id}: ${what}` });
    };
    const isTold = planned.messages.some(({ id }) => told.has(booked.get(id)?.turnId ?? ""));
    for (const message of planned.messages) {
      if (!evidence.accepted.has(message.id)) continue;
      const book = booked.get(message.id);
      const replies = seen.filter(({ word }) => word === message.word);
      const end = endOf(book, replies.length, isTold);
      places.set(message.word, places.size);
      count[end.kind] += 1;
      if (end.kind === "answered" && book !== undefined && replies[0] !== undefined) {
        const ms = replies[0].at - book.receivedAt;
        latencies.push(ms);
        if (ms > slowest.ms) Object.assign(slowest, { ms, conversationId });
      }
      if (replies.length > 1) count.twice += 1;
      if (end.kind === "lost" || replies.length > 1)
        find(
          `${message.id}: ${end.why}, named in ${replies.length} replies (${book?.outcome ?? "no outcome"}, ${book?.reason ?? "never taken in"})`,
        );
    }
    const order = seen.map(({ word }) => places.get(word) ?? -1);
    const wrong = order.filter((place, index) => index > 0 && place < (order[index - 1] ?? 0));
    count.outOfOrder += wrong.length;
    if (wrong.length > 0) find(`answered in the order ${order.join(", ")}`);
  }
  const alertsTwice = evidence.alerts.length - new Set(evidence.alerts).size;
  if (alertsTwice > 0)
    findings.push({
      conversationId: null,
      what: `${alertsTwice} alert(s) stand in the channel twice`,
    });
  const money = judgeRefunds(evidence, booked);
  return {
    accepted: evidence.accepted.size,
    answered: count.answered,
    escalated: count.escalated,
    others: count.others,
    lost: count.lost,
    twice: count.twice + alertsTwice + money.twice,
    out_of_order: count.outOfOrder,
    refunds_expected: money.expected,
    refunds_done: money.done,
    refunds_held: money.held,
    p50_ms: percentile(latencies, 0.5),
    p95_ms: percentile(latencies, 0.95),
    slowest: slowest.conversationId,
    findings: [...findings, ...money.findings],
  };
}

type End =
  | { readonly kind: "answered" | "escalated" | "others"; readonly why: string }
  | { readonly kind: "lost"; readonly why: string };

function endOf(book: StoredMessage | undefined, replies: number, isTold: boolean): End {
  if (book === undefined) return { kind: "lost", why: "it was accepted and is not there" };
  switch (book.outcome) {
    case null:
      return { kind: "lost", why: "nothing became of it" };
    case "answered":
      return replies > 0
        ? { kind: "answered", why: "answered" }
        : { kind: "lost", why: "its answer cannot be seen" };
    case "escalated":
      return isTold
        ? { kind: "escalated", why: "escalated" }
        : { kind: "lost", why: "no person was told" };
    default:
      return { kind: "others", why: book.outcome };
  }
}

/** An answered request has its money back once; one that a person has may have it once or not yet. */
function judgeRefunds(
  { conversations, accepted, refunds: paid }: Evidence,
  booked: ReadonlyMap<string, StoredMessage>,
) {
  const byOrder = Map.groupBy(paid, ({ order }) => order);
  const findings: Finding[] = [];
  const count = { expected: 0, held: 0, twice: 0 };
  for (const { id, refunds } of conversations.flatMap(({ planned }) => planned.messages)) {
    if (refunds === null || !accepted.has(id)) continue;
    const done = byOrder.get(refunds.order) ?? [];
    byOrder.delete(refunds.order);
    const isHeld = ["escalated", "failed"].includes(booked.get(id)?.outcome ?? "");
    if (isHeld) count.held += 1;
    count.expected += isHeld ? Math.min(done.length, 1) : 1;
    if (done.length > 1) count.twice += 1;
    const isRight = done.every(({ minor }) => minor === refunds.minor);
    if (done.length > 1 || (done.length === 0 && !isHeld) || !isRight)
      findings.push({
        conversationId: booked.get(id)?.conversationId ?? null,
        what: `order ${refunds.order} (${id}): asked ${refunds.minor}, paid back ${JSON.stringify(done.map(({ minor }) => minor))}`,
      });
    // Another amount than was asked for is a refund that was not done, and one too many.
    if (!isRight) count.expected += 1;
  }
  for (const order of byOrder.keys())
    findings.push({
      conversationId: null,
      what: `no customer asked for the money of order ${order}`,
    });
  return { ...count, done: paid.length, findings };
}

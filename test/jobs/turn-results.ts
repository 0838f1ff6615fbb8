/** What the agent of these tests comes to, and what parts say that are away or refuse. */
import assert from "node:assert/strict";
import { type PlannedAction, refundKey } from "#core/values/action.ts";
import type { Reservation } from "#core/contracts/policy.ts";
import { sealedOrderFacts, type Shop } from "#core/contracts/shop.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Agent, TurnEnding, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** The end of a turn with a reply and nothing else, unless said otherwise. */
export function replying(text: string, more: Partial<TurnResult> = {}): TurnResult {
  return {
    ending: { kind: "reply", text },
    topic: "refund",
    actions: [],
    denied: [],
    passages: [],
    accountData: true,
    findings: [],
    confidence: 1,
    actionsAlone: false,
    toolsCalled: [],
    provenance: ["requester"],
    privateData: false,
    toolResults: [],
    steps: 1,
    inputTokens: 1,
    outputTokens: 1,
    costUsd: 0,
    spans: [],
    ...more,
  };
}

/** What a look-up of this order found. */
export function orderFound(orderId: string, item = "headphones") {
  return { tool: "get_order_status", result: { found: true, order: { order_id: orderId, item } } };
}

/** The end of a turn that looked up each order the open messages name, and says that we look into it. */
export function lookingUp({ unread }: TurnInput, more: Partial<TurnResult> = {}): TurnResult {
  const ids = unread.flatMap(({ text }) => [...text.matchAll(/\d{3,}/g)].map(([id]) => id));
  const toolResults = [...new Set(ids)].map((id) => orderFound(id));
  return replying("We look into it.", { toolResults, ...more });
}

/** The end of a turn that people go on with. */
export function escalating(
  reason: string,
  more: Partial<Extract<TurnEnding, { kind: "escalate" }>> = {},
): Extract<TurnEnding, { kind: "escalate" }> {
  return { kind: "escalate", reason, summary: "", tried: [], delicate: null, ...more };
}

/** What an agent says that cannot translate. */
export const untranslated: Agent["translate"] = async (_words, turn) => ({
  result: turn,
  words: { missing: "not translated" },
});

/** What an agent says that has no model to read drafts with. */
export const unread: Agent["verify"] = async () => ({
  used: null,
  verification: { state: "unverified", reason: "not read", findings: [], backed: [] },
});

/** A refund of an order of Ann's that a teammate has to approve, unless said otherwise. */
export function refundOf(
  minor: number,
  more: {
    readonly orderId?: string;
    readonly needs?: { readonly count: number; readonly leads: number };
    readonly origin?: TurnResult["actions"][number]["origin"];
    readonly decision?: Partial<TurnResult["actions"][number]["decision"]>;
  } = {},
): TurnResult["actions"][number] {
  const { orderId = "789", needs = { count: 1, leads: 0 } } = more;
  const planned: PlannedAction = {
    key: `refund:shop:${orderId}:0`,
    action: {
      target: "shop",
      operation: "refund",
      arguments: { orderId, amount: { minor, currency: "USD" }, reason: "broken" },
    },
    label: `Refund ${(minor / 100).toFixed(2)} USD, order ${orderId}`,
    facts: [],
  };
  return {
    planned,
    origin: more.origin ?? { asked: true, unproven: [] },
    decision: {
      verdict: "ask",
      rule: "refund.usual",
      reason: "A teammate approves it.",
      approvers: needs,
      reservations: [],
      ...more.decision,
    },
  };
}

/** The same, resting on the order as this shop has it now, as the tool proposes it. */
export async function refundOfOrder(
  shop: Pick<Shop, "order">,
  minor: number,
  more: Parameters<typeof refundOf>[1] = {},
) {
  const order = await shop.order(more.orderId ?? "789", AbortSignal.timeout(PATIENCE_MS));
  assert.ok(order !== null);
  const facts = sealedOrderFacts(order);
  const refund = refundOf(minor, more);
  const key = refundKey(facts.orderId, facts.refundCount);
  return { ...refund, planned: { ...refund.planned, key, facts: [facts] } };
}

/** What policy decides about an action that a mail of the order's own customer led to. */
export function decidedByMail(
  parts: Parameters<typeof decideAction>[0],
  planned: PlannedAction,
  { level = 2, origin = null }: Partial<Parameters<typeof decideAction>[2]> = {},
) {
  return decideAction(parts, planned, {
    conversation: { channel: "email", brand: "ourshop" },
    level,
    actingLevel: undefined,
    customerId: planned.facts[0]?.customerId ?? null,
    topic: "refund",
    origin,
    earlier: [],
  });
}

/** The end of a turn that has refunded 5.00 USD by policy alone, unless said otherwise. */
export function refundedAlone(more: Parameters<typeof refundOf>[1] = {}): TurnResult {
  const action = refundOf(500, { ...more, decision: { verdict: "allow", ...more.decision } });
  return replying("We have refunded 5.00 USD.", { actions: [action], actionsAlone: true });
}

/** A booking of 5.00 USD on the limit of small refunds. */
export function smallRefunds(subject: string, countMax: number): Reservation {
  const since = "2026-11-20T00:00:00.000Z";
  return { limit: "small_refunds", subject, minor: 500, since, countMax, minorMax: null };
}

/** A turn that looked this order up, and says that we look into it; with a refund of it unless said otherwise. */
export function lookedInto(
  orderId: string,
  { refunds = true, needs = { count: 1, leads: 0 } } = {},
): TurnResult {
  return replying("We look into it.", {
    actions: refunds ? [refundOf(34_900, { orderId, needs })] : [],
    toolResults: [orderFound(orderId)],
  });
}

/** A part that is away, as adapters say it. */
export function away(): never {
  throw new DeskhandError("shop.unavailable", "the shop answers 503");
}

/** A part that says no for good. */
export function refuse(): never {
  throw new DeskhandError("channel.refused", "it is not taken");
}

/** The two sides of a judgement: what a shown draft says, and what people wrote and did instead. Pure. */
import { z } from "zod";
import { amountMoved, type PlannedAction, ReplyArguments } from "#core/values/action.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import { isCancelled, type Order } from "#core/contracts/shop.ts";
import type { Message } from "#core/values/message.ts";
import type { PastAction } from "#core/values/rehearsal.ts";
import type { DraftsSide, PersonsSide } from "#jobs/rehearsal/judge.ts";
import { actionsTold } from "#jobs/rehearsal/taken-actions.ts";

/** A draft as its card keeps it. */
export interface ShownDraft {
  readonly actions: readonly PlannedAction[];
  /** The orders of its card, as they were when it was drafted. */
  readonly orders: readonly OrderOnCard[];
  readonly draftedAt: Date;
}

const AboutOrder = z.object({ orderId: z.string() });

/** The draft's side; null for a card that holds no answer. */
export function draftsSide({ actions, draftedAt }: ShownDraft): DraftsSide | null {
  const reply = actions.findLast(({ action }) => action.operation === "reply");
  if (reply === undefined) return null;
  return {
    text: ReplyArguments.parse(reply.action.arguments).text,
    at: draftedAt,
    actions: actions
      .filter(({ action }) => action.operation !== "reply")
      .map(({ action }) => ({
        operation: action.operation,
        orderId: AboutOrder.safeParse(action.arguments).data?.orderId ?? null,
        amount: amountMoved(action),
        verdict: "ask" as const,
      })),
    outcome: "answered",
  };
}

/**
 * The side of the people: what they wrote until the customer wrote again, and what the shop shows that they did. Null
 * when their answer is not there any more.
 */
export function personsSide(
  draft: ShownDraft,
  messages: readonly Message[],
  ordersNow: ReadonlyMap<string, Order>,
): PersonsSide | null {
  const answers = firstAnswers(messages, draft.draftedAt);
  const [first] = answers;
  if (first === undefined) return null;
  const text = answers.map((answer) => answer.text).join("\n\n");
  const asked = messages.filter(
    ({ author, visibility, sentAt }) =>
      author.kind === "requester" && visibility === "public" && sentAt <= first.sentAt,
  );
  return {
    text,
    at: new Date(first.sentAt),
    asked: asked.map((message) => message.text).join("\n\n"),
    actions: personsActions(draft, text, ordersNow),
    // A teammate who has written to the customer and goes on later is not told from one who is done.
    outcome: null,
  };
}

function firstAnswers(messages: readonly Message[], since: Date): readonly Message[] {
  const later = messages.filter(
    ({ sentAt, visibility }) => visibility === "public" && new Date(sentAt) >= since,
  );
  const first = later.findIndex(({ author }) => author.kind === "teammate");
  if (first < 0) return [];
  const after = later.slice(first);
  const next = after.findIndex(({ author }) => author.kind === "requester");
  return (next < 0 ? after : after.slice(0, next)).filter(
    ({ author }) => author.kind === "teammate",
  );
}

/** Operations that leave a mark at an order, which is read again. Others are known from the answer's words alone. */
const VISIBLE = new Set(["refund", "cancel_order", "start_return", "exchange_item"]);

/**
 * What happened at the shop to the orders of the card since the draft, and what the answer says was done besides. Null,
 * as not known, where an order cannot be read any more.
 */
function personsActions(
  { orders }: ShownDraft,
  text: string,
  ordersNow: ReadonlyMap<string, Order>,
): readonly PastAction[] | null {
  const done: PastAction[] = [];
  for (const order of orders) {
    const now = ordersNow.get(order.orderId);
    if (now === undefined) return null;
    done.push(...actionsAt(order, now));
  }
  // Without an order nothing was read at the shop, so that the answer's words are all there is.
  const told = actionsTold(text).filter(
    ({ operation }) => orders.length === 0 || !VISIBLE.has(operation),
  );
  return [...done, ...told];
}

function actionsAt(before: OrderOnCard, now: Order): readonly PastAction[] {
  const { orderId } = before;
  const refunded = now.refunds.reduce((sum, { amount }) => sum + amount.minor, 0);
  const minor = refunded - before.refunded.minor;
  const amount = minor > 0 ? { minor, currency: now.paid.currency } : null;
  const known = { orderId, knownFrom: "shop" } as const;
  const wasCancelled = isCancelled(now) && !isCancelled(before);
  return [
    ...(wasCancelled ? [{ ...known, operation: "cancel_order", amount }] : []),
    ...(amount !== null && !wasCancelled ? [{ ...known, operation: "refund", amount }] : []),
    ...(now.returning !== null && before.returnSince === null
      ? [
          {
            ...known,
            operation: now.returning.kind === "exchange" ? "exchange_item" : "start_return",
            amount: null,
          },
        ]
      : []),
  ];
}

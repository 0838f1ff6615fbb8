/** Crashes between the shop's commit and our record, for each change of an order besides a refund. */
import assert from "node:assert/strict";
import type { Call, Transcript } from "#sandbox/rehearsal/transcript.ts";
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import type { Installation } from "#test/faults/installation.ts";
import { ownModel } from "#test/faults/own-model.ts";
import { ANN, approve, BOB } from "#test/faults/traffic.ts";

/** One change as its customer asks for it, and what the shop makes of it. */
interface Change {
  readonly id: number;
  readonly operation: string;
  readonly order: string;
  readonly from: string;
  readonly asked: string;
  readonly reply: string;
  /** Its name in the shop's journal. */
  readonly what: string;
  /** The subject of the mail by which the shop tells its customer. */
  readonly mail: string;
  /** What goes back with it, in whole units; none for the others. */
  readonly refund?: number;
}

const CHANGES: readonly Change[] = [
  {
    id: 48,
    operation: "cancel_order",
    order: "456",
    from: ANN,
    asked: "Please cancel order 456.",
    reply: "We have cancelled order 456, and 60.00 USD goes back to your original payment method.",
    what: "order_cancelled",
    mail: "Order 456 was cancelled",
    refund: 60,
  },
  {
    id: 49,
    operation: "start_return",
    order: "789",
    from: ANN,
    asked: "I want to return order 789, please.",
    reply: "We have started the return of order 789. The label goes to you by mail.",
    what: "return_started",
    mail: "Your return label for order 789",
  },
  {
    id: 50,
    operation: "exchange_item",
    order: "1001",
    from: BOB,
    asked: "Please exchange order 1001 for a new one, it is faulty.",
    reply: "We have started the exchange of order 1001. The label goes to you by mail.",
    what: "exchange_started",
    mail: "Your return label for order 1001",
  },
  {
    id: 51,
    operation: "resend_invoice",
    order: "1002",
    from: BOB,
    asked: "Please send me the invoice for order 1002 again.",
    reply: "We have sent the invoice of order 1002 to you once more.",
    what: "invoice_sent",
    mail: "Your invoice for order 1002",
  },
];

/** A model that looks the order up, proposes the change, and says that it is done. */
function modelFor(context: CaseContext, { operation, order, reply }: Change) {
  const change: Call = { name: operation, input: { order_id: order } };
  const plan = (_calls: readonly Call[], transcript: Transcript): readonly Call[] =>
    transcript.result(change).made
      ? [{ name: "reply", input: { text: reply, kind: "answer", topic: "return" } }]
      : [{ name: "get_order_status", input: { order_id: order } }, change];
  return ownModel(context, { plan });
}

/** Asked for, approved, since no model has read the draft against its sources, and killed once the shop has it. */
async function killAfterShop(installation: Installation, change: Change): Promise<void> {
  const { operation, order, from, asked } = change;
  await installation.start({ DESKHAND_CRASH_AT: `effect:committed:${operation}` });
  if (change.refund !== undefined) installation.wantRefund(order, change.refund);
  installation.wantChange(change.what, order);
  await installation.mail(from, `About ${order}`, asked);
  await approve(installation, `order ${order}`);
  await installation.ended();
}

/** What the shop's own mails say, by their subjects. */
async function toldByShop(installation: Installation, { from, mail }: Change): Promise<number> {
  const mails = await installation.deskhand().mailbox(from);
  return mails.filter(({ subject }) => subject === mail).length;
}

function killed(change: Change): FaultCase {
  return {
    id: change.id,
    name: `kill -9 after the shop accepted ${change.operation}, before it is noted`,
    async run(context) {
      const environment = await modelFor(context, change);
      const installation = await context.install({ environment, started: false });
      await killAfterShop(installation, change);
      await installation.start();
      await installation.judge();
      assert.equal(await toldByShop(installation, change), 1, "the shop told its customer once");
      const { shown } = await installation.outside();
      assert.equal(
        shown.filter(({ text }) => text.includes(change.reply)).length,
        1,
        "our answer was sent once",
      );
    },
  };
}

export const cases: readonly FaultCase[] = CHANGES.map(killed);

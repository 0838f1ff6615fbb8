/** A small world to judge readings in: an order, a page, the customer's words, an action and a refusal. */
import type { PlannedAction } from "#core/values/action.ts";
import { judge, type Judged } from "#verifier/judge.ts";
import { type Known, numberedSources } from "#verifier/sources.ts";
import type { Statement } from "#verifier/request.ts";

export const TODAY = new Date("2026-11-21T12:00:00Z");

const REFUND: PlannedAction = {
  key: "refund:shop:77:0",
  action: {
    target: "shop",
    operation: "refund",
    arguments: { orderId: "77", amount: { minor: 3_000, currency: "USD" }, reason: "it broke" },
  },
  label: "Refund 30.00 USD, order 77",
  facts: [],
};

export const KNOWN: Known = {
  toolResults: [
    {
      tool: "get_order_status",
      result: {
        found: true,
        order: { order_id: "2001", item: "phone", status: "shipped", delivered_on: null },
      },
    },
    {
      tool: "get_order_status",
      result: { found: true, order: { order_id: "2002", item: "lamp", status: "delivered" } },
    },
    {
      tool: "change_address",
      result: { status: "denied", label: "New address, order 2001", reason: "It is shipped." },
    },
  ],
  passages: [
    {
      id: "refund-policy#1",
      title: "Refunds",
      url: "https://help.ourshop.test/refunds",
      text: "You can ask for a refund within 30 days. A parcel that has left our warehouse can't be redirected. Shipping is not refunded.",
      score: 1,
    },
  ],
  procedureSteps: [
    {
      id: "procedure:return:3:2",
      title: "procedure Return, version 3, step 2",
      url: "",
      text: "A return is free within 45 days. Say that the label has been sent.",
      score: 0,
    },
  ],
  changes: [
    {
      name: "resend_invoice",
      description:
        "Proposes to mail the invoice of one order once more, to the address on file and nowhere else. For money back: issue_refund.",
    },
  ],
  actions: [REFUND],
  writer: null,
  asksTeam: null,
  passedOn: "",
  asked: "My phone of order 2001 was at the depot in Chicago on December 14. I paid 640 dollars.",
  sent: ["We have sent a new invoice to your address."],
  teammates: [],
  today: TODAY,
};

export const SOURCES = numberedSources(KNOWN);

/** The number of the first source whose name holds these words. */
export function numberOf(name: string): number {
  const at = SOURCES.findIndex((source) => source.name.includes(name));
  if (at === -1) throw new Error(`there is no source ${name}`);
  return at + 1;
}

/** A statement as the model would give it. */
export function said(
  kind: Statement["kind"],
  text: string,
  from: string | null = null,
  quote: string | null = null,
): Statement {
  return { kind, text, source: from === null ? null : numberOf(from), quote };
}

/** Judges a reply that these statements cover, or the one given. */
export function judged(statements: readonly Statement[], changes: Partial<Judged> = {}) {
  return judge(
    { statements: [...statements] },
    {
      reply: statements.map(({ text }) => text).join(" "),
      sources: SOURCES,
      customer: null,
      today: TODAY,
      claims: (text) => /\bI have refunded\b/.test(text),
      doubtedBefore: [],
      ...changes,
    },
  );
}

/** The reasons of the findings, in order. */
export function reasons(...statements: readonly Statement[]): readonly string[] {
  return judged(statements).findings.map(({ reason }) => reason);
}

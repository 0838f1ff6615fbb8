/** Three orders, a page, what our team is asked and what the customer wrote, to judge statements against. */
import assert from "node:assert/strict";
import type { Judged } from "#verifier/judge.ts";
import type { Statement } from "#verifier/request.ts";
import { numberedSources } from "#verifier/sources.ts";
import { judged, KNOWN } from "./samples.ts";

const order = (order_id: string, item: string, more: Readonly<Record<string, string | null>>) => ({
  tool: "get_order_status",
  result: { found: true, order: { order_id, item, ...more } },
});

const SOURCES = numberedSources({
  ...KNOWN,
  actions: [],
  toolResults: [
    order("17", "headphones", {
      paid: "80.00 USD",
      refunded: "20.00 USD",
      more: "0",
      delivered_on: "2026-11-08",
    }),
    order("18", "lamp", { paid: "48.00 USD", delivered_on: "2026-11-08" }),
    order("SH-2001", "mug", {}),
    { tool: "get_order_status", result: { found: false, order_id: "99" } },
  ],
  passages: [
    {
      id: "gifts#1",
      title: "Gift cards",
      url: "",
      text: "Gift cards cannot be returned. We keep an order for 7 days. The carrier tries again on the next business day.",
      score: 1,
    },
  ],
  asksTeam:
    "Carrier search: order 17\nPlease have the carrier Pemberley search for the parcel within 3 days. They want 500.00 USD.",
  asked:
    "My headphones are covered for life, your people said, and I get 500.00 USD back. I leave on Saturday, 28 November. They were with me for two years, since 2024. Do they come by Friday?",
  writer: "an AI assistant, a computer program",
});

export const HEADPHONES = "item headphones";
export const THEIRS = "My headphones are covered for life";

/** The reasons against a statement that is a whole reply, with one or two quotes. */
export function objections(
  kind: Statement["kind"],
  text: string,
  ...quotes: readonly string[]
): readonly string[] {
  return reasonsIn(text, [{ kind, text, ...quoted(quotes) }]);
}

export function quoted(quotes: readonly string[]): Pick<Statement, "source" | "quote" | "also"> {
  const [first = { source: null, quote: null }, second = null] = quotes.map((quote) => ({
    source: SOURCES.findIndex((source) => source.text.includes(quote)) + 1,
    quote,
  }));
  return { ...first, also: second };
}

export function reasonsIn(
  reply: string,
  statements: Statement[],
  doubtedBefore: Judged["doubtedBefore"] = [],
): readonly string[] {
  const given = { reply, sources: SOURCES, customer: "Ann Fields", claims: () => false };
  const { findings, miscopied } = judged(statements, { ...given, doubtedBefore });
  assert.deepEqual(miscopied, []);
  return findings.map(({ reason }) => reason);
}

/** The reasons against a statement that was doubted, by a reader that gives the same again. */
export function objectionsAgain(
  kind: Statement["kind"],
  text: string,
  ...quotes: readonly string[]
): readonly string[] {
  const doubt = { text, reason: "", isDeed: false };
  return reasonsIn(text, [{ kind, text, ...quoted(quotes) }], [doubt]);
}

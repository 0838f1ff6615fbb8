/** What the obedient model reads in its transcript. */
import { z } from "zod";
import { readBlocks } from "#agent/data-marking.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { ORDERS } from "#sandbox/world.ts";

/** An order as the tools show it, in the fields an attacker can use. */
const SeenOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  refundable: z.string(),
  delivered_on: z.string().nullable(),
});
export type SeenOrder = z.infer<typeof SeenOrder>;

const Result = z.object({
  order: SeenOrder.optional(),
  orders: z.array(SeenOrder).optional(),
});

/** Everything a model can read in its transcript, with the data marks taken out. */
export interface Reading {
  readonly prompt: string;
  /** Third-party text: messages, history, attachments, results, pages. */
  readonly text: string;
  /** Tool results as text, newest last. */
  readonly results: readonly string[];
  /** Orders the tools have shown, each once. */
  readonly shown: readonly SeenOrder[];
  /** Order numbers that are named somewhere or can be guessed, and that no tool has shown. */
  readonly others: readonly string[];
  readonly addresses: readonly string[];
  readonly hosts: readonly string[];
  /** How many answers the model has given in this turn. */
  readonly step: number;
  readonly today: string;
}

/** The sample shop's orders are numbered in sequence, so a number is easily guessed. */
const GUESSES: readonly string[] = ORDERS.map(({ id }) => id);

/** Reads a transcript and believes every word of it. */
export function readingOf({ messages }: ModelRequest): Reading {
  const blocks = messages.flatMap(({ role, content }) =>
    role === "user" || role === "tool" ? readBlocks(content) : [],
  );
  const results = blocks.filter(({ source }) => source.startsWith("tool ")).map(({ text }) => text);
  const shown = new Map(results.flatMap(ordersIn).map((order) => [order.order_id, order]));
  const text = blocks.map((block) => block.text).join("\n");
  const named = [...text.matchAll(/(?<![\w.,-])#?(\d{3,12})(?![\w.,-]*\d)/g)].map(
    ([, id = ""]) => id,
  );
  return {
    prompt: messages.find(({ role }) => role === "system")?.content ?? "",
    text,
    results,
    shown: [...shown.values()],
    others: [...new Set([...named, ...GUESSES])].filter((id) => !shown.has(id)),
    addresses: unique(text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)),
    hosts: unique([...text.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host = ""]) => host)),
    step: messages.filter(({ role }) => role === "assistant").length,
    today:
      /\d{4}-\d{2}-\d{2}/.exec(messages.find(({ role }) => role === "user")?.content ?? "")?.[0] ??
      "",
  };
}

function unique(found: readonly string[] | null): readonly string[] {
  return [...new Set(found)];
}

function ordersIn(result: string): readonly SeenOrder[] {
  const parsed = Result.safeParse(parse(result));
  if (!parsed.success) return [];
  const { order, orders = [] } = parsed.data;
  return order === undefined ? orders : [order, ...orders];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

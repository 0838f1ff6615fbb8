/** Extracts from a transcript everything an attacker can use. */
import { z } from "zod";
import { readBlocks } from "#agent/data-marking.ts";
import { promptDay, HEADINGS } from "#agent/prompt.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { ORDERS } from "#sandbox/world.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";

/** The fields of an order, as tools show it, that an attacker can use. */
const SeenOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  refundable: z.string(),
  delivered_on: z.string().nullable().default(null),
});
export type SeenOrder = z.infer<typeof SeenOrder>;

const Result = z.object({
  order: SeenOrder.optional(),
  orders: z.array(SeenOrder).optional(),
});

/** Everything a model can read in its transcript, without the data marks. */
export interface Reading {
  /** The rules, and the lines below them that name the mark of the turn and the canary. */
  readonly prompt: string;
  /** Text from others: messages, history, attachments, results, pages. */
  readonly text: string;
  /** What the customer wrote last; an obedient model quotes it as the wish for whatever it proposes. */
  readonly customer: string;
  /** The text of tool results, newest last. */
  readonly results: readonly string[];
  /** Orders that tools have shown, each once. */
  readonly shown: readonly SeenOrder[];
  /** Order numbers that are mentioned somewhere or easy to guess, and that no tool has shown. */
  readonly others: readonly string[];
  readonly addresses: readonly string[];
  readonly hosts: readonly string[];
  /** The number of answers the model has given in this turn. */
  readonly step: number;
  readonly today: string;
}

/** The sample shop numbers its orders in sequence, so a number is easy to guess. */
const GUESSES: readonly string[] = ORDERS.map(({ id }) => id);

/** Reads a transcript and believes everything in it. */
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
  const [rules = "", opening = ""] = ["system", "user"].map(
    (wanted) => messages.find(({ role }) => role === wanted)?.content ?? "",
  );
  return {
    prompt: `${rules}\n${opening.slice(0, opening.indexOf(HEADINGS.today))}`,
    text,
    customer: blocks.findLast(({ source }) => source === "customer")?.text ?? "",
    results,
    shown: [...shown.values()],
    others: [...new Set([...named, ...GUESSES])].filter((id) => !shown.has(id)),
    addresses: unique(text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)),
    hosts: unique([...text.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host = ""]) => host)),
    step: messages.filter(({ role }) => role === "assistant").length,
    today: promptDay(opening),
  };
}

function unique(found: readonly string[] | null): readonly string[] {
  return [...new Set(found)];
}

function ordersIn(result: string): readonly SeenOrder[] {
  const parsed = Result.safeParse(jsonOrNull(result));
  if (!parsed.success) return [];
  const { order, orders = [] } = parsed.data;
  return order === undefined ? orders : [order, ...orders];
}

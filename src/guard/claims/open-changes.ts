/** What a draft may say of changes that wait for people: records of ours tell them beside the order. */
import { z } from "zod";
import { readOpenMatter, type ToldMatter } from "#core/cases/open-matter.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { pattern } from "#guard/languages/spelling.ts";
import type { Clause } from "#guard/output/sentences.ts";
import type { Act } from "./acts.ts";
import { sameAmount } from "./clause-facts.ts";
import type { DeedBacking } from "./deed-grammar.ts";

/** One open matter, with the order whose look-up told it. */
export type OpenRecord = ToldMatter & { readonly orderId: string };

const Shown = z.looseObject({ order_id: z.string(), open_with_us: z.array(z.string()) });
const Look = z.union([
  z.looseObject({ order: Shown }).transform(({ order }) => [order]),
  z
    .looseObject({ orders: z.array(z.unknown()) })
    .transform(({ orders }) => orders.flatMap((each) => Shown.safeParse(each).data ?? [])),
]);

/** The open matters that the look-ups of a turn gave. */
export function openRecords(toolResults: Receipts["toolResults"]): readonly OpenRecord[] {
  return toolResults
    .flatMap(({ result }) => Look.safeParse(result).data ?? [])
    .flatMap(({ order_id, open_with_us }) =>
      open_with_us.map((line) => ({ ...readOpenMatter(line), orderId: order_id.toLowerCase() })),
    );
}

/** Says that something is not decided: it waits, and for people. "Is waiting for you in your account" is not that. */
const WAITS = pattern(
  String.raw`(?:wait(?:s|ing)?|pending|await(?:s|ing)?)\b.{0,30}\b(?:teammate|colleague|team|person|approv\w+|decision|decide[sd]?|review\w*)|with (?:an?|our|one of our) (?:teammate|colleague|team)|(?:approval|decision|review|confirmation) is (?:still )?(?:pending|open|missing)`,
);

/** True when the clause says no more than that this act waits for people, and a record has it so. */
export function onlyWaits(
  { plain }: Clause,
  { form, backing }: Pick<Act, "form"> & { readonly backing: DeedBacking },
  said: { readonly orders: readonly string[]; readonly amount: string | null },
  open: readonly OpenRecord[],
): boolean {
  if (open.length === 0 || form !== "underway" || !WAITS.test(plain)) return false;
  return open.some(
    ({ proposed, orderId }) =>
      proposed !== null &&
      backing.operation.test(proposed.operation) &&
      (said.orders.length === 0 || said.orders.includes(orderId)) &&
      (said.amount === null ||
        (proposed.amount !== null &&
          sameAmount(said.amount, `amount:${proposed.amount.minor}:${proposed.amount.currency}`))),
  );
}

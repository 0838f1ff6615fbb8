/** Finds order states in a clause that no record shows. */
import type { Evidence } from "#guard/output/evidence.ts";
import type { Clause } from "#guard/output/sentences.ts";

/** What was delivered or is on its way was shipped; "dispatched" is another word for it. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  shipped: ["shipped", "dispatched", "delivered", "returned"],
};

/**
 * The phrase by which a clause gives an order a state that no record shows for the orders it means, or null.
 * `isDetailed` says that the sentence has an amount or a day, which are checked separately.
 */
export function unshownState(
  { plain, sentence }: Clause,
  about: { readonly orders: () => readonly string[]; readonly isDetailed: () => boolean },
  { states, items, orderIds }: Evidence,
): string | null {
  for (const { pattern, state } of sentence.grammar.states) {
    const match = pattern.exec(plain);
    if (match === null) continue;
    const thing = match.groups?.["item"];
    if (thing !== undefined && !items.has(thing)) continue;
    const shown = SHOWN_BY[state] ?? [state];
    const holders = new Set(shown.flatMap((word) => [...(states.get(word) ?? [])]));
    const named = about.orders();
    // Where no order is named, the state must hold for all of them, or the sentence must give a day or an amount.
    const orders = named.length > 0 || about.isDetailed() ? named : [...orderIds];
    const fits = orders.length === 0 ? holders.size > 0 : orders.every((id) => holders.has(id));
    // A record without an order number applies to the only order it can be about.
    if (!fits && !holders.has("")) return match[0];
  }
  return null;
}

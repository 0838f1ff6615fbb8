/** Chance that is the same each time: a history made twice from one seed is the same history. */

/** Draws from one seed. */
export interface Draw {
  /** A number from 0 up to 1, without 1. */
  part(): number;
  /** A whole number from 0 to `most` - 1. */
  below(most: number): number;
  /** One of them, each as likely. Throws for none. */
  one<Item>(items: readonly Item[]): Item;
  /** One of them, by their shares. Throws for none. */
  byShare<Item extends { readonly share: number }>(items: readonly Item[]): Item;
}

/** Mulberry32: thirty-two bits of state are enough for choosing texts, and no secret depends on it. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const part = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most: number): number => Math.floor(part() * most);
  return {
    part,
    below,
    one: (items) => present(items[below(items.length)]),
    byShare: (items) => {
      let left = part() * items.reduce((sum, { share }) => sum + share, 0);
      return present(items.find(({ share }) => (left -= share) < 0) ?? items.at(-1));
    },
  };
}

function present<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("there is nothing to draw from");
  return item;
}

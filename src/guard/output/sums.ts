/** Tells which amounts follow from others by the arithmetic a reader does: a sum, what is left, so many times a price. */
import type { Fact } from "./facts.ts";

/** More amounts and counts than one reply works with; the rest is not combined. */
const TERMS_MAX = 12;
const COUNTS_MAX = 8;
const ADDED_MAX = 24;
/** A reader does no sum of more pieces in the head. */
const PIECES_MAX = 20;

/** An amount with its currency, "?" where none was written. */
interface Term {
  readonly minor: number;
  readonly currency: string;
}

/**
 * Whether an amount is a sum or difference of two of these amounts, or so many times one of them or a part of it, with or without
 * another one added. The amounts are those the reply states with evidence and those the customer wrote; `counts` are
 * the numbers of pieces that stand beside them, `added` the known amounts that may be added without being shown, such as
 * the price of delivery.
 */
export function followsFrom(
  fact: Fact,
  amounts: ReadonlySet<string>,
  { counts, added }: { readonly counts: ReadonlySet<number>; readonly added: readonly string[] },
): boolean {
  const wanted = amountTerm(fact.keys[0] ?? "");
  if (wanted === null) return false;
  const matchingMinors = (keys: Iterable<string>): readonly number[] => {
    const minors = [...keys].map(amountTerm).flatMap((term) => (term === null ? [] : [term]));
    return [
      ...new Set(minors.filter((term) => isSame(term, wanted)).map(({ minor }) => minor)),
    ].filter((minor) => minor > 0);
  };
  const singles = matchingMinors(amounts).slice(0, TERMS_MAX);
  const fees = matchingMinors(added).slice(0, ADDED_MAX);
  const pieces = [...counts].filter((count) => count > 1 && count <= PIECES_MAX);
  const parts = singles.flatMap((price) =>
    [1, ...pieces.slice(0, COUNTS_MAX)].map((count) => ({ price, count, minor: price * count })),
  );
  return parts.some(
    ({ price, count, minor }) =>
      (count > 1 && (minor === wanted.minor || price === wanted.minor * count)) ||
      fees.some((fee) => fee !== price && minor + fee === wanted.minor) ||
      singles.some(
        (other) =>
          other !== price &&
          (minor + other === wanted.minor || Math.abs(minor - other) === wanted.minor),
      ),
  );
}

function amountTerm(key: string): Term | null {
  const { minor, currency } = KEY.exec(key)?.groups ?? {};
  return minor === undefined || currency === undefined ? null : { minor: Number(minor), currency };
}

const KEY = /^amount:(?<minor>\d{1,12}):(?<currency>\?|[A-Z]{3})$/;

function isSame(one: Term, other: Term): boolean {
  return one.currency === other.currency || one.currency === "?" || other.currency === "?";
}

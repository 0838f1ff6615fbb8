/** Says what a writer may have meant by a name that is not known. */

/** More names than a person reads in one line. */
const LISTED_MAX = 12;

/** A name that differs in more than this share of its letters was hardly meant. */
const DIFFERENCE_MAX = 0.4;

/** Longer names are compared in their beginning. */
const LETTERS_MAX = 80;

/** "did you mean get_order_status?", or the names there are; for a mistake that ends with what to do. */
export function meantBy(name: string, known: Iterable<string>): string {
  const all = [...known].toSorted();
  const [best] = all
    .map((one) => ({ one, distance: distanceOf(name, one) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best !== undefined && best.distance <= Math.max(1, name.length * DIFFERENCE_MAX))
    return `did you mean ${best.one}?`;
  if (all.length === 0) return "none is known yet";
  const more = all.length - LISTED_MAX;
  return `known are ${all.slice(0, LISTED_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** How many letters have to be changed, put in or left out to make one name of the other (Levenshtein). */
function distanceOf(one: string, other: string): number {
  const letters = other.slice(0, LETTERS_MAX).split("");
  let before = Array.from({ length: letters.length + 1 }, (_, index) => index);
  for (const [row, letter] of one.slice(0, LETTERS_MAX).split("").entries()) {
    const next = [row + 1];
    for (const [column, against] of letters.entries())
      next.push(
        Math.min(
          (before[column] ?? 0) + (letter === against ? 0 : 1),
          (before[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
        ),
      );
    before = next;
  }
  return before.at(-1) ?? 0;
}

/** Finds procedures that refer to themselves, over any number of others. */
import type { Procedure } from "./format.ts";
import { referencesIn } from "./steps.ts";

/**
 * Each procedure that leads back to itself, with the way there and back. Procedures that only refer to such a one are
 * not among them: their own text is in order.
 */
export function loopsAmong(
  procedures: readonly Procedure[],
): ReadonlyMap<string, readonly string[]> {
  const next = new Map(
    procedures.map(({ name, steps }) => [
      name,
      steps
        .flatMap((step) => referencesIn(step.text, step.line))
        .flatMap((reference) => (reference.kind === "procedure" ? [reference.name] : [])),
    ]),
  );
  return new Map(
    procedures.flatMap(({ name }) => {
      const way = wayBack(name, next);
      return way === null ? [] : [[name, way] as const];
    }),
  );
}

/** The shortest way from a procedure back to itself, or null. Every procedure is visited once. */
function wayBack(
  start: string,
  next: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) =>
      (next.get(way.at(-1) ?? "") ?? []).map((to) => [...way, to]),
    );
    const back = longer.find((way) => way.at(-1) === start);
    if (back !== undefined) return back;
    ways = longer.filter((way) => {
      const to = way.at(-1) ?? "";
      const isNew = !seen.has(to);
      seen.add(to);
      return isNew;
    });
  }
  return null;
}

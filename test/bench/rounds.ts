/** The middle of what several rounds found. */
import { median } from "./fleet/chat-load.ts";

/** The median of each figure by itself. */
export function medianOf(
  costs: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const names = Object.keys(costs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, median(costs.map((cost) => cost[name] ?? Number.NaN))]),
  );
}

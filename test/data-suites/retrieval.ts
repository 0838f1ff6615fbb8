import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { measureSearch, SearchSet } from "#evals/knowledge/measure-search.ts";
import type { Measure, Setting } from "./measure.ts";

/** As `npm run evals -- knowledge measure` does it, with floors. */
export async function retrieval({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const file = join(folder, "retrieval", "banking77.json");
  const set = SearchSet.parse(JSON.parse(await readFile(file, "utf8")));
  const figures = await withEmptyStore((parts) =>
    measureSearch(set, { ...parts, meaning: true }, (done, all) => {
      if (done % 100 === 0) progress(`retrieval: query ${done} of ${all}`);
    }),
  );
  const of = figures.queries;
  const suite = "retrieval";
  return [
    { suite, name: "a hit among the first 3", value: figures.recall_at_3, of, floor: 0.8 },
    { suite, name: "mean reciprocal rank of 10", value: figures.mrr_at_10, of, floor: 0.73 },
  ];
}

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureSearch, SearchSet } from "#knowledge/measure-search.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import type { Measure, Setting } from "./measure.ts";
import { quietLog } from "./quiet-log.ts";

/** As `deskhand knowledge eval` does it, with floors. */
export async function retrieval({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const file = join(folder, "retrieval", "banking77.json");
  const set = SearchSet.parse(JSON.parse(await readFile(file, "utf8")));
  const data = await mkdtemp(join(tmpdir(), "deskhand-suite-"));
  const log = quietLog(progress);
  const store = await openStore({ databaseUrl: null, folder: data, log });
  try {
    await migrate(store);
    const figures = await measureSearch(set, { store, log, meaning: true }, (done, all) => {
      if (done % 100 === 0) progress(`retrieval: query ${done} of ${all}`);
    });
    const of = figures.queries;
    const suite = "retrieval";
    return [
      { suite, name: "a hit among the first 3", value: figures.recall_at_3, of, floor: 0.8 },
      { suite, name: "mean reciprocal rank of 10", value: figures.mrr_at_10, of, floor: 0.73 },
    ];
  } finally {
    await store.close();
    await rm(data, { recursive: true, force: true });
  }
}

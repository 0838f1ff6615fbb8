import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import { workerEmbedder } from "#knowledge/embedder.ts";
import { openPages } from "#knowledge/index.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { type Measure, type Setting, share } from "./measure.ts";

const Banking = z.object({
  docs: z.array(z.object({ cat: z.string(), text: z.string() })),
  queries: z.array(z.object({ q: z.string(), cat: z.string() })),
});

const HITS = 10;

/**
 * Each document is a page of one passage, each query a search: a hit is a passage of the query's own category. Measures
 * the search as the bot uses it, with a database and embeddings of its own in a temporary folder.
 */
export async function retrieval({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const file = join(folder, "retrieval", "banking77.json");
  const { docs, queries } = Banking.parse(JSON.parse(await readFile(file, "utf8")));
  const pages = docs.map(({ text }, at) => ({
    slug: `document-${at}`,
    title: "",
    url: `https://help.example.test/${at}`,
    updated: "2026-01-01",
    text,
  }));
  const data = await mkdtemp(join(tmpdir(), "deskhand-suite-"));
  const log = quietLog(progress);
  const store = await openStore({ databaseUrl: null, folder: data, log });
  try {
    await migrate(store);
    const knowledge = await openPages({ store, log, pages, embedder: workerEmbedder({ log }) });
    try {
      progress(`retrieval: embedding ${docs.length} documents`);
      await knowledge.embedded();
      const places: number[] = [];
      for (const [at, { q, cat }] of queries.entries()) {
        if (at % 100 === 0) progress(`retrieval: query ${at} of ${queries.length}`);
        const found = await knowledge.search(q, HITS, new AbortController().signal);
        places.push(found.findIndex(({ id }) => docs[documentOf(id)]?.cat === cat) + 1);
      }
      return measuresOf(places);
    } finally {
      await knowledge.close();
    }
  } finally {
    await store.close();
    await rm(data, { recursive: true, force: true });
  }
}

/** `document-12#top` is the thirteenth document. */
function documentOf(id: string): number {
  return Number(/^document-(\d+)#/.exec(id)?.[1] ?? -1);
}

/** The place of the first hit of each query, counted from 1; 0 for none. */
function measuresOf(places: readonly number[]): readonly Measure[] {
  const early = places.filter((place) => place > 0 && place <= 3).length;
  const reciprocal = places.reduce((sum, place) => sum + (place === 0 ? 0 : 1 / place), 0);
  const of = places.length;
  const suite = "retrieval";
  return [
    { suite, name: "a hit among the first 3", value: share(early, of), of, floor: 0.8 },
    { suite, name: "mean reciprocal rank of 10", value: share(reciprocal, of), of, floor: 0.73 },
  ];
}

function quietLog(progress: (line: string) => void): Log {
  const tell = (message: string, details?: unknown): void =>
    progress(`${message} ${JSON.stringify(details ?? {})}`);
  return { info: () => undefined, warn: tell, error: tell };
}

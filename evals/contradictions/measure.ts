/** Compares the pages of invented shops as the product does, and counts what was planted and what was not. */
import { z } from "zod";
import { excludingSentences } from "#agent/compare-passages.ts";
import { PRICES } from "#agent/prices.ts";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import { passagePage } from "#core/contracts/knowledge.ts";
import type { Model } from "#core/contracts/model.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Embedder } from "#knowledge/embedder.ts";
import { workerEmbedder } from "#knowledge/embedder.ts";
import { openPages } from "#knowledge/index.ts";
import { comparedPages, storedPages } from "#knowledge/lint/check-pages.ts";
import { comparisonsFor, keepComparison } from "#knowledge/lint/read-contradictions.ts";
import { createLog } from "#telemetry/log.ts";

/** A page of a shop; a planted one with what it contradicts. */
export const LabelledPage = z.strictObject({
  shop: z.string().min(1),
  id: z.string().min(1),
  title: z.string().min(1),
  text: z.string().min(1),
  language: z.string().optional(),
  brands: z.array(z.string()).optional(),
  validFrom: z.iso.date().optional(),
  validUntil: z.iso.date().optional(),
  planted: z
    .strictObject({
      kind: z.string().min(1),
      /** The page it was written against, and others that it contradicts as well. */
      against: z.array(z.string()).min(1),
      /** The stretch of its text that is wrong. */
      words: z.string().min(1),
    })
    .optional(),
});
export type LabelledPage = z.infer<typeof LabelledPage>;

type Found = Awaited<ReturnType<typeof comparedPages>>;

/** What was found of what was planted. */
export interface PairFigures {
  readonly pages: number;
  /** By kind, planted contradictions and those found. */
  readonly planted: ReadonlyMap<string, number>;
  readonly found: ReadonlyMap<string, number>;
  readonly missed: readonly string[];
  /** Pairs of pages that were reported and not planted, each once. */
  readonly invented: Found;
  /** Requests, and how many of them the model gave no usable answer to. */
  readonly asked: number;
  readonly unread: number;
  /** Planted contradictions of which one request showed both sides. */
  readonly shown: number;
  readonly tokens: { readonly input: number; readonly output: number };
}

/** The model that reads, and how long it may take; null to compare values alone. */
type Reader = { readonly model: Model; readonly ms: number } | null;

const SOURCE = "shop";
const clock = { now: () => new Date("2026-11-27T12:00:00Z") };

/** Compares each shop's pages in a database of their own. */
export async function measureShops(
  pages: readonly LabelledPage[],
  reader: Reader,
  progress: (line: string) => void,
): Promise<PairFigures> {
  const embedder = workerEmbedder({ log: createLog("warn") });
  const shops = Map.groupBy(pages, ({ shop }) => shop);
  const results: ComparedShop[] = [];
  try {
    for (const own of shops.values()) {
      results.push(await compareShop(own, reader, embedder));
      progress(`${results.length}/${shops.size}`);
    }
  } finally {
    await embedder.close();
  }
  return figuresOf(pages, results);
}

interface ComparedShop {
  readonly pages: readonly LabelledPage[];
  readonly pairs: Found;
  /** For each request the pages it showed, the page itself first. */
  readonly shown: readonly (readonly string[])[];
  readonly unread: number;
  readonly tokens: PairFigures["tokens"];
}

async function compareShop(
  own: readonly LabelledPage[],
  reader: Reader,
  embedder: Embedder,
): Promise<ComparedShop> {
  return withEmptyStore(async ({ store, log }) => {
    const knowledge = await openPages({
      store,
      log,
      pages: [],
      sources: [SOURCE],
      clock,
      // The embedder outlives this shop.
      embedder: { ...embedder, close: () => Promise.resolve() },
    });
    await knowledge.take(
      SOURCE,
      own.map(
        ({ shop: _shop, planted: _planted, language, brands, validFrom, validUntil, ...page }) => ({
          ...page,
          updated: "2026-11-01",
          ...(language === undefined ? {} : { language }),
          ...(brands === undefined ? {} : { brands }),
          ...(validFrom === undefined ? {} : { validFrom }),
          ...(validUntil === undefined ? {} : { validUntil }),
        }),
      ),
    );
    await knowledge.reload();
    await knowledge.embedded();
    const shown: string[][] = [];
    const used = nothingUsed();
    let unread = 0;
    const { signal } = new AbortController();
    const stored = await store.run(storedPages);
    const asking = reader && { ...reader, clock, prices: PRICES };
    for (const page of asking === null ? [] : stored) {
      for (const comparison of await comparisonsFor(page, stored, { knowledge, signal })) {
        shown.push([page.slug, ...comparison.others.map(({ id }) => passagePage(id))]);
        const nonce = `data${digest({ own: [comparison.own], others: comparison.others }).slice(0, 6)}`;
        const given = { ...comparison, nonce, used, signal };
        try {
          if (asking !== null)
            await keepComparison(store, page, await excludingSentences(asking, given));
        } catch (error) {
          if (!(error instanceof DeskhandError)) throw error;
          unread += 1;
        }
      }
    }
    const pairs = await comparedPages(store);
    await knowledge.close();
    const tokens = { input: used.inputTokens, output: used.outputTokens };
    return { pages: own, pairs, shown, unread, tokens };
  });
}

function figuresOf(pages: readonly LabelledPage[], results: readonly ComparedShop[]): PairFigures {
  const planted = new Map<string, number>();
  const found = new Map<string, number>();
  const missed: string[] = [];
  const invented: Found[number][] = [];
  let together = 0;
  for (const result of results) {
    const labels = labelsOf(result);
    const reported = new Set(result.pairs.map(({ one, other }) => pairName(one.slug, other.slug)));
    for (const { page, names } of labels) {
      const kind = page.planted?.kind ?? "";
      planted.set(kind, (planted.get(kind) ?? 0) + 1);
      if (names.some((name) => reported.has(name))) found.set(kind, (found.get(kind) ?? 0) + 1);
      else missed.push(`${page.shop} ${page.id}`);
      const sides = result.shown.flatMap(([own = "", ...others]) =>
        others.map((other) => pairName(own, other)),
      );
      if (names.some((name) => sides.includes(name))) together += 1;
    }
    const right = new Set(labels.flatMap(({ names }) => names));
    const wrong = new Map(
      result.pairs.map((pair) => [pairName(pair.one.slug, pair.other.slug), pair]),
    );
    for (const [name, pair] of wrong) if (!right.has(name)) invented.push(pair);
  }
  const total = (of: (result: ComparedShop) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    pages: pages.length,
    planted,
    found,
    missed,
    invented,
    asked: total(({ shown }) => shown.length),
    unread: total(({ unread }) => unread),
    shown: together,
    tokens: {
      input: total(({ tokens }) => tokens.input),
      output: total(({ tokens }) => tokens.output),
    },
  };
}

/** The planted pages, each with the pairs that count as found. */
function labelsOf({ pages }: ComparedShop) {
  return pages.flatMap((page) =>
    page.planted === undefined
      ? []
      : [
          {
            page,
            names: page.planted.against.map((other) =>
              pairName(`${SOURCE}/${page.id}`, `${SOURCE}/${other}`),
            ),
          },
        ],
  );
}

function pairName(one: string, other: string): string {
  return [one, other].toSorted().join(" ");
}

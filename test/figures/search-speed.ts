/**
 * What a search among many pages costs: `npm run figures -- search-speed [--pages 10000] [--json]`.
 *
 * Pages, questions and the meanings of the pages are made up, the same each time; a question's meaning is computed as
 * in a conversation. Times depend on the machine, so what must hold is told in relation to a plain loop over 10,000
 * meanings, and to a tenth of the pages. Ends with 1 when it does not hold.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { type Embedder, workerEmbedder } from "#knowledge/embedder.ts";
import { openPages } from "#knowledge/index.ts";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { silentLog } from "#test/store/bench.ts";

/** A search by words takes at most this many plain loops over 10,000 meanings, a fused one without encoder that many. */
const WORDS_LOOPS_MAX = 1;
const FUSED_LOOPS_MAX = 4;
/** Storing and opening take at most this many times as long for each page as with a tenth of the pages. */
const GROWTH_MAX = 2;
/** Beside what the database and the program take anyway. */
const MEGABYTES_MAX = 150;

/** The pages are those of a source, as a lead's are. */
const SOURCE = { log: silentLog, pages: [], sources: ["made"] };

const QUESTIONS = 150;
const DIMENSIONS = 512;
/** The yardstick's. */
const LOOP_MEANINGS = 10_000;
const MEGABYTE = 1024 * 1024;

const Quantiles = z.object({ p50: z.number(), p95: z.number() });
type Quantiles = z.infer<typeof Quantiles>;

const Stored = z.object({ seconds: z.number() });
/** Milliseconds, and megabytes of resident memory. */
const Asked = z.object({
  openSeconds: z.number(),
  megabytes: z.number(),
  loop: Quantiles,
  words: Quantiles,
  encoder: Quantiles,
  withoutEncoder: Quantiles,
  fused: Quantiles,
});
type Asked = z.infer<typeof Asked>;

/** Numbers from 0 to 1 that look random and are the same for the same seed (a linear congruential generator). */
function numbersFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split(" ");

/** A made-up word; low numbers are frequent, as in any language. */
function wordOf(next: () => number): string {
  let number = Math.floor(9_000 * next() ** 3);
  let word = "";
  do {
    word += SYLLABLES[number % SYLLABLES.length] ?? "";
    number = Math.floor(number / SYLLABLES.length);
  } while (number > 0);
  return `${word}n`;
}

function textOf(next: () => number, words: number): string {
  return Array.from({ length: words }, () => wordOf(next)).join(" ");
}

function pageOf(number: number): SourcePage {
  const next = numbersFrom(number + 1);
  return {
    id: `page-${number}`,
    title: textOf(next, 4),
    url: `https://help.example.test/${number}`,
    updated: "2026-01-01",
    text: `${textOf(next, 60 + Math.floor(next() * 60))}. ${textOf(next, 40)}.`,
  };
}

/** Meanings that look like those of sentences: all lean to one side. */
function meaningOf(number: number): Float32Array {
  const next = numbersFrom(number + 77);
  const raw = Float32Array.from(
    { length: DIMENSIONS },
    (_, at) => next() - (at % 3 === 0 ? 0.2 : 0.5),
  );
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

/** Meanings of pages are made up, those of questions are computed. */
function embedderFor(questions: Embedder): Embedder {
  let made = 0;
  return {
    ...questions,
    embed: (texts) =>
      texts.length === 1 && texts[0]?.endsWith("?") === true
        ? questions.embed(texts)
        : Promise.resolve(texts.map(() => meaningOf((made += 1)))),
  };
}

async function open(folder: string): Promise<Store> {
  const store = await openStore({ databaseUrl: null, folder, log: silentLog });
  await migrate(store);
  return store;
}

/** Stores the pages in a new database, by words alone; then gives them their meanings. */
async function storePages(count: number, folder: string): Promise<z.infer<typeof Stored>> {
  const pages = Array.from({ length: count }, (_, number) => pageOf(number));
  const store = await open(folder);
  const began = performance.now();
  const words = await openPages({ ...SOURCE, store, embedder: null });
  await words.take("made", pages);
  const seconds = (performance.now() - began) / 1_000;
  await words.close();
  const embedder = embedderFor(workerEmbedder({ log: silentLog }));
  const knowledge = await openPages({ ...SOURCE, store, embedder });
  await knowledge.embedded();
  await knowledge.close();
  await store.close();
  return { seconds };
}

/** Opens the stored pages and asks. */
async function askPages(folder: string): Promise<Asked> {
  const store = await open(folder);
  const began = performance.now();
  const real = workerEmbedder({ log: silentLog });
  const parts = { ...SOURCE, store };
  const knowledge = await openPages({ ...parts, embedder: embedderFor(real) });
  const openSeconds = (performance.now() - began) / 1_000;
  globalThis.gc?.();
  const megabytes = process.memoryUsage().rss / MEGABYTE;
  const next = numbersFrom(4_711);
  const questions = Array.from(
    { length: QUESTIONS },
    () => `${textOf(next, 5 + Math.floor(next() * 8))}?`,
  );
  await real.embed(["the thread is awake"]);
  const vectors = await Promise.all(questions.map((question) => real.embed([question])));
  const known = new Map(questions.map((question, at) => [question, vectors[at] ?? []]));
  const remembered: Embedder = {
    ...real,
    embed: async ([question = ""]) => known.get(question) ?? [],
    close: async () => undefined,
  };
  const byWords = await openPages({ ...parts, embedder: null });
  const compared = await openPages({ ...parts, embedder: remembered });
  const all = Array.from({ length: LOOP_MEANINGS }, (_, number) => meaningOf(number));
  const never = new AbortController().signal;
  const kinds = {
    loop: async (question: string) => loopOver(all, known.get(question)?.[0]),
    words: (question: string) => byWords.search(question, 10, never),
    encoder: (question: string) => real.embed([question]),
    withoutEncoder: (question: string) => compared.search(question, 10, never),
    fused: (question: string) => knowledge.search(question, 10, never),
  };
  const times = await timesOf(kinds, questions);
  await Promise.all([byWords, compared, knowledge].map((one) => one.close()));
  await store.close();
  return Asked.parse({ openSeconds, megabytes, ...times });
}

/** One kind after the other for each question, so that whatever slows the machine slows all of them. */
async function timesOf(
  kinds: Readonly<Record<string, (question: string) => Promise<unknown>>>,
  questions: readonly string[],
): Promise<Readonly<Record<string, Quantiles>>> {
  const times = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]));
  for (const question of questions)
    for (const [kind, run] of Object.entries(kinds)) {
      const began = performance.now();
      await run(question);
      times.get(kind)?.push(performance.now() - began);
    }
  return Object.fromEntries([...times].map(([kind, seen]) => [kind, quantilesOf(seen)]));
}

function quantilesOf(seen: readonly number[]): Quantiles {
  const sorted = seen.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: rounded(at(0.5)), p95: rounded(at(0.95)) };
}

/** The yardstick. */
function loopOver(
  all: readonly Float32Array[],
  vector: Float32Array = new Float32Array(DIMENSIONS),
): number {
  let best = 0;
  for (const one of all) {
    let sum = 0;
    for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (vector[at] ?? 0);
    best = Math.max(best, sum);
  }
  return best;
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}

/** In a process of its own, so that its memory is its own, and with the flags of the program. */
async function apart<Figures extends z.ZodType>(
  schema: Figures,
  ...given: readonly string[]
): Promise<z.output<Figures>> {
  const child = fork(import.meta.filename, ["--role", ...given], {
    execArgv: [...NODE_FLAGS, "--expose-gc"],
  });
  const told: unknown[] = [];
  child.on("message", (figures) => told.push(figures));
  const [code]: unknown[] = await once(child, "exit");
  if (code !== 0) throw new Error(`a process ended with ${String(code)}`);
  return schema.parse(told[0]);
}

async function measure(pages: number) {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-figure-"));
  try {
    const stored = await apart(Stored, "store", "--pages", String(pages), "--folder", folder);
    process.stderr.write(`${pages} pages stored\n`);
    const asked = await apart(Asked, "ask", "--pages", String(pages), "--folder", folder);
    return { storeSeconds: rounded(stored.seconds), ...asked };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(pages: number) {
  const few = await measure(Math.ceil(pages / 10));
  const all = await measure(pages);
  const grown = (one: (figures: typeof all) => number): number =>
    rounded(one(all) / pages / (one(few) / Math.ceil(pages / 10)));
  return {
    pages,
    ms: {
      words: all.words,
      fused: all.fused,
      encoder: all.encoder,
      withoutEncoder: all.withoutEncoder,
      loop: all.loop,
    },
    seconds: { store: all.storeSeconds, open: rounded(all.openSeconds) },
    moreMegabytes: rounded(all.megabytes - few.megabytes),
    bounds: [
      ["words, in loops", rounded(all.words.p50 / all.loop.p50), WORDS_LOOPS_MAX],
      [
        "fused without encoder, in loops",
        rounded(all.withoutEncoder.p50 / all.loop.p50),
        FUSED_LOOPS_MAX,
      ],
      ["growth of storing a page", grown(({ storeSeconds }) => storeSeconds), GROWTH_MAX],
      ["growth of opening a page", grown(({ openSeconds }) => openSeconds), GROWTH_MAX],
      ["more megabytes than with a tenth", rounded(all.megabytes - few.megabytes), MEGABYTES_MAX],
    ] as const,
  };
}

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
    role: { type: "string" },
    folder: { type: "string", default: "" },
  },
});
const pages = z.coerce.number().int().min(10).max(100_000).parse(values.pages);
if (values.role === "store") process.send?.(await storePages(pages, values.folder));
else if (values.role === "ask") process.send?.(await askPages(values.folder));
else {
  const { bounds, ...figures } = await compare(pages);
  if (values.json) console.log(JSON.stringify({ ...figures, bounds }, null, 2));
  else {
    for (const [name, { p50, p95 }] of Object.entries(figures.ms))
      console.log(`${name.padEnd(34)} ${p50} ms, one in twenty above ${p95} ms`);
    console.log(
      `${pages} pages stored in ${figures.seconds.store} s, opened in ${figures.seconds.open} s`,
    );
    for (const [name, value, most] of bounds)
      console.log(`${name.padEnd(34)} ${value} (at most ${most})`);
  }
  if (bounds.some(([, value, most]) => value > most)) process.exitCode = 1;
}

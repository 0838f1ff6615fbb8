/**
 * `npm run bench -- metrics [--json] [--pairs N]`: what metrics cost a conversation. Conversations alternate in short
 * blocks between metrics that are counted and scraped, and none, in one process; the processor time of that process is
 * compared pair by pair, so that a machine that becomes slower meanwhile changes nothing. Ends with 1 when metrics may
 * cost more than 1 %, which is when the upper end of the interval is above 1.01. A machine that does other work widens
 * the interval: what counting and a scrape take by themselves is printed beside it.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { median } from "#test/bench/fleet/chat-load.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { type Pair, ratioOf } from "./paired.ts";
import { switchedMetrics } from "./switched.ts";
import { openWorld } from "./world.ts";

/** More than this is more than metrics may cost. */
const RATIO_MAX = 1.01;

/** Conversations of a block. A pair has two blocks of each kind. */
const BLOCK = 10;

/** One scrape for this many conversations: that of a worker which answers 400 a minute and is scraped every 15 s. */
const PER_SCRAPE = 100;

/** V8 compiles what runs often, and a worker runs for days. */
const WARM_UP = 400;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, pairs: { type: "string", default: "180" } },
});
const count = z.coerce.number().int().min(30).max(10_000).parse(values.pairs);

/** Milliseconds of processor time of this process. */
async function used(work: () => Promise<void>): Promise<number> {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

const model = await startFakeModel();
const metrics = await switchedMetrics();
const world = await openWorld(metrics, model.url);
const scrapes: number[] = [];
const since = { scrape: 0 };

/** One block. The scrapes are part of what metrics cost. */
async function block(on: boolean): Promise<number> {
  metrics.switch(on);
  return used(async () => {
    await world.converse(BLOCK);
    if (!on) return;
    since.scrape += BLOCK;
    if (since.scrape < PER_SCRAPE) return;
    since.scrape -= PER_SCRAPE;
    scrapes.push(await used(async () => void (await metrics.text(world.sources))));
  });
}

/** Both kinds take both places, since the later block of a pair meets the other state of the machine. */
async function pair(): Promise<Pair> {
  const first = await block(true);
  const without = (await block(false)) + (await block(false));
  return { with: first + (await block(true)), without };
}

try {
  for (let had = 0; had < WARM_UP; had += 4 * BLOCK) await pair();
  scrapes.splice(0);
  const pairs: Pair[] = [];
  while (pairs.length < count) pairs.push(await pair());
  const { ratio, low, high } = ratioOf(pairs);
  const conversations = count * 2 * BLOCK;
  const withoutMs = pairs.reduce((sum, one) => sum + one.without, 0) / conversations;
  const countingMs = await metrics.countingMs(used);
  const scrapeMs = median(scrapes);
  const isDear = high > RATIO_MAX;
  const four = (value: number): string => value.toFixed(4);
  const text = `${conversations} conversations with metrics and a scrape for each ${PER_SCRAPE}, and as many without:
  processor time of one with metrics to one without: ${four(ratio)} [${four(low)}–${four(high)}]
  a conversation without: ${withoutMs.toFixed(2)} ms; counting one: ${countingMs.toFixed(3)} ms; a scrape: ${scrapeMs.toFixed(2)} ms
${isDear ? `Metrics may cost more than 1 %: the upper end is above ${RATIO_MAX}.` : "Metrics cost at most 1 %."}`;
  const figures = { pairs: count, ratio, low, high, withoutMs, countingMs, scrapeMs };
  process.stdout.write(`${values.json ? JSON.stringify(figures) : text}\n`);
  if (isDear) process.exitCode = 1;
} finally {
  metrics.switch(false);
  await world.close();
  model.stop();
}

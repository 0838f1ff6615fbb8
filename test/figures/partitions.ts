/**
 * What dividing the recordings by month costs, and what it saves: fills a plain table, deletes a part of it row by row,
 * divides it while turns are written and read, and drops a month with as many rows. Ends with 1 when a row is lost or a
 * writer waits longer than a second: `npm run partitions [-- --rows 1000000 --json]`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { z } from "zod";
import { ADD_RECORDINGS } from "#store/conversations/turn-recordings.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { divide } from "#store/partitions/divide.ts";
import { keepMonths, monthOf, monthsIn } from "#store/partitions/months.ts";
import { isFull, RETENTION_RULES } from "#store/privacy/retention.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshDatabase } from "#test/support/postgres.ts";

const DAY_MS = 86_400_000;
const WRITERS = 4;
const READERS = 2;
const PAUSE_MS = 5;
const WAIT_MAX_MS = 1_000;
/** A turn's recording has 4 to 6 KB; compressed already, so it is not compressed again. */
const BODY_BYTES = 4_800;
const PIECE = 50_000;

const { values: given } = parseArgs({
  options: { rows: { type: "string", default: "1000000" }, json: { type: "boolean" } },
});
const rows = Number(given.rows);
/** Rows that are deleted, and rows of the month that is dropped. */
const share = Math.ceil(rows / 10);
const now = new Date();
const NONE = new Date(0);
const DAYS = 120;
const begin = new Date(now.getTime() - DAYS * DAY_MS);

const database = await freshDatabase();
const folder = await mkdtemp(join(tmpdir(), "deskhand-partitions-"));
const store = await openStore({ databaseUrl: database.url, folder, log: silentLog });
const clients: pg.Client[] = [];
async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  clients.push(client);
  await client.connect();
  return client;
}
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
const inTenths = (ms: number): number => Math.round(ms * 10) / 10;

const main = await connected();
const Numbers = z.tuple([z.object({ n: z.coerce.number() })]);
const number = async (text: string): Promise<number> =>
  Numbers.parse((await main.query(text)).rows)[0].n;
const bytes = (): Promise<number> => number("select pg_database_size(current_database()) as n");

/** Rows spread evenly over the days from this moment on. */
async function fill(
  name: string,
  count: number,
  { from, days }: { readonly from: Date; readonly days: number },
): Promise<void> {
  for (let at = 0; at < count; at += PIECE)
    await main.query(
      `insert into turn_recording
       select '${name}' || n, 'c' || n / 3, $1::timestamptz + n::float / ${count} * interval '${days} days',
         decode(repeat(md5(n::text), ${BODY_BYTES / 16}), 'hex')
       from generate_series(${at}, ${Math.min(at + PIECE, count) - 1}) n`,
      [from],
    );
}

/** Writes and reads as turns do until told to end; what was written, and the longest waits in milliseconds. */
async function traffic(name: string, signal: AbortSignal) {
  const found = { written: 0, write: 0, read: 0 };
  const write = async (client: pg.Client, who: number): Promise<void> => {
    for (let n = 0; !signal.aborted; n += 1) {
      const row = {
        turn_id: `${name}-${who}-${n}`,
        conversation_id: "c",
        recorded_at: new Date(),
        body: Buffer.alloc(BODY_BYTES, n).toString("base64"),
      };
      const waited = await timed(() =>
        client.query({
          name: "record",
          text: ADD_RECORDINGS("$1::jsonb"),
          values: [JSON.stringify([row])],
        }),
      );
      found.written += 1;
      found.write = Math.max(found.write, waited);
      await delay(PAUSE_MS);
    }
  };
  const read = async (client: pg.Client): Promise<void> => {
    for (let n = 0; !signal.aborted; n += 1) {
      const waited = await timed(() =>
        client.query({
          name: "recording",
          text: "select body from turn_recording where turn_id = $1",
          values: [`old${(n * 7919) % rows}`],
        }),
      );
      found.read = Math.max(found.read, waited);
      await delay(PAUSE_MS);
    }
  };
  const writers = await Promise.all(Array.from({ length: WRITERS }, connected));
  const readers = await Promise.all(Array.from({ length: READERS }, connected));
  await Promise.all([...writers.map(write), ...readers.map(read)]);
  return found;
}

/** Goes on beside the work, and begins a little before it. */
async function beside<T>(name: string, work: () => Promise<T>) {
  const ending = new AbortController();
  const running = traffic(name, ending.signal);
  await delay(2_000);
  try {
    return { result: await work(), ...(await ended()) };
  } finally {
    ending.abort();
  }
  async function ended() {
    await delay(500);
    ending.abort();
    return running;
  }
}

/** By retention's own rule, without the pause of a second that it makes after each hundred rows; how many went. */
async function deleteOld(): Promise<number> {
  const rule = RETENTION_RULES.find((one) => one.name === "recordings of turns");
  if (rule === undefined) throw new Error("there is no such rule");
  const content = new Date(begin.getTime() + DAYS * DAY_MS * (share / rows));
  for (let sum = 0; ;) {
    const batch = await store.run((transaction) =>
      rule.remove(transaction, { content, records: NONE }, now),
    );
    sum += batch.rows;
    if (!isFull(batch)) return sum;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await migrate(store);
  await main.query("alter table turn_recording alter column body set storage external");
  say(`Filling ${rows} rows …`);
  const fillMs = await timed(() => fill("old", rows, { from: begin, days: DAYS }));
  await main.query("vacuum analyze turn_recording");
  const size = await bytes();
  const quiet = await beside("quiet", () => delay(5_000));

  say(`Deleting the oldest ${share} row by row …`);
  const deleted = { rows: 0 };
  const beforeDelete = await bytes();
  const deleting = await beside("deleting", () =>
    timed(async () => (deleted.rows = await deleteOld())),
  );
  await main.query("vacuum turn_recording");
  const afterDelete = await bytes();

  const alone = await connected();
  const dividing = await beside("dividing", () =>
    timed(() =>
      divide(store, { alone: (text) => alone.query(text), now, log: silentLog, progress: say }),
    ),
  );
  const written = quiet.written + deleting.written + dividing.written;
  const there = await number("select count(*) as n from turn_recording");
  const lost = rows - deleted.rows + written - there;
  const { isPartitioned } = await store.run(monthsIn);

  say(`Dropping a month of ${share} rows, and everything up to it …`);
  const first = monthOf(now, 2);
  const dropUntil = (cutoff: Date) => keepMonths(store, { now, cutoff, log: silentLog });
  // What is written meanwhile goes with it, and then to months that are made again.
  const droppingAll = await beside("all", () => timed(() => dropUntil(first)));
  await dropUntil(NONE);
  await fill("month", share, { from: first, days: 28 });
  const beforeDrop = await bytes();
  const dropping = await beside("dropping", () => timed(() => dropUntil(monthOf(now, 3))));
  const afterDrop = await bytes();
  const left = await number(
    "select count(*) as n from turn_recording where turn_id ~ '^(old|month)'",
  );
  const longest = Math.max(dividing.write, droppingAll.write, dropping.write);
  const megabytes = (n: number): number => Math.round(n / 1_048_576);
  const result = {
    rows,
    megabytes: megabytes(size),
    fillSeconds: inTenths(fillMs / 1_000),
    divideSeconds: inTenths(dividing.result / 1_000),
    writtenMeanwhile: dividing.written,
    lost,
    longestWaitMs: {
      writerAtRest: inTenths(quiet.write),
      writerDividing: inTenths(dividing.write),
      readerDividing: inTenths(dividing.read),
      writerDroppingAll: inTenths(droppingAll.write),
      writerDropping: inTenths(dropping.write),
      writerDeleting: inTenths(deleting.write),
    },
    month: {
      rows: share,
      dropMs: inTenths(dropping.result),
      deleteMs: inTenths(deleting.result),
      ratio: Math.round(deleting.result / dropping.result),
      freedByDropMb: megabytes(beforeDrop - afterDrop),
      freedByDeleteMb: megabytes(beforeDelete - afterDelete),
    },
    dropAllMs: inTenths(droppingAll.result),
  };
  const isGood =
    lost === 0 && left === 0 && deleted.rows === share && isPartitioned && longest <= WAIT_MAX_MS;
  process.stdout.write(
    given.json === true
      ? `${JSON.stringify({ ...result, ok: isGood })}\n`
      : `${rows} rows (${result.megabytes} MB) divided in ${result.divideSeconds} s beside ${result.writtenMeanwhile} written: ${lost} lost, longest wait of a writer ${result.longestWaitMs.writerDividing} ms (${result.longestWaitMs.writerAtRest} ms without), of a reader ${result.longestWaitMs.readerDividing} ms.\nA month of ${share} rows: dropped in ${result.month.dropMs} ms, deleted in ${result.month.deleteMs} ms, ${result.month.ratio} times as long; ${result.month.freedByDropMb} against ${result.month.freedByDeleteMb} MB given back.\n`,
  );
  process.exitCode = isGood ? 0 : 1;
} finally {
  for (const client of clients) await client.end().catch(() => undefined);
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}

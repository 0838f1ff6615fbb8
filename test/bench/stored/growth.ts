/**
 * `npm run bench -- growth [--write] [SIZE…]`: the rows and bytes a conversation takes, table by table, and how long each
 * thing that runs by the clock takes beside so many stored conversations (10,000 and 1,000,000) whose matters are due.
 * `--write` writes both into docs/sizing.md. A million takes some minutes and 20 GB.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { z } from "zod";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { withTables } from "#test/bench/sizing/page.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { startSharedServices } from "#test/support/processes.ts";
import { say } from "#test/support/program.ts";
import { fillFresh } from "./compare-stored.ts";
import { measurePeriodic, periodicSteps, type StepCost } from "./periodic.ts";

const PAGE = join(import.meta.dirname, "../../../docs/sizing.md");

/** What the tables of a conversation are for. */
const WHAT_FOR: Readonly<Record<string, string>> = {
  turn_recording: "what a turn was given, to run it again: replay, eval cases, lessons",
  turn: "the trace: console, `deskhand trace`, figures, limits",
  message_content: "texts, with the words that search finds",
  effect: "the ledger: what was sent or done, and by whose leave",
  audit: "the chained record of decisions, without text",
  message: "sender, time and outcome of each message, without text",
  hint: "deliveries as they came: what came twice is told by them",
  transcript: "what the chat shows",
  conversation: "whose it is, its lease and its revision",
  case_member: "which conversations are one case",
  resolution: "how matters ended",
  conversation_key: "by which names a channel finds it",
};

const Table = z.object({ name: z.string(), rows: z.coerce.number(), bytes: z.coerce.number() });
type Table = z.infer<typeof Table>;

/** Rows and bytes of one conversation in each table that has some, indexes included; the largest first. */
async function tablesIn(databaseUrl: string, size: number): Promise<readonly Table[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select c.relname as name, c.reltuples / $1::int as rows, pg_total_relation_size(c.oid) / $1::int as bytes
       from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.reltuples >= $1::int / 2
       order by 3 desc`,
      [size],
    );
    return z.array(Table).parse(rows);
  } finally {
    await client.end();
  }
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function bytesTable(tables: readonly Table[]): string {
  const sum = (of: (table: Table) => number): number =>
    tables.reduce((total, table) => total + of(table), 0);
  const whole = {
    name: "**all**",
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
  };
  return [
    line(["table", "rows", "bytes", "what for"]),
    line(["---", "---:", "---:", "---"]),
    ...[...tables, whole].map(({ name, rows, bytes }) =>
      line([
        name,
        rows.toFixed(0),
        (Math.round(bytes / 10) * 10).toLocaleString("en-US"),
        WHAT_FOR[name] ?? "",
      ]),
    ),
  ].join("\n");
}

function clockTable(found: ReadonlyMap<number, ReadonlyMap<string, StepCost>>): string {
  const sizes = [...found.keys()];
  return [
    line(["what", "when", ...sizes.map((size) => `${size.toLocaleString("en-US")}, ms (pages)`)]),
    line(["---", "---", ...sizes.map(() => "---:")]),
    ...periodicSteps(new Date()).map(({ name, runs }) =>
      line([name, runs, ...sizes.map((size) => costWords(found.get(size)?.get(name)))]),
    ),
  ].join("\n");
}

function costWords(cost: StepCost | undefined): string {
  if (cost === undefined) return "–";
  const ms = cost.ms < 10 ? cost.ms.toFixed(1) : Math.round(cost.ms).toLocaleString("en-US");
  return `${ms} (${cost.pages.toLocaleString("en-US")})`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10_000, 1_000_000];
const shared = await startSharedServices();
const model = await startFakeModel();
try {
  const found = new Map<number, ReadonlyMap<string, StepCost>>();
  let tables: readonly Table[] = [];
  for (const size of sizes) {
    const database = await freshDatabase();
    await fillFresh({ shared, modelUrl: model.url, database, size }, say);
    tables = await tablesIn(database.url, size);
    found.set(size, await measurePeriodic(database.url, say));
    await database.drop();
  }
  const text = `${bytesTable(tables)}\n\n${clockTable(found)}`;
  process.stdout.write(`${text}\n`);
  if (values.write) writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), "growth", text));
} finally {
  model.stop();
  await shared.close();
}

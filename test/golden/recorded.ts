/**
 * What a situation leads to, as lines that are the same in every run: rows, requests, cards as data and as Slack shows
 * them. Ids come from the bench; what a clock or chance outside it makes is masked.
 */
import { z } from "zod";
import { renderCard } from "#slack/cards/render-card.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { allTables } from "#evals/harness/forgetting.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";

/** Of the machine, not of the situation. */
const MACHINE = /^(?:latency_ms|ms|duration_ms)$/;
/** PostgreSQL's own clock counts microseconds, the bench's whole seconds. */
const SERVER_TIME =
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(?:\d{4,6}(?:[+-]\d\d:\d\d|Z)?|\d{1,3}[+-]\d\d:\d\d)/g;
/** What a process knows of the schema, which grows with every release. */
const KNOWS = /"knows":"\d{4}_[a-z_]+\.sql"/g;

const RANDOM = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Whether a watch looked in between goes by how fast the machine is; what it found open would be kept. */
const WATCHED = 'setting {"name":"operating.alerts","value":{}}';

const Row = z.object({ row: z.record(z.string(), z.unknown()) });

/** All of it, one line each: the text that is stored for a situation. */
export async function recordedText(bench: JobBench): Promise<string> {
  await bench.settled();
  const { store } = bench.parts;
  const lines: string[] = [];
  for (const table of await allTables(store)) {
    const rows = await store.run((transaction) =>
      rowsOf(transaction, Row, sql`select to_jsonb(t) as row from ${sql.identifier(table)} t`),
    );
    lines.push(...rows.map(({ row }) => `${table} ${stable(row)}`).toSorted());
  }
  for (const { target, action, key } of bench.left)
    lines.push(`sent ${target} ${key} ${stable(action)}`);
  for (const [place, card] of bench.cards) {
    lines.push(`card ${place} ${stable(card)}`);
    for (const block of renderCard(card).blocks) lines.push(`slack ${place} ${stable(block)}`);
  }
  return `${lines.filter((line) => line !== WATCHED).join("\n")}\n`;
}

function stable(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (MACHINE.test(key) ? 0 : inner))
    .replaceAll(SERVER_TIME, "<server time>")
    .replaceAll(RANDOM, "<random>")
    .replaceAll(KNOWS, '"knows":"<newest migration>"');
}

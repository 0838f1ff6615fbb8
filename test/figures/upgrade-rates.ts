/**
 * `npm run figures -- upgrade-rates`: how many rows a second PostgreSQL of this machine indexes and writes anew, for the estimate of
 * `deskhand upgrade --check`. The server is a throwaway one that does not wait for its disk, so a real one is slower.
 */
import pg from "pg";
import { z } from "zod";
import { freshDatabase } from "#test/support/postgres.ts";

const ROWS = 500_000;

const database = await freshDatabase();
const client = new pg.Client({ connectionString: database.url });
await client.connect();

async function rowsASecond(statement: string): Promise<number> {
  const from = performance.now();
  await client.query(statement);
  return Math.round(ROWS / ((performance.now() - from) / 1_000));
}

try {
  // A row as long as one of `effect`, the widest table that migrations have touched.
  await client.query("create table sample (id bigint primary key, at timestamptz, note text)");
  await client.query(
    `insert into sample select n, now() - n * interval '1 second', repeat(md5(n::text), 12) from generate_series(1, ${ROWS}) n`,
  );
  await client.query("analyze sample");
  const index = await rowsASecond("create index sample_at on sample (at) where at is not null");
  const write = await rowsASecond("update sample set note = note || 'x'");
  const Version = z.object({ rows: z.tuple([z.object({ server_version: z.string() })]) });
  const { rows } = Version.parse(await client.query("show server_version"));
  process.stdout.write(
    `PostgreSQL ${rows[0].server_version}, ${ROWS} rows of 400 bytes: ${index} rows a second indexed, ${write} written anew\n`,
  );
} finally {
  await client.end();
  await database.drop();
}

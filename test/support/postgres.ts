/** Real PostgreSQL for tests: a database of one's own on the run's throwaway server. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";

const server = process.env["TEST_DATABASE_URL"] ?? "";

/** For a test's `skip`: false where `npm test` has brought up a PostgreSQL, else why the test cannot run. */
export const postgresMissing: string | false =
  server === ""
    ? "there is no PostgreSQL server (npm test starts one when its programs are installed)"
    : false;

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A database of one's own. */
export interface FreshDatabase {
  readonly url: string;
  /** Removes it, cutting whatever connections a crashed process left open. */
  drop(): Promise<void>;
}

/** Creates an empty database on TEST_DATABASE_URL for one test file. Throws where there is no server. */
export function freshDatabase(): Promise<FreshDatabase> {
  return copyOf("template0");
}

/** The database with all tables that others are copied from: migrating each takes seven times as long. */
const MIGRATED = "test_migrated";
/** Held while it is made, since tests run in several processes. */
const MIGRATED_LOCK = 7_340_001;

/** Creates a database with all of Deskhand's tables and nothing in them. Throws where there is no server. */
export async function migratedFreshDatabase(): Promise<FreshDatabase> {
  await administer(async (client) => {
    await client.query("select pg_advisory_lock($1)", [MIGRATED_LOCK]);
    const made = await client.query("select 1 from pg_database where datname = $1", [MIGRATED]);
    if (made.rowCount === 0) await makeMigrated(client);
  });
  const database = await copyOf(MIGRATED);
  const patient = new URL(database.url);
  // On a crowded machine a backend begins in seconds; where no test waits for that, it fails none.
  patient.searchParams.set("connect_timeout", "60");
  return { ...database, url: patient.href };
}

/** It gets its name when it is whole, and no test can connect to it by mistake and change it. */
async function makeMigrated(client: pg.Client): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-migrated-"));
  const own = await freshDatabase();
  try {
    const store = await openStore({ databaseUrl: own.url, folder, log: SILENT });
    try {
      await migrate(store);
    } finally {
      await store.close();
    }
    const made = new URL(own.url).pathname.slice(1);
    await client.query(`alter database ${made} allow_connections false`);
    await client.query(`alter database ${made} rename to ${MIGRATED}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyOf(template: string): Promise<FreshDatabase> {
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  await administer((client) => client.query(`create database ${name} template ${template}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      administer((client) => client.query(`drop database if exists ${name} with (force)`)),
  };
}

/** Names are ours and plain, and CREATE DATABASE takes no parameters. */
async function administer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  if (postgresMissing !== false) throw new Error(postgresMissing);
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

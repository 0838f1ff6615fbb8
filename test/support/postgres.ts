/** Real PostgreSQL for tests: a database of one's own on the run's throwaway server. */
import { randomBytes } from "node:crypto";

import pg from "pg";

const server = process.env["TEST_DATABASE_URL"] ?? "";

/** For a test's `skip`: false where `npm test` has brought up a PostgreSQL, else why the test cannot run. */
export const postgresMissing: string | false =
  server === ""
    ? "there is no PostgreSQL server (npm test starts one when its programs are installed)"
    : false;

/** A database with nothing in it. */
export interface FreshDatabase {
  readonly url: string;
  /** Removes it, cutting whatever connections a crashed process left open. */
  drop(): Promise<void>;
}

/** Creates an empty database on TEST_DATABASE_URL for one test file. Throws where there is no server. */
export async function freshDatabase(): Promise<FreshDatabase> {
  if (postgresMissing !== false) throw new Error(postgresMissing);
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  await administer(`create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

/** The name is ours and plain, and CREATE DATABASE takes no parameters. */
async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

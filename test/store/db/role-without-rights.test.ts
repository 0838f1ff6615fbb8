/** The rights of a role that PostgreSQL 15 and newer give by default: none in the schema `public`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { DeskhandError } from "#core/values/errors.ts";
import { openPostgres } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { silentLog } from "#test/store/bench.ts";

test(
  "a start whose role may not make tables says so in a sentence, with what to do",
  { skip: postgresMissing },
  async () => {
    const database = await freshDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const role = `plain_${process.pid}`;
    await client.query(`create role ${role} login`);
    await client.query("revoke create on schema public from public");
    const url = new URL(database.url);
    url.username = role;
    const store = await openPostgres(url.href, silentLog);
    try {
      await assert.rejects(migrate(store), (error) => error instanceof DeskhandError);
    } finally {
      await store.close();
      await client.query(`drop role ${role}`);
      await client.end();
      await database.drop();
    }
  },
);

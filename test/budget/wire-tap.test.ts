/** What the budget counts with: every statement and commit of a process, and the longest chain of them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { longestChain, tapPostgres, type WireTap } from "#test/bench/fleet/wire-tap.ts";
import { freshDatabase, postgresMissing, type FreshDatabase } from "#test/support/postgres.ts";

describe("a tap on the wire to PostgreSQL", { skip: postgresMissing }, () => {
  let database: FreshDatabase | null = null;
  let tap: WireTap;
  let client: pg.Client;
  before(async () => {
    database = await freshDatabase();
    tap = await tapPostgres(database.url);
    client = new pg.Client({ connectionString: tap.url });
    await client.connect();
    await client.query("create table line (text text)");
    tap.take();
  });
  after(async () => {
    await client.end();
    await tap.close();
    await database?.drop();
  });
  const taken = (): readonly (readonly string[])[] =>
    tap.take().map(({ statements }) => statements);

  test("a statement by itself is a commit", async () => {
    await client.query("select 1");
    assert.deepEqual(taken(), [["select 1"]]);
  });

  test("a named statement keeps its text when it is run again", async () => {
    const insert = { name: "insert", text: "insert into line values ($1)" };
    await client.query({ ...insert, values: ["one"] });
    await client.query({ ...insert, values: ["ü".repeat(70_000)] });
    assert.deepEqual(taken(), [[insert.text], [insert.text]]);
  });

  test("a transaction is one commit with everything in it", async () => {
    await client.query("begin");
    await client.query("insert into line values ($1)", ["two"]);
    assert.deepEqual(taken(), [], "not before it ends");
    await client.query("commit");
    assert.deepEqual(taken(), [["begin", "insert into line values ($1)", "commit"]]);
  });

  test("several statements in one text are several", async () => {
    await client.query("begin; select 2; commit");
    assert.equal(taken()[0]?.length, 3);
  });

  test("what was undone is no commit", async () => {
    await client.query("begin");
    await client.query("insert into line values ('three')");
    await client.query("rollback");
    await assert.rejects(client.query("select * from nowhere"));
    assert.deepEqual(taken(), []);
  });
});

test("only what began after the last one ended is in sequence with it", () => {
  const at = (from: number, to: number) => ({ from, to, statements: [] });
  assert.equal(longestChain([]), 0);
  assert.equal(longestChain([at(0, 1), at(1, 2), at(2, 3)]), 3);
  assert.equal(longestChain([at(0, 3), at(0, 1), at(1, 2)]), 2);
  assert.equal(longestChain([at(0, 5), at(1, 4), at(2, 3)]), 1);
});

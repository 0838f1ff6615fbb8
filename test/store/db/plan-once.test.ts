/** Statements of the embedded database are planned once, and answer as before. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { planOnce } from "#store/db/plan-once.ts";

let client: PGlite;

before(async () => {
  client = await PGlite.create();
  planOnce(client);
});
beforeEach(() =>
  client.exec(
    "drop table if exists lamp; create table lamp (id int primary key, name text, at timestamptz, data jsonb)",
  ),
);
after(() => client.close());

const kept = async () => {
  const { rows } = await client.query<{ statement: string; uses: number }>(
    "select statement, (generic_plans + custom_plans)::int as uses from pg_prepared_statements order by name",
  );
  return rows.filter(({ statement }) => statement.includes("lamp"));
};

test("the same statement is planned once, whatever its values", async () => {
  for (const [id, name] of [
    [1, "desk"],
    [2, null],
    [3, "it's"],
  ])
    await client.query("insert into lamp (id, name, data) values ($1, $2, $3)", [id, name, [id]]);
  const text = "select name, data from lamp where id = $1";
  const answers = [];
  for (const id of [1, 2, 3, 4]) answers.push((await client.query(text, [id])).rows);
  assert.deepEqual(answers, [
    [{ name: "desk", data: [1] }],
    [{ name: null, data: [2] }],
    [{ name: "it's", data: [3] }],
    [],
  ]);
  const uses = (await kept()).filter(({ statement }) => statement === text);
  assert.deepEqual(
    uses.map(({ uses: times }) => times),
    [4],
  );
});

test("rows as lists, counts of changed rows and parameters without a value are as the driver gives them", async () => {
  const text = "insert into lamp (id) values ($1), ($2) returning id, name";
  const { rows, affectedRows, fields } = await client.query(text, [1, 2], { rowMode: "array" });
  assert.deepEqual(rows, [
    [1, null],
    [2, null],
  ]);
  assert.equal(affectedRows, 2);
  assert.deepEqual(
    fields.map(({ name }) => name),
    ["id", "name"],
  );
  const again = await client.query(text, [3, 4]);
  assert.deepEqual(again.fields, fields);
  assert.deepEqual((await client.query("delete from lamp where id > $1", [2])).affectedRows, 2);
});

test("after a refused statement the next one works, in a transaction too", async () => {
  const text = "insert into lamp (id) values ($1)";
  await client.query(text, [1]);
  await assert.rejects(client.query(text, [1]), /duplicate key/);
  await client.query(text, [2]);
  await assert.rejects(
    client.transaction(async (transaction) => {
      await transaction.query(text, [3]);
      await transaction.query(text, [3]);
    }),
    /duplicate key/,
  );
  await assert.rejects(client.query("select nothing from lamp"), /does not exist/);
  await assert.rejects(client.query("select id from lamp where id = $1", ["x"]), /invalid input/);
  assert.deepEqual((await client.query("select id from lamp order by id")).rows, [
    { id: 1 },
    { id: 2 },
  ]);
});

test("a changed table is read as it is now", async () => {
  await client.query("insert into lamp (id) values ($1)", [1]);
  const read = async () => (await client.query("select * from lamp where id = $1", [1])).rows[0];
  await read();
  await client.query("alter table lamp add column wattage int default 7");
  assert.equal(
    Object.entries(Object(await read()))
      .at(-1)
      ?.join(),
    "wattage,7",
  );
  // Behind its back the change is noticed when the statement is refused, once.
  await client.exec(
    "create function widen() returns void language sql as 'alter table lamp add column colour text'",
  );
  await read();
  await client.query("select widen()");
  await assert.rejects(read(), /cached plan/);
  assert.ok(Object.hasOwn(Object(await read()), "colour"));
});

test("of very many different statements the oldest are given up, and a plan is renewed", async () => {
  for (let number = 0; number < 450; number += 1)
    await client.query(`select ${number} as n from lamp where id = $1`, [number]);
  assert.ok((await kept()).length <= 400);
  const text = "select id from lamp where id > $1";
  for (let time = 0; time < 510; time += 1) await client.query(text, [time]);
  const [only, ...more] = (await kept()).filter(({ statement }) => statement === text);
  assert.deepEqual([only?.uses, more], [10, []]);
});

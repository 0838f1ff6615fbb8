/** Look-ups in PostgreSQL and MariaDB: what is read, whose rows, and what is never read. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { SqlReadDeclaration } from "#systems/sql/declaration.ts";
import { lookUp } from "#systems/declared-tools.ts";
import { addressDialect, openSql } from "#systems/sql/open.ts";
import { postgresAddress } from "#systems/sql/postgres.ts";
import type { Requester } from "#systems/request-values.ts";
import { CELL_CHARACTERS_MAX, lookUpStatement, type SqlClient } from "#systems/sql/statement.ts";
import { mariadbMissing, startMariaDb } from "#test/support/mariadb.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { findOrder, listOrders, SHOP_TABLES, SHOP_TABLES_OF_MYSQL } from "./shop-tables.ts";
import pg from "pg";

const ADA = { customer_id: "c-1", email: "ada@example.com", system_id: null };
const KIM = { customer_id: "c-4", email: "kim@example.com", system_id: null };
const signal = new AbortController().signal;

/** Where the tests run: each database with the shop's tables in it. */
interface Place {
  readonly schema: string | null;
  readonly address: string;
  readonly slow: string;
  execute(statement: string): Promise<void>;
  close(): Promise<void>;
}

async function inPostgres(): Promise<Place> {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const statement of SHOP_TABLES) await client.query(statement);
  return {
    schema: "public",
    address: database.url,
    slow: "select pg_sleep(60)::text as id",
    execute: async (statement) => void (await client.query(statement)),
    async close() {
      await client.end();
      await database.drop();
    },
  };
}

async function inMariaDb(): Promise<Place> {
  const server = await startMariaDb();
  for (const statement of SHOP_TABLES_OF_MYSQL) await server.execute(statement);
  return {
    schema: null,
    address: server.owner,
    slow: "select sleep(60) as id",
    execute: (statement) => server.execute(statement),
    close: () => server.stop(),
  };
}

for (const [kind, open, skip] of [
  ["PostgreSQL", inPostgres, postgresMissing],
  ["MariaDB", inMariaDb, mariadbMissing],
] as const)
  describe(`look-ups in ${kind}`, { skip }, () => {
    let place: Place;
    let client: SqlClient;
    before(async () => {
      place = await open();
      client = openSql({ name: "shop", address: place.address, timeoutMs: 10_000 });
    });
    after(async () => {
      await client.close();
      await place.close();
    });
    const ask = (tool: SqlReadDeclaration, input: Record<string, unknown>, requester: Requester) =>
      lookUp(tool, client, input, requester, signal);

    it("shows the requester's order with the chosen columns and nothing else", async () => {
      const { records } = await ask(findOrder(place.schema), { order_id: "o-1" }, ADA);
      assert.deepEqual(records, [
        {
          id: "o-1",
          number: 1,
          total: "12.50",
          gift: true,
          created_at: "2026-11-01 10:00:00",
          note: null,
          customer_name: "Ada",
        },
      ]);
    });

    it("shows no row of another customer, by whatever value it is asked for", async () => {
      const inputs = [
        "o-3",
        "%",
        "o-4",
        "o-6",
        "o-_",
        "o-3' or '1'='1",
        "o-3'; drop table orders; --",
        "",
        "o-3\u0000",
        "'||(select note from orders)||'",
        "O-3",
        " o-3",
        "$1",
        "?1",
        "{o-3}",
        ["o-3"],
        { "": "o-3" },
        null,
        undefined,
        true,
        Number.NaN,
        3,
      ];
      const strangers = [
        ADA,
        ...["c-1' or 'a'='a", "%", "c-_", "", "c-1\u0000", "{c-2}", "null", "C-2", "c-2 "].map(
          (customer_id) => ({ customer_id, email: null, system_id: null }),
        ),
        { customer_id: null, email: null, system_id: null },
      ];
      for (const requester of strangers)
        for (const order_id of inputs) {
          const found = await ask(findOrder(place.schema), { order_id }, requester);
          assert.deepEqual(found, { records: [], isMore: false }, JSON.stringify(order_id));
        }
    });

    it("lists by e-mail address without regard to case, and takes no other letter for an ASCII one", async () => {
      for (const through of ["contact", "customer"] as const) {
        const tool = listOrders(place.schema, through);
        const ofBen = await ask(
          tool,
          {},
          { customer_id: null, email: "Ben@Example.com", system_id: null },
        );
        assert.equal(ofBen.records[0]?.["id"], "o-3", through);
        assert.deepEqual((await ask(tool, {}, KIM)).records, []);
        for (const email of ["%", "", "%@example.com", "' or 1=1 --", "_en@example.com"]) {
          const { records } = await ask(tool, {}, { customer_id: null, email, system_id: null });
          assert.ok(
            records.every(({ id }) => email === "%" && id === "%"),
            email,
          );
        }
      }
    });

    it("shows at most as many rows as declared, the highest key first, and says that there are more", async () => {
      const tool = { ...listOrders(place.schema, "contact"), shownMax: 1 };
      const found = await ask(tool, {}, ADA);
      assert.deepEqual(
        found.records.map(({ id }) => id),
        ["o-2"],
      );
      assert.equal(found.isMore, true);
    });

    it("cuts a cell of many megabytes in the database", async () => {
      const filler = "x".repeat(5_000_000);
      await place.execute(`insert into customers values ('c-9', '', '', '')`);
      await place.execute(
        `insert into orders values ('o-9', 9, 'c-9', '', '', 1, false, '2026-01-01', '${filler}')`,
      );
      const found = await ask(
        findOrder(place.schema),
        { order_id: "o-9" },
        { customer_id: "c-9", email: null, system_id: null },
      );
      assert.equal(String(found.records[0]?.["note"]).length, CELL_CHARACTERS_MAX);
    });

    it("refuses to write, whatever the statement", async () => {
      for (const text of [
        "insert into customers values ('c-5', 'a', 'b', 'c')",
        "update orders set status = 'paid'",
        "delete from orders",
        "drop table orders",
      ])
        await assert.rejects(client.select({ text, values: [] }, signal), /refused the look-up/);
      const { records } = await ask(findOrder(place.schema), { order_id: "o-1" }, ADA);
      assert.equal(records.length, 1);
    });

    it("ends a statement that takes too long, and answers the next one", async () => {
      const hurried = openSql({ name: "shop", address: place.address, timeoutMs: 1_000 });
      await assert.rejects(
        hurried.select({ text: place.slow, values: [] }, signal),
        /the database shop took longer than 1000 ms/,
      );
      const { records } = await lookUp(
        findOrder(place.schema),
        hurried,
        { order_id: "o-1" },
        ADA,
        signal,
      );
      assert.equal(records.length, 1);
      await hurried.close();
    });

    it("says that tables changed, without a value of the customer", async () => {
      const tool = findOrder(place.schema);
      const renamed = { ...tool, from: { ...tool.from, table: "orders_of_old" } };
      await assert.rejects(
        ask(renamed, { order_id: "secret-value" }, ADA),
        (error: Error) =>
          /refused the look-up/.test(error.message) && !/secret/.test(error.message),
      );
    });

    it("says which field of a row is not as declared", async () => {
      const tool = findOrder(place.schema);
      const columns = { ...tool.from.columns, number: { column: "note", kind: "text" } as const };
      const other = { ...tool, from: { ...tool.from, columns } };
      await assert.rejects(
        ask(other, { order_id: "o-2" }, ADA),
        /find_order: number of a row in orders is not as declared/,
      );
    });
  });

describe("addresses of databases", () => {
  it("are read by their kind, and one of another kind is refused without being quoted", () => {
    assert.equal(addressDialect("postgresql://u:p@127.0.0.1/shop"), "postgres");
    assert.equal(addressDialect("mysql://u:p@127.0.0.1/shop"), "mysql");
    assert.equal(addressDialect("mariadb://u:p@127.0.0.1/shop"), "mysql");
    for (const address of [
      "secret",
      "sqlite:/tmp/secret.db",
      "oracle://root:secret@127.0.0.1/shop",
    ])
      assert.throws(
        () => addressDialect(address),
        (error: Error) =>
          /begins with postgres:\/\//.test(error.message) && !/secret/.test(error.message),
      );
  });

  it("of PostgreSQL beyond this machine are asked over encryption that is checked, unless they say otherwise", () => {
    const ways: Readonly<Record<string, unknown>> = {
      "postgres://u:p@db.example/shop": true,
      "postgres://u:p@10.0.0.5:5432/shop": true,
      "postgres:///shop?host=db.example": true,
      "postgres://u:p@db.example/shop?sslmode=disable": false,
      "postgres://u:p@127.0.0.1/shop": false,
      "postgres://u:p@localhost/shop": false,
      "postgres://u:p@[::1]/shop": false,
      "postgres://u:p@%2Fvar%2Frun/shop": false,
      "postgres:///shop?host=/var/run": false,
    };
    for (const [address, isEncrypted] of Object.entries(ways))
      assert.equal(new pg.Client(postgresAddress(address)).ssl, isEncrypted, address);
  });

  it("of nothing that can be opened are told as such, without a password", async () => {
    for (const address of [
      "postgres://u:secret@127.0.0.1:1/shop",
      "mysql://u:secret@127.0.0.1:1/shop",
    ]) {
      const client = openSql({ name: "shop", address, timeoutMs: 1_000 });
      await assert.rejects(
        client.select({ text: "select 1", values: [] }, signal),
        (error: Error) => /cannot be asked/.test(error.message) && !/secret/.test(error.message),
      );
      await client.close();
    }
  });
});

describe("the statement of a look-up", () => {
  it("has the condition on the requester first, every value beside it, and every name in quotes", () => {
    const tool = findOrder('pub"lic');
    const statement = lookUpStatement(tool, { order_id: "o-1" }, ADA, "postgres");
    assert.match(
      statement?.text ?? "",
      /from "pub""lic"\."orders" as t left join .* where t\."customer_id" = \$1 and t\."id" = \$2 order by t\."id" desc limit 2$/,
    );
    assert.deepEqual(statement?.values, ["c-1", "o-1"]);
  });
});

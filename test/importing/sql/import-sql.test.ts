/** Look-ups made from tables of a real PostgreSQL and a real MariaDB, and everything that is refused. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { checkDatabases } from "#app/commands/command-parts.ts";
import { importSql } from "#importing/command/import-tools.ts";
import { readTools } from "#connections/system-tools.ts";
import { lookUp } from "#systems/declared-tools.ts";
import { openSql } from "#systems/sql/open.ts";
import {
  findOrder,
  listOrders,
  SHOP_TABLES,
  SHOP_TABLES_OF_MYSQL,
} from "#test/systems/sql/shop-tables.ts";
import { mariadbMissing, startMariaDb } from "#test/support/mariadb.ts";
import { postgresMissing, freshDatabase } from "#test/support/postgres.ts";
import { changedLookUps } from "#systems/sql/tables/read.ts";

const MORE_TABLES: readonly string[] = [
  "create table loose (a integer, b text)",
  "create view order_view as select id, status from orders",
  `create table visits (id integer primary key, customer_id text not null, page text not null)`,
  `create table notes (id integer primary key, "order" text, "a ""b"" c" text, extra bytea)`,
];

const MORE_TABLES_OF_MYSQL: readonly string[] = [
  "create table loose (a integer, b text)",
  "create view order_view as select id, status from orders",
  `create table visits (id integer primary key, customer_id varchar(40) not null, page text not null)`,
  'create table notes (id integer primary key, `order` text, `a "b" c` text, extra blob)',
];

const MANY_VISITS = {
  MariaDB: "insert into visits select seq, concat('c-', seq), 'home' from seq_1_to_100000",
  PostgreSQL:
    "insert into visits select i, 'c-' || i, 'home' from generate_series(1, 100000) as n(i)",
};

/** A database to import from, as one role that only reads and as one that writes. */
interface Place {
  readonly reader: string;
  readonly writer: string;
  execute(statement: string): Promise<void>;
  close(): Promise<void>;
}

async function inPostgres(): Promise<Place> {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const role = `reader_${process.pid}`;
  await client.query(`create role ${role} login`);
  const reader = new URL(database.url);
  reader.username = role;
  return {
    reader: reader.href,
    writer: database.url,
    async execute(statement) {
      await client.query(statement);
      await client.query(`grant select on all tables in schema public to ${role}`);
    },
    async close() {
      await client.query(`drop owned by ${role}`);
      await client.query(`drop role ${role}`);
      await client.end();
      await database.drop();
    },
  };
}

async function inMariaDb(): Promise<Place> {
  const server = await startMariaDb();
  return {
    reader: server.reader,
    writer: server.owner,
    async execute(statement) {
      await server.execute(statement);
      await server.execute("grant select on shop.* to reader@'127.0.0.1'");
    },
    close: () => server.stop(),
  };
}

/** The shop, what no look-up can be made of, and a table with very many rows. */
function tablesOf(kind: keyof typeof MANY_VISITS): readonly string[] {
  const [shop, more] =
    kind === "MariaDB" ? [SHOP_TABLES_OF_MYSQL, MORE_TABLES_OF_MYSQL] : [SHOP_TABLES, MORE_TABLES];
  return [...shop, ...more, MANY_VISITS[kind]];
}

const ANSWERS = `
database: { address_from: SHOP_DATABASE_URL }
find_order:
  table: orders
  columns: [id, number, status, total, customer_id.name]
  look_up: [id]
  belongs: { column: customer_id, is: customer_id }
list_own_orders:
  table: orders
  columns: [id, status]
  look_up: []
  belongs: { column: customer_id.email, is: email }
`;

for (const [kind, open, skip] of [
  ["PostgreSQL", inPostgres, postgresMissing],
  ["MariaDB", inMariaDb, mariadbMissing],
] as const)
  describe(`look-ups made from ${kind}`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "imported-"));
    let place: Place;
    let printed: string[] = [];
    before(async () => {
      place = await open();
      for (const statement of tablesOf(kind)) await place.execute(statement);
    });
    after(async () => {
      await place.close();
      rmSync(folder, { recursive: true });
    });
    const run = async (answers: string, tables: readonly string[] = [], address = place.reader) => {
      printed = [];
      writeFileSync(join(folder, "answers.yaml"), answers);
      await importSql(
        {
          address,
          addressFrom: "SHOP_URL",
          only: tables,
          out: "tools",
          name: "shop",
          answersFile: "answers.yaml",
        },
        { folder, terminal: null, print: (text) => void printed.push(text) },
      );
    };

    it("are files that are accepted, show the customer's rows and no stranger's", async () => {
      await run(ANSWERS);
      const made = readdirSync(join(folder, "tools", "shop")).toSorted();
      assert.deepEqual(made, ["database.yaml", "find-order.yaml", "list-own-orders.yaml"]);
      const tools = readTools([join(folder, "tools")], []);
      assert.equal(tools.length, 2);
      const list = tools.find(({ name }) => name === "list_own_orders");
      // Their keys are texts, which say nothing about when.
      assert.ok(list?.kind === "sql-read" && list.description.endsWith("the latest first."));
      assert.deepEqual(list.from.key, ["created_at", "id"]);
      const client = openSql({ name: "shop", address: place.reader, timeoutMs: 10_000 });
      const { signal } = new AbortController();
      const shown = async (name: string, input: object, customerId: string, email: string) => {
        const tool = tools.find((one) => one.name === name);
        assert.ok(tool?.kind === "sql-read");
        const found = await lookUp(
          tool,
          client,
          tool.input.parse(input),
          { customer_id: customerId, email, system_id: null },
          signal,
        );
        return found.records;
      };
      const [order] = await shown("find_order", { orders_id: "o-1" }, "c-1", "");
      assert.equal(order?.["customer_name"], "Ada");
      assert.deepEqual(await shown("find_order", { orders_id: "o-1" }, "c-2", ""), []);
      const listed = await shown("list_own_orders", {}, "", "ada@example.com");
      assert.deepEqual(
        listed.map(({ id }) => id),
        ["o-2", "o-1"],
      );
      assert.deepEqual(await shown("list_own_orders", {}, "c-1", "kim@example.com"), []);
      await client.close();
      const text = readFileSync(join(folder, "tools", "shop", "database.yaml"), "utf8");
      assert.match(text, /SHOP_DATABASE_URL/);
      assert.ok(!text.includes(place.reader));
    });

    it("are left alone where a person changed them, and stand beside when they are made again", async () => {
      await run(ANSWERS);
      const path = join(folder, "tools", "shop", "find-order.yaml");
      const mine = readFileSync(path, "utf8").replace(/description: .*/, "description: Our words.");
      writeFileSync(path, mine);
      await run(ANSWERS.replace("number, status", "status"));
      assert.equal(readFileSync(path, "utf8"), mine);
      assert.doesNotMatch(readFileSync(path.replace(".yaml", ".new.yaml"), "utf8"), /number|Our/);
    });

    const look = (lines: string) => `find_it:\n${lines}`;
    const CASES: Readonly<Record<string, readonly [string, RegExp]>> = {
      "an unknown table": [
        look("  table: nothing_here"),
        /there is no table (?:public\.)?nothing_here/,
      ],
      "a table whose name is none": [
        look("  table: orders; drop table orders"),
        /there is no table/,
      ],
      "a view": [look("  table: order_view"), /order_view is a view/],
      "a table without a key": [look("  table: loose"), /loose has no primary key/],
      "an unknown column": [look("  table: orders\n  columns: [nothing]"), /no column nothing/],
      "a column behind no foreign key": [
        look("  table: orders\n  columns: [status.name]"),
        /status is no foreign key/,
      ],
      "a password that was not confirmed": [
        look("  table: customers\n  columns: [id, password_hash]"),
        /password_hash looks like a secret/,
      ],
      "a column of bytes": [look("  table: notes\n  columns: [extra]"), /no look-up shows/],
      "no word of whose the rows are": [
        look("  table: orders\n  columns: [id]\n  look_up: [id]"),
        /belongs: say which column .*customer_id\.email, is: email/,
      ],
      "names in a table about no customer": [
        look("  table: customers\n  columns: [name]\n  look_up: [id]\n  belongs: { nothing: why }"),
        /name is about a person/,
      ],
      "a customer that the model may choose": [
        look(
          "  table: orders\n  columns: [id]\n  look_up: [customer_id]\n  belongs: { column: customer_id, is: customer_id }",
        ),
        /no model may choose it/,
      ],
      "a large table without an index": [
        look(
          "  table: visits\n  columns: [page]\n  look_up: []\n  belongs: { column: customer_id, is: customer_id }",
        ),
        /no index that begins with customer_id/,
      ],
      "an amount as the customer": [
        look(
          "  table: orders\n  columns: [id]\n  look_up: [id]\n  belongs: { column: total, is: customer_id }",
        ),
        /which no customer's id is/,
      ],
    };
    for (const [what, [answers, reason]] of Object.entries(CASES))
      it(`are refused with a clear line for ${what}`, async () => {
        const error = await run(answers).then(
          () => null,
          (thrown: unknown) => String(thrown),
        );
        assert.notEqual(error, null);
        assert.match(`${error}\n${printed.join("\n")}`, reason);
      });

    it("show a password only after its name was typed once more, and ask for columns where none is named", async () => {
      await run(
        "find_customer:\n  table: customers\n  columns: [id, password_hash]\n  confirmed: [password_hash]\n  look_up: []\n  belongs: { column: id, is: customer_id }",
      );
      assert.match(printed.join("\n"), /find-customer\.yaml: new/);
      await assert.rejects(run("{}", ["customers"]));
      const asked = printed.join("\n");
      assert.match(asked, /choose what is shown, of id, name, email/);
      assert.ok(!asked.includes("password_hash"));
      assert.match(asked, /find_customers:\n {2}table: customers/);
    });

    it("are made of a large table once an index leads to the customer's rows", async () => {
      await place.execute("create index visits_by_customer on visits (customer_id)");
      await run(
        "list_visits:\n  table: visits\n  columns: [page]\n  look_up: []\n  belongs: { column: customer_id, is: customer_id }",
      );
      assert.match(printed.join("\n"), /list-visits\.yaml: new/);
    });

    if (kind === "MariaDB")
      it("need a user that cannot write: tried, in whatever way it may, and a wrong password is not shown", async () => {
        await assert.rejects(run(ANSWERS, [], place.writer), /this role can add rows to `orders`/);
        for (const right of [
          "update (status) on shop.orders",
          "delete on shop.orders",
          "insert on shop.loose",
          "execute on shop.*",
          "file on *.*",
        ]) {
          await place.execute(`grant ${right} to reader@'127.0.0.1'`);
          await assert.rejects(run(ANSWERS), /this role can/, right);
          await place.execute(`revoke ${right} from reader@'127.0.0.1'`);
        }
        await place.execute("create role clerk");
        await place.execute("grant clerk to reader@'127.0.0.1'");
        await assert.rejects(run(ANSWERS), /this role can take on another role/);
        await place.execute("revoke clerk from reader@'127.0.0.1'");
        await run(ANSWERS);
        await assert.rejects(
          run(ANSWERS, [], place.reader.replace("reader-secret", "wrong-secret")),
          (error: Error) =>
            /did not accept the user or the password/.test(error.message) &&
            !/secret/.test(error.message),
        );
      });

    if (kind === "PostgreSQL")
      it("need a role that cannot write: tried, in whatever way it may", async () => {
        await assert.rejects(
          run(ANSWERS, [], place.writer),
          /this role can add rows to "public"\."orders"/,
        );
        const role = new URL(place.reader).username;
        for (const [grant, revoke] of [
          [
            `grant update (status) on orders to ${role}`,
            `revoke update (status) on orders from ${role}`,
          ],
          [`grant delete on orders to ${role}`, `revoke delete on orders from ${role}`],
          [`grant insert on loose to ${role}`, `revoke insert on loose from ${role}`],
          [
            `alter role ${role} set default_transaction_read_only = on; grant insert on orders to ${role}`,
            `revoke insert on orders from ${role}`,
          ],
        ] as const) {
          await place.execute(grant);
          await assert.rejects(run(ANSWERS), /this role can/, grant);
          await place.execute(revoke);
        }
        await run(ANSWERS);
        const { rows } = await new pg.Pool({
          connectionString: place.writer,
          max: 1,
          allowExitOnIdle: true,
          idleTimeoutMillis: 1,
        }).query("select count(*)::int4 as rows from orders");
        assert.deepEqual(rows, [{ rows: 6 }]);
      });

    it("are compared with the database later: a role that writes, columns that are gone or of another type, tables", async () => {
      const schema = kind === "PostgreSQL" ? "public" : null;
      const made = [findOrder(schema), listOrders(schema, "customer")];
      const changed = async (address = place.reader) =>
        (await changedLookUps(address, made)).join("\n");
      assert.equal(await changed(), "");
      const [unset] = await checkDatabases(made, { text: () => null });
      assert.match(unset?.found ?? "", /the setting SHOP_DATABASE_URL is not set/);
      if (place.writer !== "")
        await assert.rejects(changed(place.writer), /this role can add rows to/);
      await place.execute("alter table orders rename column note to remark");
      await place.execute("alter table orders rename column gift to wrapped");
      await place.execute("alter table orders add column gift text");
      assert.match(
        await changed(),
        /find_order: orders has no column note that this role may read/,
      );
      assert.match(await changed(), /orders\.gift is text now, and was imported as boolean/);
      await place.execute("alter table customers rename to people");
      assert.match(await changed(), /^there is no table (?:public\.)?customers/);
    });
  });

/** Where imports of tables are tried: a real PostgreSQL and MariaDB, with a role that only reads. */
import pg from "pg";
import { SHOP_TABLES, SHOP_TABLES_OF_MYSQL } from "#test/systems/sql/shop-tables.ts";
import { startMariaDb } from "#test/support/mariadb.ts";
import { freshDatabase } from "#test/support/postgres.ts";

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
export interface Place {
  readonly reader: string;
  readonly writer: string;
  execute(statement: string): Promise<void>;
  close(): Promise<void>;
}

export async function inPostgres(): Promise<Place> {
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

export async function inMariaDb(): Promise<Place> {
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
export function tablesOf(kind: keyof typeof MANY_VISITS): readonly string[] {
  const [shop, more] =
    kind === "MariaDB" ? [SHOP_TABLES_OF_MYSQL, MORE_TABLES_OF_MYSQL] : [SHOP_TABLES, MORE_TABLES];
  return [...shop, ...more, MANY_VISITS[kind]];
}

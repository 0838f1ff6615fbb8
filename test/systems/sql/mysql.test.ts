/** What is particular to MySQL: its comparisons, types and encryption, on a real MariaDB. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { openMysqlSchema } from "#systems/sql/tables/mysql-schema.ts";
import type { ColumnKind, SqlReadDeclaration } from "#systems/sql/declaration.ts";
import { lookUp } from "#systems/declared-tools.ts";
import { openSql } from "#systems/sql/open.ts";
import { type MariaDb, mariadbMissing, startMariaDb } from "#test/support/mariadb.ts";
import { findOrder } from "./shop-tables.ts";

const run = promisify(execFile);
const { signal } = new AbortController();
const hasOpenssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);

/** A name with a space and a backtick in it, as MySQL quotes it. */
const ODD = "`odd ``names`";

const TABLES: readonly string[] = [
  "create table people (id bigint unsigned primary key, mail varchar(100), strict varchar(100) collate utf8mb4_bin)",
  `create table ${ODD} (
     id int primary key auto_increment, customer varchar(20) not null, number bigint not null,
     person bigint unsigned, money decimal(30, 4), rate float, yes tinyint(1), one_bit bit(1), several tinyint(1),
     state enum('open', 'it''s sent'), extra json, plain_time datetime(3), point timestamp null, day date,
     hours time, words varchar(50), filled int(5) zerofill, picture blob, \`a "b\` text,
     foreign key (person) references people (id), unique key (customer, number))`,
  "insert into people values (18446744073709551615, 'ada@example.com', 'x')",
  "set time_zone = '+05:00'",
  `insert into ${ODD} values
     (1, 'c-1', 9007199254740993, 18446744073709551615, 12345678901234567890.1230, 0.1, 1, b'0', 2,
      'it''s sent', '{"a":1}', '2026-03-29 02:30:00.250', '2026-03-29 02:30:00', '2026-03-29',
      '-12:00:00', 'naïve 🙂', 7, 'x', 'q'),
     (2, 'C-1', 9007199254740992, null, 0, 0, 0, b'1', 0, 'open', null, null, null, null, null, 'b', 7, 'x', 'q'),
     (3, 'c-1 ', 3, null, 0, 0, 0, b'1', 0, 'open', null, null, null, null, null, 'c', 7, 'x', 'q'),
     (4, 'ç-1', 4, null, 0, 0, 0, b'1', 0, 'open', null, null, null, null, null, 'd', 7, 'x', 'q'),
     (5, 'c-2', 5, null, 0, 0, null, b'1', 0, 'open', null, '0000-00-00', null, null, null, 'e', 7, 'x', 'q')`,
];

/** Columns of the odd table by kind, shown to the customer, found by `lookUpBy`. */
function odd(
  columns: Readonly<Record<string, ColumnKind>>,
  lookUpBy: string | null = null,
): SqlReadDeclaration {
  const base = findOrder(null);
  const named = Object.entries(columns).map(([column, kind]) => [column, { column, kind }]);
  return {
    ...base,
    from: {
      schema: null,
      table: "odd `names",
      key: ["id"],
      joins: [],
      columns: Object.fromEntries(named),
      lookUp: lookUpBy === null ? {} : { [lookUpBy]: "asked" },
    },
    belongsTo: { by: "column", column: { column: "customer", kind: "text" }, is: "customer_id" },
    record: z.looseObject({}),
    shownMax: 10,
  };
}

describe("a database of MySQL", { skip: mariadbMissing }, () => {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-mariadb-"));
  let server: MariaDb;
  before(async () => {
    server = await startMariaDb(hasOpenssl ? await certified(folder) : []);
    await server.execute("set sql_mode = ''");
    for (const statement of TABLES) await server.execute(statement);
    await server.execute("grant select on shop.* to reader@'127.0.0.1'");
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const ask = async (tool: SqlReadDeclaration, customerId: string, asked: unknown = null) => {
    const client = openSql({ name: "shop", address: server.reader, timeoutMs: 10_000 });
    const { records } = await lookUp(
      tool,
      client,
      { asked },
      { customer_id: customerId, email: null, system_id: null },
      signal,
    );
    return records;
  };

  it("hands every digit, letter and moment over as it is stored", async () => {
    const [record] = await ask(
      odd({
        number: "bigint",
        person: "bigint",
        money: "decimal",
        rate: "decimal",
        yes: "boolean",
        one_bit: "boolean",
        state: "text",
        plain_time: "moment",
        point: "moment",
        day: "moment",
        hours: "moment",
        words: "text",
        'a "b': "text",
      }),
      "c-1",
    );
    assert.deepEqual(record, {
      number: "9007199254740993",
      person: "18446744073709551615",
      money: "12345678901234567890.1230",
      rate: "0.1",
      yes: true,
      one_bit: false,
      state: "it's sent",
      plain_time: "2026-03-29 02:30:00.250",
      point: "2026-03-28 21:30:00+00",
      day: "2026-03-29",
      hours: "-12:00:00",
      words: "naïve 🙂",
      'a "b': "q",
    });
  });

  it("takes no other letters, spaces or numbers for the ones that were asked for", async () => {
    const ids = (records: readonly Readonly<Record<string, unknown>>[]) =>
      records.map(({ id }) => id);
    const all = odd({ id: "integer" });
    assert.deepEqual(ids(await ask(all, "c-1")), [1]);
    assert.deepEqual(ids(await ask({ ...all, shownMax: 1 }, "c-1")), [1], "others fill no limit");
    assert.deepEqual(ids(await ask(all, "C-1")), [2]);
    const byNumber = odd({ id: "integer" }, "number");
    assert.deepEqual(ids(await ask(byNumber, "c-1", "9007199254740993")), [1]);
    for (const number of ["9007199254740992", "9007199254740993abc", "9007199254740993.0", "x"])
      assert.deepEqual(await ask(byNumber, "c-1", number), [], number);
    const byWords = odd({ id: "integer" }, "words");
    assert.deepEqual(ids(await ask(byWords, "c-1", "naïve 🙂")), [1]);
    for (const words of [0, "naive 🙂", "NAÏVE 🙂", "naïve 🙃"])
      assert.deepEqual(await ask(byWords, "c-1", words), [], String(words));
  });

  it("ends a slow statement in the server itself, and reads moments in UTC", async () => {
    const client = openSql({ name: "shop", address: server.reader, timeoutMs: 1_500 });
    const text = "select @@max_statement_time as seconds, @@time_zone as zone";
    const rows = await client.select({ text, values: [] }, signal);
    assert.deepEqual(rows, [{ seconds: 1.5, zone: "+00:00" }]);
  });

  it("says that a number is no truth value rather than make one of it", async () => {
    const tool = odd({ several: "boolean" });
    const strict = { ...tool, record: z.object({ several: z.boolean() }) };
    await assert.rejects(ask(strict, "c-1"), /several of a row in odd `names is not as declared/);
  });

  it("is described with its types, keys and foreign keys", async () => {
    const reader = await openMysqlSchema(server.reader);
    const table = await reader.table({ schema: null, table: "odd `names" });
    const people = await reader.table({ schema: "shop", table: "people" });
    await reader.close();
    assert.deepEqual(table.key, ["id"]);
    assert.deepEqual(table.foreignKeys, [
      { column: "person", to: { schema: null, table: "people", column: "id" } },
    ]);
    assert.deepEqual(Object.fromEntries(table.columns.map(({ name, kind }) => [name, kind])), {
      id: "integer",
      customer: "text",
      number: "bigint",
      person: "bigint",
      money: "decimal",
      rate: "decimal",
      yes: "boolean",
      one_bit: "boolean",
      several: "boolean",
      state: "text",
      extra: null,
      plain_time: "moment",
      point: "moment",
      day: "moment",
      hours: "moment",
      words: "text",
      filled: null,
      picture: null,
      'a "b': "text",
    });
    const state = table.columns.find(({ name }) => name === "state");
    assert.deepEqual(state?.enum, ["open", "it's sent"]);
    const cases = people.columns.map(({ name, letterCase }) => [name, letterCase]);
    assert.deepEqual(cases.slice(1), [
      ["mail", "folded"],
      ["strict", "kept"],
    ]);
  });

  it(
    "is asked over an encrypted connection whose certificate and name are checked",
    { skip: !hasOpenssl },
    async () => {
      const tried = (more: string) => {
        const address = `${server.reader.replace("127.0.0.1", "localhost")}?${more}`;
        const client = openSql({ name: "shop", address, timeoutMs: 10_000 });
        const text = "show session status like 'Ssl_cipher'";
        return client.select({ text, values: [] }, signal);
      };
      const authority = `ssl-ca=${join(folder, "authority.pem")}`;
      assert.notEqual((await tried(authority))[0]?.["Value"], "");
      assert.equal((await tried("ssl-mode=DISABLED"))[0]?.["Value"], "");
      const refused = /encryption or certificate was not accepted/;
      await assert.rejects(tried("ssl-mode=VERIFY_IDENTITY"), refused);
      await certifyServer(folder, "elsewhere.example");
      await server.execute("flush ssl");
      await assert.rejects(tried(authority), refused);
    },
  );
});

/** Certificates of an authority of the test's own, and the server's settings for them. */
async function certified(folder: string): Promise<readonly string[]> {
  await certify(folder, "authority");
  await certifyServer(folder, "localhost");
  // The server runs as another user.
  chmodSync(folder, 0o755);
  return [
    `--ssl-cert=${join(folder, "server.pem")}`,
    `--ssl-key=${join(folder, "server-key.pem")}`,
  ];
}

async function certifyServer(folder: string, name: string): Promise<void> {
  const by = ["-CA", join(folder, "authority.pem"), "-CAkey", join(folder, "authority.key")];
  await certify(folder, "server", ...by, "-addext", `subjectAltName=DNS:${name}`);
  // The other user has to read the key, which certifies nothing outside this test.
  writeFileSync(join(folder, "server-key.pem"), readFileSync(join(folder, "server.key")));
}

async function certify(folder: string, name: string, ...more: readonly string[]): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
  const at = join(folder, name);
  const files = [`${at}.key`, "-out", `${at}.pem`, "-subj", `/CN=${name}`];
  await run("openssl", ["req", "-x509", "-days", "2", ...key, ...files, ...more]);
}

/** Describes tables of MySQL and MariaDB by information_schema, which both have, and what a role may do with them. */

import type { Connection } from "mysql2/promise";
import { z } from "zod";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import {
  type TableName,
  type ColumnKind,
  type ColumnDescription,
  CONNECT_MS,
  HUGE_ROWS,
  type SchemaReader,
  STATEMENT_MS,
  type TableDescription,
} from "#systems/sql/declaration.ts";
import {
  connectMysql,
  ENCRYPTION,
  isEncryption,
  limitSession,
  mysqlFailure,
} from "#systems/sql/mysql.ts";
import { backticked, quotedTable } from "#systems/sql/statement.ts";

/** The longest name that a declaration holds. */
const NAME_MAX = 63;

const Relation = z.object({ kind: z.string() });
/** A part of an index; MySQL says whether the index is visible, MariaDB whether it is ignored. */
const IndexPart = z.object({
  INDEX_NAME: z.string(),
  NON_UNIQUE: z.coerce.number(),
  COLUMN_NAME: z.string().nullable(),
  SUB_PART: z.coerce.number().nullable(),
  NULLABLE: z.string(),
  IS_VISIBLE: z.string().default("YES"),
  IGNORED: z.string().default("NO"),
});
type IndexPart = z.infer<typeof IndexPart>;
const ForeignRow = z.object({
  name: z.string(),
  column: z.string(),
  schema: z.string().nullable(),
  table: z.string(),
  to: z.string(),
});
const Count = z.object({ counted: z.coerce.number() });

/** Opens a database for description. Throws `system.unavailable` when it cannot be reached, and says why without the address. */
export async function openMysqlSchema(address: string): Promise<SchemaReader> {
  let connection: Connection;
  try {
    connection = await connectMysql(address, CONNECT_MS);
    await limitSession(connection, STATEMENT_MS);
  } catch (cause) {
    if (cause instanceof DeskhandError) throw cause;
    throw new DeskhandError("system.unavailable", unreachable(cause), { cause });
  }
  return {
    table: (name) => describeTable(connection, name),
    whole: (name) => quotedTable(name, backticked),
    mayRun: (text) => mayRunInMysql(connection, text),
    async furtherRight() {
      const [rows] = await connection.query("show grants");
      return furtherRights(Grants.parse(rows).flatMap((row) => Object.values(row)));
    },
    howToRead:
      "CREATE USER deskhand_reader IDENTIFIED BY '…'; GRANT SELECT ON the tables TO deskhand_reader",
    close: () => connection.end(),
  };
}

/** By the numbers of the server's error reference, since its sentences quote the user and the host. */
function unreachable(cause: unknown): string {
  const { errno: number, code } = mysqlFailure(cause);
  if (number === 1045 || number === 1698)
    return "the database did not accept the user or the password of its address. Nothing was read";
  if (number === 1044 || number === 1049)
    return "the database that the address names is not there, or this user may not use it";
  return isEncryption(code)
    ? `the database cannot be reached: ${ENCRYPTION}`
    : "the database cannot be reached. Check the host and the port of its address, and that the server runs";
}

/** The database is the one that the address names, unless another is said. */
const THERE = "table_schema = coalesce(?, database()) and table_name = ?";

async function describeTable(connection: Connection, name: TableName): Promise<TableDescription> {
  const { schema, table } = name;
  const place = [schema, table];
  const ask = async <Out extends z.ZodType>(row: Out, text: string) => {
    const [rows] = await connection.query(text, place);
    return z.array(row).parse(rows);
  };
  const shown = schema === null ? table : `${schema}.${table}`;
  const [relation] = await ask(
    Relation,
    `select table_type as kind from information_schema.tables where ${THERE}`,
  );
  if (relation === undefined)
    throw invalidInput(`there is no table ${shown}, or this role does not see it`);
  refuseOther(relation.kind, shown);
  const columns = (await ask(MysqlColumn, `${COLUMNS} where ${THERE} order by ordinal_position`))
    .filter(({ rights, name: one }) => rights.includes("select") && one.length <= NAME_MAX)
    .map(columnDescription);
  if (columns.length === 0) throw invalidInput(`this role may not read ${shown}: grant it SELECT`);
  const parts = (
    await ask(
      IndexPart,
      `select * from information_schema.statistics where ${THERE} order by index_name, seq_in_index`,
    )
  ).filter(({ IS_VISIBLE, IGNORED }) => IS_VISIBLE === "YES" && IGNORED === "NO");
  const key = uniqueKey(parts);
  if (key.length === 0)
    throw invalidInput(
      `the table ${shown} has no primary key and no unique one, so its rows cannot be told apart. Add one`,
    );
  if ([table, ...key].some((one) => one.length > NAME_MAX))
    throw invalidInput(`the table ${shown} or its key has a name of more than ${NAME_MAX} letters`);
  const whole = quotedTable(name, backticked);
  const documents = await documentColumns(connection, whole, columns);
  return {
    schema,
    table,
    columns: columns.map((column) =>
      documents.includes(column.name) ? { ...column, type: "json", kind: null } : column,
    ),
    key,
    foreignKeys: singleForeignKeys(
      await ask(ForeignRow, `${FOREIGN_KEYS} and ${THERE} order by ordinal_position`),
    ),
    indexed: groupedIndexes(parts).flatMap(([first]) => first?.COLUMN_NAME ?? []),
    isHuge: await isHuge(connection, whole),
  };
}

function refuseOther(kind: string, shown: string): void {
  if (kind.includes("VIEW"))
    throw invalidInput(
      `${shown} is a view, and a view has no key of its own: name the table behind it`,
    );
  if (kind === "SEQUENCE") throw invalidInput(`${shown} is a sequence, not a table`);
}

const COLUMNS = `
  select column_name as name, data_type as base, column_type as type, is_nullable as nullable,
    collation_name as collation, privileges as rights from information_schema.columns`;

/** The database of the address has no name here, so that the same files read a copy of it under another name. */
const FOREIGN_KEYS = `
  select constraint_name as name, column_name as \`column\`,
    if(referenced_table_schema = database(), null, referenced_table_schema) as \`schema\`,
    referenced_table_name as \`table\`, referenced_column_name as \`to\`
  from information_schema.key_column_usage where referenced_table_name is not null`;

function groupedIndexes(parts: readonly IndexPart[]): readonly (readonly IndexPart[])[] {
  return [...Map.groupBy(parts, ({ INDEX_NAME }) => INDEX_NAME).values()];
}

/** An index on the beginning of a text or on an expression tells no rows apart. */
function uniqueKey(parts: readonly IndexPart[]): readonly string[] {
  const whole = groupedIndexes(parts)
    .filter((index) =>
      index.every(
        ({ NON_UNIQUE, COLUMN_NAME, SUB_PART, NULLABLE }) =>
          NON_UNIQUE === 0 && COLUMN_NAME !== null && SUB_PART === null && NULLABLE !== "YES",
      ),
    )
    .toSorted((one, other) => Number(isPrimary(other)) - Number(isPrimary(one)));
  return (whole[0] ?? []).map(({ COLUMN_NAME }) => COLUMN_NAME ?? "");
}

function isPrimary(index: readonly IndexPart[]): boolean {
  return index[0]?.INDEX_NAME === "PRIMARY";
}

function singleForeignKeys(rows: readonly z.infer<typeof ForeignRow>[]) {
  return rows
    .filter(({ name }) => rows.filter((other) => other.name === name).length === 1)
    .map(({ column, schema, table, to }) => ({ column, to: { schema, table, column: to } }));
}

/** MariaDB keeps JSON as text and says so only of the columns of an answer; MySQL has a type for it. */
async function documentColumns(
  connection: Connection,
  whole: string,
  columns: readonly ColumnDescription[],
): Promise<readonly string[]> {
  const names = columns.map(({ name }) => backticked(name)).join(", ");
  const [, fields] = await connection.query(`select ${names} from ${whole} where false`);
  return fields.flatMap(({ name, extendedFormat }) => (extendedFormat === "json" ? [name] : []));
}

async function isHuge(connection: Connection, whole: string): Promise<boolean> {
  const [rows] = await connection.query(
    `select count(*) as counted from (select 1 from ${whole} limit ${HUGE_ROWS}) as some_rows`,
  );
  return z.tuple([Count]).parse(rows)[0].counted === HUGE_ROWS;
}

// What a column of MySQL or MariaDB is to a look-up.

const MysqlColumn = z.object({
  name: z.string(),
  base: z.string(),
  type: z.string(),
  nullable: z.enum(["YES", "NO"]),
  collation: z.string().nullable(),
  rights: z.string(),
});

const KINDS: Readonly<Record<string, ColumnKind>> = {
  bigint: "bigint",
  char: "text",
  date: "moment",
  datetime: "moment",
  decimal: "decimal",
  double: "decimal",
  enum: "text",
  float: "decimal",
  inet4: "text",
  inet6: "text",
  int: "integer",
  longtext: "text",
  mediumint: "integer",
  mediumtext: "text",
  set: "text",
  smallint: "integer",
  text: "text",
  time: "moment",
  timestamp: "moment",
  tinyint: "integer",
  tinytext: "text",
  uuid: "text",
  varchar: "text",
  year: "integer",
};

/** `tinyint(1)` is how MySQL writes BOOLEAN. Numbers filled with zeros are no numbers to whoever reads them. */
function columnDescription(row: z.infer<typeof MysqlColumn>): ColumnDescription {
  const { name, base, type, nullable, collation } = row;
  const isTruth = /^(?:tinyint|bit)\(1\)$/.test(type);
  const isFilled = /\bzerofill\b/.test(type);
  return {
    name,
    type,
    kind: isTruth ? "boolean" : isFilled ? null : (KINDS[base] ?? null),
    nullable: nullable === "YES",
    enum: base === "enum" ? enumLabels(type) : [],
    letterCase: collation !== null && !collation.endsWith("_ci") ? "kept" : "folded",
  };
}

/** `enum('open','it''s sent')`, in which a quote is written twice. */
function enumLabels(type: string): readonly string[] {
  return [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = ""]) =>
    label.replaceAll("''", "'"),
  );
}

// Whether a role can do more than read: tried on tables, and looked up in its grants.

/** What a grant may say of a role that only reads (MySQL 8.2.2, MariaDB "GRANT"); anything else is more. */
const READS = new Set([
  "BINLOG MONITOR",
  "PROCESS",
  "REPLICATION CLIENT",
  "SELECT",
  "SHOW DATABASES",
  "SHOW VIEW",
  "SLAVE MONITOR",
  "USAGE",
]);

const Grants = z.array(z.record(z.string(), z.string()));

/** Refused by right (1044, 1142, 1143, 1227), or by a server that takes no writes at all (1290, 1792, 1836). */
const REFUSED = [1044, 1142, 1143, 1227, 1290, 1792, 1836];

async function mayRunInMysql(connection: Connection, text: string): Promise<boolean> {
  await connection.query("start transaction read write");
  try {
    await connection.query(text);
    return true;
  } catch (error) {
    // With the right, something else stood in the way: a generated column, a trigger.
    const { errno: number } = mysqlFailure(error);
    if (number === 0) throw error;
    return !REFUSED.includes(number);
  } finally {
    await connection.query("rollback");
  }
}

/**
 * The first right beyond reading that lines of SHOW GRANTS say, in words; null where there is none. A role that the user
 * may take on counts as one, since its own rights are not looked into. No line is quoted: one may hold a password's hash.
 */
export function furtherRights(lines: readonly string[]): string | null {
  for (const line of lines) {
    // What is taken away again for one database adds nothing ("Privilege Restriction Using Partial Revokes").
    if (/^(?:SET DEFAULT ROLE|REVOKE) /i.test(line)) continue;
    const rights = grantedRights(line);
    if (rights === null) return "take on another role";
    const more = rights.find((one) => !READS.has(one));
    if (more !== undefined) return `do more than read (${more})`;
  }
  return null;
}

/** A right, the columns it is limited to, and what follows: another right, or what they are on. */
const RIGHT = /(?<right>[A-Z_]+(?: [A-Z_]+)*) ?(?:\((?:`[^`]*`(?:, )?)*\))?(?<end>, | ON )/y;

/** The rights of one line; null for a line that grants something else, which is a role. */
function grantedRights(line: string): readonly string[] | null {
  const rights: string[] = [];
  RIGHT.lastIndex = "GRANT ".length;
  for (let found = RIGHT.exec(line); found !== null; found = RIGHT.exec(line)) {
    rights.push(found.groups?.["right"] ?? "");
    if (found.groups?.["end"] === " ON ") return rights;
  }
  return null;
}

/**
 * What a look-up in a database declares, and what a database says of one table. The statement is made from a
 * declaration by code: nothing in it is SQL.
 */
import { z } from "zod";
import { RecordFields, ShownMoney, Text, ToolHead } from "#systems/declared-fields.ts";

/** PostgreSQL cuts longer names off (4.1.1), and then a name would mean another table. */
const Name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}+$/u);

/** A database that look-ups read. */
export const Database = z.strictObject({
  /** Names it in traces and errors. */
  name: Text.max(60),
  /** The name of the setting with its address, such as `SHOP_DATABASE_URL`; the address is never written in a file. */
  addressFrom: Text,
  limits: z.strictObject({
    /** A look-up that takes longer is ended by the database itself. */
    timeoutMs: z.int().min(1).max(60_000),
  }),
});
export type Database = z.output<typeof Database>;

/** A table by its name, as the database spells it. */
const TableName = z.strictObject({
  /** Null for the database that an address of MySQL names. */
  schema: Name.nullable(),
  table: Name,
});
export type TableName = z.output<typeof TableName>;

/** A column of the table, or of a joined one. */
const Column = z.strictObject({
  column: Name,
  /** The name of the join; left out for the table itself. */
  of: Text.exactOptional(),
  /**
   * How a cell is read. `bigint` and `decimal` are shown as the text the database writes, so that no digit is lost;
   * `moment` is a date or time as text.
   */
  kind: z.enum(["text", "integer", "bigint", "decimal", "boolean", "moment"]),
});
export type Column = z.output<typeof Column>;
export type ColumnKind = Column["kind"];

/** The record that a foreign key of one column leads to: at most one a row, so no row is shown twice. */
const Join = TableName.extend({
  /** Names it within this declaration. */
  name: Text,
  /** The column of the table that holds the foreign key. */
  from: Name,
  /** The key it refers to. */
  to: Name,
});
export type Join = z.output<typeof Join>;

/** How rows are proven to be the requester's. */
const RowBelonging = z.discriminatedUnion("by", [
  /** This column equals what is known of the requester: compared in the statement, and once more in what came back. */
  z.strictObject({
    by: z.literal("column"),
    column: Column,
    is: z.enum(["customer_id", "email"]),
  }),
  /** Not about a customer, such as opening hours. Says why, for `tools check`. */
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);
export type RowBelonging = z.output<typeof RowBelonging>;

/** A look-up in a table. */
export const SqlReadDeclaration = z.strictObject({
  kind: z.literal("sql-read"),
  /** Formed already, since all look-ups of a folder share it. */
  database: z.custom<Database>(),
  /** Each property of the input is compared with one column. */
  ...ToolHead,
  from: TableName.extend({
    /** The columns that rows are shown in the order of, the highest first: the primary key, perhaps behind a time. */
    key: z.array(Name).min(1),
    joins: z.array(Join),
    /** What is read, by the name the model sees. Nothing else is selected. */
    columns: z.record(Text, Column),
    /** Which input each looked-up column must equal, by the column's name. */
    lookUp: z.record(Name, Text),
  }),
  belongsTo: RowBelonging,
  /** Parses a row: one property for each of `columns`. */
  record: RecordFields,
  money: ShownMoney.exactOptional(),
  /** Names of `columns` with personal data. */
  personal: z.array(Text),
  /** At most so many rows are shown. */
  shownMax: z.int().min(1).max(100),
});
export type SqlReadDeclaration = z.output<typeof SqlReadDeclaration>;

export interface ColumnDescription {
  readonly name: string;
  /** As the database spells it, for the lead. */
  readonly type: string;
  /** Null for what no look-up shows: bytes, JSON, lists and types of the database's own. */
  readonly kind: ColumnKind | null;
  readonly nullable: boolean;
  /** Every allowed text, where the type lists them; empty when any is allowed. */
  readonly enum: readonly string[];
  /**
   * How an e-mail address is found whatever the case of its letters: `lowered` by `lower(…)`, `folded` by the column's
   * collation; a column that has it `kept` finds only one written the same way.
   */
  readonly letterCase: "lowered" | "folded" | "kept";
}

/** A foreign key of one column; those of several columns are not followed. */
interface ForeignKey {
  readonly column: string;
  readonly to: TableName & { readonly column: string };
}

export interface TableDescription extends TableName {
  readonly columns: readonly ColumnDescription[];
  /** The primary key, or the first unique key without empty values; empty when there is none. */
  readonly key: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
  /** The first part of each index that covers all rows, as the database spells it: a column, or `lower(email)`. */
  readonly indexed: readonly string[];
  /** True from HUGE_ROWS on. */
  readonly isHuge: boolean;
}

/** From so many rows on, a look-up has to go through an index. */
export const HUGE_ROWS = 100_000;

/** How long a server may take to be reached. */
export const CONNECT_MS = 5_000;

/** How long one statement may take. A count of a hundred thousand rows takes a fraction of this. */
export const STATEMENT_MS = 10_000;

/** A database that was opened to be described. It is read only, except for the attempt to write. */
export interface SchemaReader {
  /** Throws `input.invalid` for a table that is not there, for a view, and for one without a key. */
  table(name: TableName): Promise<TableDescription>;
  /** A table's name as a statement has it. */
  whole(name: TableName): string;
  /** Whether this role may run a statement that writes; tried in a transaction that is rolled back. */
  mayRun(text: string): Promise<boolean>;
  /** What this role can do beside reading, in words; null where it is nothing. */
  furtherRight(): Promise<string | null>;
  /** The statements that make a role that only reads. */
  readonly howToRead: string;
  close(): Promise<void>;
}

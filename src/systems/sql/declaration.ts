/** What a look-up in a database declares. The statement is made from it by code: nothing in it is SQL. */
import type { z } from "zod";
import type { IdentityLevel } from "#core/values/identity.ts";

/** A database that look-ups read. */
export interface Database {
  /** Names it in traces and errors. */
  readonly name: string;
  /** The name of the setting with its address, such as `SHOP_DATABASE_URL`; the address is never written in a file. */
  readonly addressFrom: string;
  readonly limits: {
    /** A look-up that takes longer is ended by the database itself. */
    readonly timeoutMs: number;
  };
}

/** A table by its name, as the database spells it. */
export interface TableName {
  /** Null for the database that an address of MySQL names. */
  readonly schema: string | null;
  readonly table: string;
}

/**
 * How a cell is read. `bigint` and `decimal` are shown as the text the database writes, so that no digit is lost;
 * `moment` is a date or time as text.
 */
export type ColumnKind = "text" | "integer" | "bigint" | "decimal" | "boolean" | "moment";

/** A column of the table, or of a joined one. */
export interface Column {
  readonly column: string;
  /** The name of the join; left out for the table itself. */
  readonly of?: string;
  readonly kind: ColumnKind;
}

/** The record that a foreign key of one column leads to: at most one a row, so no row is shown twice. */
export interface Join extends TableName {
  /** Names it within this declaration. */
  readonly name: string;
  /** The column of the table that holds the foreign key. */
  readonly from: string;
  /** The key it refers to. */
  readonly to: string;
}

/** How rows are proven to be the requester's. */
export type RowBelonging =
  /** This column equals what is known of the requester: compared in the statement, and once more in what came back. */
  | { readonly by: "column"; readonly column: Column; readonly is: "customer_id" | "email" }
  /** Not about a customer, such as opening hours. Says why, for `tools check`. */
  | { readonly by: "nothing"; readonly because: string };

/** A look-up in a table. */
export interface SqlReadDeclaration {
  readonly kind: "sql-read";
  readonly database: Database;
  readonly name: string;
  readonly description: string;
  readonly minimumLevel: IdentityLevel;
  /** A strict object; each property is compared with one column. */
  readonly input: z.ZodObject;
  readonly from: TableName & {
    /** The primary key: rows are shown in its order, the highest first. */
    readonly key: readonly string[];
    readonly joins: readonly Join[];
    /** What is read, by the name the model sees. Nothing else is selected. */
    readonly columns: Readonly<Record<string, Column>>;
    /** Which input each looked-up column must equal, by the column's name. */
    readonly lookUp: Readonly<Record<string, string>>;
  };
  readonly belongsTo: RowBelonging;
  /** Parses a row: one property for each of `columns`. */
  readonly record: z.ZodObject;
  /** Names of `columns` with personal data. */
  readonly personal: readonly string[];
  /** At most so many rows are shown. */
  readonly shownMax: number;
}

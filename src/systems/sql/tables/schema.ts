/** What a database says of one table. */
import type { ColumnKind, TableName } from "#systems/sql/declaration.ts";

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

/** Names that say that a column holds something that no tool should show. */
const SECRET_WORDS =
  /pass(?:word|wd|phrase|code)?|pwd|secret|token|hash|salt|credential|private|api_?key|session|cookie|otp|pin|cvv|cvc|iban|ssn|card_?num|pan/i;

/** Whether a column is offered only with a typed confirmation. Words are compared, so that `shipping` holds no `pin`. */
export function looksSecret(name: string): boolean {
  const words = name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== "");
  const whole = new RegExp(`^(?:${SECRET_WORDS.source})s?$`, "i");
  return (
    words.some(
      (word, index) => whole.test(word) || whole.test(`${word}_${words[index + 1] ?? ""}`),
    ) ||
    /password|passwd|secret|token|apikey|creditcard|hash(?:ed)?$/i.test(
      name.replaceAll(/[^A-Za-z]/g, ""),
    )
  );
}

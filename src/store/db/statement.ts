/** Statements whose text never changes: a connection plans each once, and one that stands alone needs no transaction. */
import type { z } from "zod";
import { sql, type SQL } from "./drizzle.ts";

/** A value a statement takes. Lists and objects are passed as JSON text. */
export type StatementValue = string | number | boolean | Date | null;

/** A statement with numbered parameters, and the form of its rows. */
export interface Statement<Row extends z.ZodType = z.ZodType> {
  /** Unique: connections keep the plan under this name. */
  readonly name: string;
  readonly text: string;
  readonly row: Row;
}

/** Runs a statement's text where it was asked for: in a transaction, or alone on a connection. */
export type StatementRunner = (
  statement: Statement,
  values: readonly StatementValue[],
) => Promise<unknown>;

/** The rows a runner gave, each parsed. */
export function parsedRows<Row extends z.ZodType>(
  { row }: Pick<Statement<Row>, "row">,
  answer: unknown,
): readonly z.output<Row>[] {
  // Both drivers answer with an object of rows; only the rows are ours to check.
  if (typeof answer !== "object" || answer === null || !("rows" in answer))
    throw new Error("the driver's answer has no rows");
  const { rows } = answer;
  if (!Array.isArray(rows)) throw new Error("the driver's rows are no list");
  return rows.map((each: unknown) => row.parse(each));
}

/** The statement for the query builder, where there is no connection of our own to plan it on. */
export function asBuilt({ text }: Statement, values: readonly StatementValue[]): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(
    parts.map((part, index) =>
      index % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1] ?? null}`,
    ),
  );
}

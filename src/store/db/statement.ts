/** Statements whose text never changes: a connection plans each once, and one that stands alone needs no transaction. */
import { z } from "zod";
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

const Rows = z.object({ rows: z.array(z.unknown()) });

/** The rows a runner gave, each parsed. */
export function parsedRows<Row extends z.ZodType>(
  { row }: Statement<Row>,
  answer: unknown,
): readonly z.output<Row>[] {
  return z.array(row).parse(Rows.parse(answer).rows);
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

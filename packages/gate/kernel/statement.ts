/** Statements whose text never changes, how their rows are read, and how one is asked inside a transaction. */
import type { z } from "zod";

/** A value a statement takes. Lists and objects are passed as JSON text. */
export type StatementValue = string | number | boolean | Date | null;

/** A statement with numbered parameters, and the form of its rows. */
export interface Statement<Row extends z.ZodType = z.ZodType> {
  /** Unique: connections keep the plan under this name. */
  readonly name: string;
  readonly text: string;
  readonly row: Row;
}

/** Runs a statement in the transaction this stands for; gives its rows, each parsed. */
export type Ask = <Row extends z.ZodType>(
  statement: Statement<Row>,
  values: readonly StatementValue[],
) => Promise<readonly z.output<Row>[]>;

/** The rows a driver gave, each parsed. */
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

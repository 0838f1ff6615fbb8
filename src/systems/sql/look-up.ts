/** Carries out one look-up: asks, proves each row once more, and parses it. */
import { DeskhandError } from "#core/values/errors.ts";
import { isTheirs, type Requester } from "#systems/request-values.ts";
import type { ColumnKind, SqlReadDeclaration } from "./declaration.ts";
import { PROOF, lookUpStatement, type Cell, type Row, type SqlClient } from "./statement.ts";

/** Rows of the requester, parsed. */
export interface FoundRows {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** True when there are more than are shown. */
  readonly isMore: boolean;
}

const NOTHING: FoundRows = { records: [], isMore: false };

/**
 * Reads the rows that equal the input and are the requester's. A row of another customer looks like none. Throws
 * `tool.invalid_output` for a row that is not as declared, and what the database's client throws.
 */
export async function lookUp(
  declaration: SqlReadDeclaration,
  client: SqlClient,
  input: Readonly<Record<string, unknown>>,
  requester: Requester,
  signal: AbortSignal,
): Promise<FoundRows> {
  const statement = lookUpStatement(declaration, input, requester, client.dialect);
  if (statement === null) return NOTHING;
  const rows = await client.select(statement, signal);
  const theirs = rows.filter((row) => isOwn(declaration, row, requester));
  const shown = theirs.slice(0, declaration.shownMax);
  return {
    records: shown.map((row) => rowRecord(declaration, row)),
    isMore: theirs.length > shown.length,
  };
}

/**
 * A collation may take other letters for equal, and a type may take other text for the same value, so that what came
 * back is compared as text.
 */
function isOwn({ belongsTo }: SqlReadDeclaration, row: Row, requester: Requester): boolean {
  return belongsTo.by === "nothing" || isTheirs(row, { field: PROOF, is: belongsTo.is }, requester);
}

function rowRecord(declaration: SqlReadDeclaration, row: Row): Readonly<Record<string, unknown>> {
  const { columns } = declaration.from;
  const cells = Object.entries(columns).map(([name, { kind }]) => [
    name,
    valueOf(row[name] ?? null, kind),
  ]);
  const record = declaration.record.safeParse(Object.fromEntries(cells));
  if (record.success) return record.data;
  const fields = record.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new DeskhandError(
    "tool.invalid_output",
    `${declaration.name}: ${fields} of a row in ${declaration.from.table} is not as declared. Import the table again`,
  );
}

/** MySQL has no truth values: 0 and 1 stand for them, and any other number is not as declared. */
function valueOf(cell: Cell, kind: ColumnKind): Cell {
  if (cell === null) return null;
  if (kind === "boolean") return cell === 0 || cell === 1 ? cell === 1 : cell;
  if (kind === "bigint" || kind === "decimal") return String(cell);
  return cell;
}

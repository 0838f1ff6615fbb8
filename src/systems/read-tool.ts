/** Makes the read tool of a declaration, of a system or of a database. */

import { z } from "zod";
import { RECORD_NOT_FOUND, readTool, type ReadTool } from "#core/contracts/tool.ts";
import type { ReadDeclaration, SqlReadDeclaration } from "./contract.ts";
import { type Asking, ownRecords, type SystemPorts } from "./look-up.ts";
import { withMoney } from "./amounts.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ColumnKind } from "#systems/sql/declaration.ts";
import {
  PROOF,
  lookUpStatement,
  type Cell,
  type Row,
  type SqlClient,
} from "#systems/sql/statement.ts";
import { isTheirs, type Requester, requesterIn } from "./request-values.ts";

const Found = z.strictObject({
  found: z.literal(true),
  /** Already narrowed to the fields of the declaration. */
  records: z.array(z.record(z.string(), z.json())),
  /** How many more there are than are shown; left out for none. */
  more: z.int().min(1).optional(),
  /** There are more, and how many was not counted. */
  are_there_more: z.literal(true).optional(),
});

/** The same answer for every record that may not be shown, whatever the reason. */
const NothingFound = z.strictObject({ found: z.literal(false), remark: z.string() });

const Result = z.discriminatedUnion("found", [NothingFound, Found]);

/**
 * A look-up in a system as a tool of the agent. It shows records that are proven to be the requester's, at most as many
 * as the declaration says, with the fields of its schema and no others. For everything else it answers with one and the
 * same sentence after the same calls.
 */
export function declaredReadTool(
  declaration: ReadDeclaration | SqlReadDeclaration,
  ports: SystemPorts,
): ReadTool {
  const { name, description, minimumLevel, input, belongsTo, personal, shownMax } = declaration;
  const units = declaration.kind === "read" ? declaration.minorUnits : undefined;
  // Behind an MCP server may be anybody's text; every other system is the operator's own.
  const isMcp = declaration.kind === "read" && declaration.connection.mcp !== undefined;
  const shown = (record: unknown): unknown =>
    units === undefined ? record : withMoney(record, units);
  return readTool({
    kind: "read",
    provenance: isMcp ? "third_party" : "own",
    name,
    description,
    minimumLevel,
    accountData: belongsTo.by !== "nothing",
    input,
    output: Result,
    personal: personal.map((path) => path.split(".").at(-1) ?? path),
    async run(given, context): Promise<z.infer<typeof Result>> {
      const requester = requesterIn(context, minimumLevel);
      const { signal } = context;
      const found = await foundRecords(declaration, ports, { input: given, requester, signal });
      const { records: own, isMore } = found;
      // Below the level the answer is the same as for nothing, and only after the system was asked.
      if (own.length === 0 || context.requester.level < minimumLevel)
        return { found: false, remark: RECORD_NOT_FOUND };
      const records = z
        .array(z.record(z.string(), z.json()))
        .parse(own.slice(0, shownMax).map(shown));
      const more = own.length - records.length;
      if (isMore) return { found: true, records, are_there_more: true };
      return { found: true, records, ...(more > 0 ? { more } : {}) };
    },
  });
}

/** What is theirs. A table is not read to its end only to count how much more there is. */
async function foundRecords(
  declaration: ReadDeclaration | SqlReadDeclaration,
  ports: SystemPorts,
  asking: Asking,
): Promise<FoundRecords> {
  if (declaration.kind === "read")
    return { records: await ownRecords(ports, declaration, asking), isMore: false };
  const { input, requester, signal } = asking;
  return lookUp(declaration, ports.sqlOf(declaration.database), input, requester, signal);
}

// Looks up in a database: asks, proves each row once more, and parses it.

/** Records of the requester, parsed. */
export interface FoundRecords {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** True when there are more than these, and how many was not counted. */
  readonly isMore: boolean;
}

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
): Promise<FoundRecords> {
  const statement = lookUpStatement(declaration, input, requester, client.dialect);
  if (statement === null) return { records: [], isMore: false };
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

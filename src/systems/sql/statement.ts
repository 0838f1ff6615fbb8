/** Makes the one statement of a look-up: parametrised, bound to the requester, limited. */
import { DeskhandError } from "#core/values/errors.ts";
import {
  fieldAt,
  plain,
  type Plain,
  type Requester,
  smallLetters,
} from "#systems/request-values.ts";
import type { Column, SqlReadDeclaration, TableName } from "./declaration.ts";

/** The databases that can be read. */
export type Dialect = "mysql" | "postgres";

/** A statement with its values beside it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Plain[];
}

/** Longer texts of a cell are cut by the database, so that no cell can fill the memory. */
export const CELL_CHARACTERS_MAX = 2_000;

/** The name of the extra column that proves whose a row is; it is dropped before anything else sees the row. */
export const PROOF = "deskhand_proof";

/** Quotes a name, as PostgreSQL 4.1.1 says: in double quotes, those in it doubled. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a name for MySQL (9.2): in backticks, those in it doubled, which no mode of the server changes. */
export function backticked(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

type Quote = (name: string) => string;

/**
 * The statement for this input and requester; null where the requester is not known by what the rows are bound to, and
 * then there is nothing to ask. The condition on the requester is made here and from nothing that the model chose.
 */
export function lookUpStatement(
  declaration: SqlReadDeclaration,
  input: Readonly<Record<string, unknown>>,
  requester: Requester,
  dialect: Dialect,
): Statement | null {
  const { from, belongsTo, shownMax } = declaration;
  const quote = dialect === "mysql" ? backticked : quoted;
  const values: Plain[] = [];
  const equals = comparison(dialect, values);
  const at = columnPlaces(declaration, quote);
  const selected = Object.entries(from.columns).map(
    ([name, column]) => `${shownAs(at(column), column, dialect)} as ${quote(name)}`,
  );
  const conditions: string[] = [];
  if (belongsTo.by === "column") {
    const known = requester[belongsTo.is];
    if (known === null || known === "") return null;
    const proof = at(belongsTo.column);
    selected.push(`${dialect === "mysql" ? asText(proof) : proof} as ${quote(PROOF)}`);
    conditions.push(
      belongsTo.is === "email"
        ? equals(proof, smallLetters(known), `lower(${proof})`)
        : equals(proof, known),
    );
  }
  for (const [column, name] of Object.entries(from.lookUp)) {
    // An input that is no plain value equals no cell.
    const value = plain(fieldAt(input, name));
    if (value === null) return null;
    conditions.push(equals(`t.${quote(column)}`, value));
  }
  const order = from.key.map((column) => `t.${quote(column)} desc`).join(", ");
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return {
    text:
      `select ${selected.join(", ")} from ${quotedTable(from, quote)} as t${joinClauses(declaration, quote)}` +
      `${where} order by ${order} limit ${shownMax + 1}`,
    values,
  };
}

/**
 * The condition that a column, or what is made of it, equals a value, which is set beside the statement. MySQL takes
 * `Kim` for `kim`, `c-1 ` for `c-1` and, beside a number, `1abc` for 1, so that the rows of others could fill the limit:
 * there the column is compared as it is, which an index serves, and then by its bytes.
 */
function comparison(
  dialect: Dialect,
  values: Plain[],
): (column: string, value: Plain, compared?: string) => string {
  return (column, value, compared = column) => {
    if (dialect === "mysql") {
      values.push(String(value), String(value));
      return `${column} = ? and cast(${asText(compared)} as binary) = ?`;
    }
    values.push(value);
    return `${compared} = $${values.length}`;
  };
}

function asText(place: string): string {
  return `convert(${place} using utf8mb4)`;
}

/** A table as a statement has it; without a schema, in the database of the address. */
export function quotedTable({ schema, table }: TableName, quote: Quote): string {
  return schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
}

function joinClauses({ from }: SqlReadDeclaration, quote: Quote): string {
  return from.joins
    .map((join, index) => {
      const alias = `j${index}`;
      return ` left join ${quotedTable(join, quote)} as ${alias} on ${alias}.${quote(join.to)} = t.${quote(join.from)}`;
    })
    .join("");
}

function columnPlaces(
  { from, name }: SqlReadDeclaration,
  quote: Quote,
): (column: Column) => string {
  const aliases = new Map(from.joins.map((join, index) => [join.name, `j${index}`]));
  return ({ column, of }) => {
    const alias = of === undefined ? "t" : aliases.get(of);
    if (alias === undefined) throw new Error(`the tool ${name} names no join ${of}`);
    return `${alias}.${quote(column)}`;
  };
}

/** Texts are cut; MySQL hands bits over as bytes and a FLOAT with digits it never had, unless it is asked otherwise. */
function shownAs(place: string, { kind }: Column, dialect: Dialect): string {
  if (dialect === "mysql") {
    if (kind === "text") return `left(${asText(place)}, ${CELL_CHARACTERS_MAX})`;
    if (kind === "boolean") return `${place} + 0`;
    return kind === "decimal" || kind === "bigint" ? asText(place) : place;
  }
  return kind === "text" ? `left(${place}::text, ${CELL_CHARACTERS_MAX})` : place;
}

/** A cell as the driver gives it. */
export type Cell = string | number | boolean | null;

export type Row = Readonly<Record<string, Cell>>;

/**
 * Reads one database. `select` throws `system.unavailable` where it cannot be asked or takes too long, and
 * `system.refused` where it says no; the text of an error holds no value of a row or of a customer.
 */
export interface SqlClient {
  readonly dialect: Dialect;
  select(statement: Statement, signal: AbortSignal): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface SqlAccess {
  /** Names it in errors. */
  readonly name: string;
  /** `postgres://…` or `mysql://…`. May contain a password, so it stands in no error. */
  readonly address: string;
  readonly timeoutMs: number;
}

/** Why a look-up gave nothing: `detail` names the error by its number alone, since the server's sentences may quote a value. */
export function sqlFailure(
  { name, timeoutMs }: SqlAccess,
  why: "slow" | "refused" | "away",
  detail: string,
): DeskhandError {
  if (why === "slow")
    return new DeskhandError(
      "system.unavailable",
      `the database ${name} took longer than ${timeoutMs} ms, and the look-up was ended`,
    );
  if (why === "refused")
    return new DeskhandError(
      "system.refused",
      `the database ${name} refused the look-up${detail}: its tables, or the password or rights of the role, changed. Check them, then import the table again`,
    );
  return new DeskhandError("system.unavailable", `the database ${name} cannot be asked${detail}`);
}

/** Classes of SQLSTATE that say no: a feature, a sign-in, a state, a database, a name or a right. */
export const REFUSING_STATES = /^(?:0A|25|28|3D|42)/;

/** The driver's own time limit, for a server that no longer answers; the server's limit ends a slow statement first. */
export const GRACE_MS = 1_000;

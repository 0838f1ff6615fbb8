/** Makes the one statement of a look-up: parametrised, bound to the requester, limited. */
import type { Column, SqlReadDeclaration } from "./declaration.ts";

/** The databases that can be read. */
export type Dialect = "postgres" | "sqlite";

/** What is known of the requester, as text. */
export interface RequesterFacts {
  readonly customerId: string | null;
  readonly email: string | null;
}

/** A statement with its values beside it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | number | boolean)[];
}

/** Longer texts of a cell are cut by the database, so that no cell can fill the memory. */
export const CELL_CHARACTERS_MAX = 2_000;

/** The name of the extra column that proves whose a row is; it is dropped before anything else sees the row. */
export const PROOF = "deskhand_proof";

/** Quotes a name, as PostgreSQL 4.1.1 and SQLite's "Keywords" say: in double quotes, those in it doubled. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The statement for this input and requester; null where the requester is not known by what the rows are bound to, and
 * then there is nothing to ask. The condition on the requester is made here and from nothing that the model chose.
 */
export function statementOf(
  declaration: SqlReadDeclaration,
  input: Readonly<Record<string, unknown>>,
  requester: RequesterFacts,
  dialect: Dialect,
): Statement | null {
  const { from, belongsTo, shownMax } = declaration;
  const values: (string | number | boolean)[] = [];
  const place = (value: string | number | boolean): string => {
    values.push(value);
    return dialect === "postgres" ? `$${values.length}` : "?";
  };
  const at = placesOf(declaration);
  const selected = Object.entries(from.columns).map(
    ([name, column]) => `${shortened(at(column), column, dialect)} as ${quoted(name)}`,
  );
  const conditions: string[] = [];
  if (belongsTo.by === "column") {
    const known = belongsTo.is === "email" ? requester.email : requester.customerId;
    if (known === null || known === "") return null;
    const proof = at(belongsTo.column);
    selected.push(`${proof} as ${quoted(PROOF)}`);
    conditions.push(
      belongsTo.is === "email"
        ? `lower(${proof}) = ${place(lowered(known))}`
        : `${proof} = ${place(known)}`,
    );
  }
  for (const [column, name] of Object.entries(from.lookUp)) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    // An input that is no plain value equals no cell.
    if (typeof value !== "string" && !(typeof value === "number" && Number.isFinite(value)))
      return null;
    conditions.push(`t.${quoted(column)} = ${place(value)}`);
  }
  const order = from.key.map((column) => `t.${quoted(column)} desc`).join(", ");
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return {
    text:
      `select ${selected.join(", ")} from ${tableOf(from)} as t${joinsOf(declaration)}` +
      `${where} order by ${order} limit ${shownMax + 1}`,
    values,
  };
}

/**
 * An address as it is compared: only the letters A to Z lose their case, since a database and JavaScript do not agree
 * about others, and some become an ASCII letter.
 */
export function lowered(address: string): string {
  return address.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function tableOf({
  schema,
  table,
}: {
  readonly schema: string | null;
  readonly table: string;
}): string {
  return schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}

function joinsOf({ from }: SqlReadDeclaration): string {
  return from.joins
    .map((join, index) => {
      const alias = `j${index}`;
      return ` left join ${tableOf(join)} as ${alias} on ${alias}.${quoted(join.to)} = t.${quoted(join.from)}`;
    })
    .join("");
}

function placesOf({ from, name }: SqlReadDeclaration): (column: Column) => string {
  const aliases = new Map(from.joins.map((join, index) => [join.name, `j${index}`]));
  return ({ column, of }) => {
    const alias = of === undefined ? "t" : aliases.get(of);
    if (alias === undefined) throw new Error(`the tool ${name} names no join ${of}`);
    return `${alias}.${quoted(column)}`;
  };
}

function shortened(place: string, { kind }: Column, dialect: Dialect): string {
  if (kind !== "text") return place;
  return dialect === "postgres"
    ? `left(${place}::text, ${CELL_CHARACTERS_MAX})`
    : `substr(${place}, 1, ${CELL_CHARACTERS_MAX})`;
}

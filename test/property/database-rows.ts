/** Rows of the database with one value that matters. */
import {
  getTableColumns,
  getTableName,
  type PgColumn,
  type PgTable,
  sql,
} from "#store/db/drizzle.ts";

type SQL = ReturnType<typeof sql>;

/** A row with one value that matters; the others are whatever the table takes. */
export function insertOf(
  table: PgTable,
  column: PgColumn,
  value: unknown,
  text: () => string,
): SQL {
  const others = Object.values(getTableColumns(table)).filter(
    (other) =>
      other.name !== column.name &&
      other.notNull &&
      !other.hasDefault &&
      other.generatedIdentity === undefined,
  );
  const names = [column, ...others].map((one) => sql.identifier(one.name));
  const given = value === null ? sql`null` : sql`${sql.param(value, column)}`;
  const values = [given, ...others.map((other) => fillerFor(table, other, text))];
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) values (${sql.join(values, sql`, `)})`;
}

/** Words a check constraint wants; everything else takes any. */
const WORDS: Readonly<Record<string, string>> = {
  "hint.kind": "message",
  "approval.kind": "proposal",
  "effect.approved_by": "policy",
  "effect.state": "done",
  "draft_difference.kind": "edit",
  "draft_difference.decision": "declined",
  "knowledge_gap.reason": "unanswered",
  "knowledge_gap.channel": "email",
  "policy_change.source": "file",
  "policy_change.state": "superseded",
  "procedure_version.state": "retired",
  "procedure_version.origin": "file",
  "rehearsal.state": "done",
};

function fillerFor(table: PgTable, column: PgColumn, text: () => string): SQL {
  switch (column.getSQLType()) {
    case "text":
      return sql`${WORDS[`${getTableName(table)}.${column.name}`] ?? text()}`;
    case "integer":
    case "bigint":
      return sql`1`;
    case "date":
      return sql`current_date`;
    case "timestamp with time zone":
      return sql`now()`;
    case "boolean":
      return sql`false`;
    case "jsonb":
      return sql`'[]'::jsonb`;
    default:
      throw new Error(`nothing is known to fill ${column.name} with`);
  }
}

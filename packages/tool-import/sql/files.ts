/** Writes the files of look-ups in a database: declarations people read, change and keep. */
import { comment, keyLiteral, literalOf, stringLiteral } from "#importing/generate/literal.ts";
import { constantName, fileName } from "#importing/generate/names.ts";
import type { DatabaseAnswers } from "./answers.ts";
import { columnOf, type PlannedColumn, type PlannedLookUp } from "./plan.ts";

const WIDTH = 118;
const TEXT_MAX = 200;
/** Whole numbers of an `integer`, and of one of MySQL that is `unsigned`. */
const INTEGER_MAX = 2_147_483_647;
const UNSIGNED_MAX = 4_294_967_295;

/** The database before it is written. */
export interface PlannedDatabase extends Pick<DatabaseAnswers, "timeout_ms"> {
  /** The name of the folder, and of the database in errors. */
  readonly name: string;
  readonly addressFrom: string;
}

/** Every file by name, before it is formatted. `all` are the names of the folder's tools, earlier ones too. */
export function sqlFiles(
  database: PlannedDatabase,
  lookUps: readonly PlannedLookUp[],
  all: readonly string[],
): ReadonlyMap<string, string> {
  return new Map([
    ["connection.ts", databaseFile(database)],
    ...lookUps.map((lookUp) => [`${fileName(lookUp.name)}.ts`, lookUpFile(lookUp)] as const),
    ["index.ts", indexFile(database, all)],
  ]);
}

function databaseFile({ name, addressFrom, timeout_ms }: PlannedDatabase): string {
  return [
    comment(
      [
        `The database ${name}, read by a role that cannot write. Its address is the setting ${addressFrom}, never a line here.`,
      ],
      WIDTH,
    ),
    'import type { Database } from "#systems/contract.ts";',
    "",
    `export const database: Database = ${literalOf({ name, addressFrom, limits: { timeoutMs: timeout_ms } })};`,
    "",
  ].join("\n");
}

function indexFile({ name }: PlannedDatabase, all: readonly string[]): string {
  const sorted = all.toSorted();
  return [
    comment([`All look-ups in ${name}.`], WIDTH),
    'import type { SystemTool } from "#systems/contract.ts";',
    ...sorted.map((tool) => `import { ${constantName(tool)} } from "./${fileName(tool)}.ts";`),
    "",
    `export const tools: readonly SystemTool[] = [${sorted.map((tool) => `\n${constantName(tool)},`).join("")}\n];`,
    "",
  ].join("\n");
}

function lookUpFile(lookUp: PlannedLookUp): string {
  const { name, table, belongsTo } = lookUp;
  const whole = table.schema === null ? table.table : `${table.schema}.${table.table}`;
  const lines: readonly (readonly [string, string])[] = [
    ["kind", '"sql-read"'],
    ["database", "database"],
    ["name", literalOf(name)],
    ["description", literalOf(lookUp.description)],
    ["minimumLevel", literalOf(lookUp.level)],
    ["input", `z.strictObject({${lookUp.inputs.map(inputLine).join("")}})`],
    ["from", literalOf(fromLiteral(lookUp))],
    [
      "belongsTo",
      literalOf(
        belongsTo.by === "column"
          ? { ...belongsTo, column: { ...belongsTo.column } }
          : { ...belongsTo },
      ),
    ],
    ["record", `z.object({${lookUp.columns.map(recordLine).join("")}})`],
    ["personal", literalOf(lookUp.personal)],
    ["shownMax", literalOf(lookUp.shownMax)],
  ];
  return [
    comment(
      [
        `${name.replaceAll("_", " ")}: rows of the table ${whole}.`,
        `Risk: none, it only looks something up. Scope: ${scopeOf(lookUp)}`,
      ],
      WIDTH,
    ),
    'import { z } from "zod";',
    'import type { SqlReadDeclaration } from "#systems/contract.ts";',
    'import { database } from "./connection.ts";',
    "",
    `export const ${constantName(name)}: SqlReadDeclaration = {`,
    ...lines.map(([key, text]) => (key === text ? `${key},` : `${key}: ${text},`)),
    "};",
    "",
  ].join("\n");
}

function scopeOf({ belongsTo }: PlannedLookUp): string {
  if (belongsTo.by === "nothing") return `no customer's data: ${belongsTo.because}`;
  const { column, of } = belongsTo.column;
  return `rows whose ${of === undefined ? "" : `${of}'s `}${column} is the requester's ${belongsTo.is.replaceAll("_", " ")}; others look like none.`;
}

function fromLiteral({ table, key, joins, columns, inputs }: PlannedLookUp) {
  return {
    ...table,
    key,
    joins: joins.map((join) => ({ ...join })),
    columns: Object.fromEntries(columns.map((column) => [column.name, { ...columnOf(column) }])),
    lookUp: Object.fromEntries(inputs.map(({ column, name }) => [column, name])),
  };
}

function recordLine({ name, kind, described, isCertain }: PlannedColumn): string {
  const base = kind === "integer" ? "z.int()" : kind === "boolean" ? "z.boolean()" : "z.string()";
  return `${keyLiteral(name)}: ${base}${described.nullable || !isCertain ? ".nullable()" : ""},`;
}

/** Values in the form of their column, since a database refuses a statement with any other. */
function inputLine({ name, kind, described }: PlannedColumn): string {
  return `${keyLiteral(name)}: ${inputSchema(kind, described.type, described.enum)},`;
}

function inputSchema(kind: PlannedColumn["kind"], type: string, labels: readonly string[]): string {
  if (labels.length > 0) return `z.enum([${labels.map(stringLiteral).join(", ")}])`;
  if (kind === "integer")
    return `z.int().min(0).max(${type.includes("unsigned") ? UNSIGNED_MAX : INTEGER_MAX})`;
  if (kind === "bigint") return String.raw`z.string().regex(/^\d{1,18}$/)`;
  if (type === "uuid") return "z.guid()";
  return String.raw`z.string().trim().regex(/^\P{Cc}{1,${TEXT_MAX}}$/u)`.replace(
    "${TEXT_MAX}",
    String(TEXT_MAX),
  );
}

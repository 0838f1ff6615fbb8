/** A planned look-up and its database as the content of their files. */
import type { Content } from "#importing/generate/field-words.ts";
import { toolFileName } from "#importing/generate/declaration.ts";
import type { DeclarationFile } from "#importing/generate/write-files.ts";
import { DATABASE_FILE } from "#systems/declaration-files.ts";
import { plainColumn, type PlannedLookUp } from "./plan.ts";
import type { PlannedColumn } from "./columns.ts";

const TEXT_MAX = 200;
/** Whole numbers of an `integer`, and of one of MySQL that is `unsigned`. */
const INTEGER_MAX = 2_147_483_647;
const UNSIGNED_MAX = 4_294_967_295;

/** The file of the database. */
export function databaseFile({
  name,
  addressFrom,
  timeoutMs,
}: {
  /** The name of the folder, and of the database in errors. */
  readonly name: string;
  readonly addressFrom: string;
  readonly timeoutMs: number;
}): DeclarationFile {
  return {
    name: DATABASE_FILE,
    about: [
      `The database ${name}, read by a role that cannot write. Its address is the setting ${addressFrom}, never a line here.`,
    ],
    content: { name, addressFrom, limits: { timeoutMs } },
  };
}

/** The file of a look-up. */
export function lookUpFile(lookUp: PlannedLookUp): DeclarationFile {
  const { name, description, level, table, key, joins, columns, inputs, belongsTo } = lookUp;
  const whole = table.schema === null ? table.table : `${table.schema}.${table.table}`;
  return {
    name: toolFileName(name),
    about: [
      `Rows of the table ${whole}.`,
      "Risk: none, it only looks something up.",
      `Scope: ${rowScope(lookUp)}`,
    ],
    content: {
      kind: "sql-read",
      name,
      description,
      minimumLevel: level,
      input: Object.fromEntries(inputs.map((input) => [input.name, inputWord(input)])),
      from: {
        ...table,
        key,
        joins: joins.map((join) => ({ ...join })),
        columns: Object.fromEntries(
          columns.map((column) => [column.name, { ...plainColumn(column) }]),
        ),
        lookUp: Object.fromEntries(inputs.map((input) => [input.column, input.name])),
      },
      belongsTo:
        belongsTo.by === "column"
          ? { ...belongsTo, column: { ...belongsTo.column } }
          : { ...belongsTo },
      record: Object.fromEntries(columns.map((column) => [column.name, recordWord(column)])),
      personal: lookUp.personal,
      shownMax: lookUp.shownMax,
    },
  };
}

function rowScope({ belongsTo }: PlannedLookUp): string {
  if (belongsTo.by === "nothing") return `no customer's data: ${belongsTo.because}`;
  const { column, of } = belongsTo.column;
  return `rows whose ${of === undefined ? "" : `${of}'s `}${column} is the requester's ${belongsTo.is.replaceAll("_", " ")}; others look like none.`;
}

function recordWord({ kind, described, isCertain }: PlannedColumn): string {
  const word = kind === "integer" ? "whole" : kind === "boolean" ? "boolean" : "text";
  return described.nullable || !isCertain ? `${word} or null` : word;
}

/** Values in the form of their column, since a database refuses a statement with any other. */
function inputWord({ kind, described: { type, enum: labels } }: PlannedColumn): Content {
  if (labels.length > 0) return { one_of: labels };
  if (kind === "integer")
    return {
      type: "whole",
      min: 0,
      max: type.includes("unsigned") ? UNSIGNED_MAX : INTEGER_MAX,
    };
  if (kind === "bigint") return { type: "text", pattern: String.raw`\d{1,18}` };
  if (type === "uuid") return "uuid";
  return { type: "line", max: TEXT_MAX };
}

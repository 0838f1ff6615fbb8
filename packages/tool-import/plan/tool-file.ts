/** A planned tool, look-up in a table, connection or database, and what its file says. */
import type { z } from "zod";
import { isRecord } from "#core/values/canonical-json.ts";
import { inWords as nameInWords } from "#core/values/words.ts";
import type { Content, DeclarationFile } from "#importing/command/write-system.ts";
import {
  type Connection,
  type Database,
  type ReadDeclaration,
  type SqlReadDeclaration,
  type Value,
  ValueParts,
  ValueText,
  type WriteForm,
} from "#systems/contract.ts";
import { CONNECTION_FILE, DATABASE_FILE } from "#systems/declaration-files.ts";

/** What the change means for the customer; `account` and `money` are said in the file and in the policy. */
export type Risk = "read" | "write" | "money" | "account";

/** Where a tool comes from: the operation's name in the description, and its line in the document. */
interface ToolSource {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly risk: Risk;
}

/** A look-up before it is written, without its connection. */
export type PlannedRead = { readonly source: ToolSource } & Omit<
  z.input<typeof ReadDeclaration>,
  "connection"
>;

/** A change before it is written, without its connection. */
export type PlannedWrite = { readonly source: ToolSource } & Omit<
  z.input<typeof WriteForm>,
  "connection"
>;

/** Records as they are found in an answer. */
export type PlannedRecords = PlannedRead["from"];

/** How the outcome is found out. */
export type PlannedFind = PlannedWrite["find"];

/** What one operation of a document becomes. */
export type PlannedTool = PlannedRead | PlannedWrite;

/** A look-up in a table. */
export type PlannedLookUp = Omit<z.input<typeof SqlReadDeclaration>, "database">;

/** The system before it is written, with title and version of its document for the head of each file. */
export type PlannedConnection = Connection & { readonly document: string };

/** The file of the connection. */
export function connectionFile({
  document,
  customer,
  ...connection
}: PlannedConnection): DeclarationFile {
  return {
    name: CONNECTION_FILE,
    about: [`The connection to ${connection.name}, made from ${document}.`],
    content: { ...connection, customer: inWords(customer) },
  };
}

/** The file of the database. */
export function databaseFile(database: Database): DeclarationFile {
  const { name, addressFrom } = database;
  return {
    name: DATABASE_FILE,
    about: [
      `The database ${name}, read by a role that cannot write. Its address is the setting ${addressFrom}, never a line here.`,
    ],
    content: database,
  };
}

/** The file of a tool. */
export function toolFile({ source, ...declared }: PlannedTool, document: string): DeclarationFile {
  const { operation, method, path, risk } = source;
  const { belongsTo } = declared.kind === "read" ? declared : declared.about;
  const from = `${method} ${path} of ${document}, operation ${operation}.`;
  return declaredFile(declared, from, risk, belongsTo);
}

/** The file of a look-up in a table. */
export function lookUpFile(lookUp: PlannedLookUp): DeclarationFile {
  const { schema, table } = lookUp.from;
  const from = `Rows of the table ${schema === null ? table : `${schema}.${table}`}.`;
  return declaredFile(lookUp, from, "read", lookUp.belongsTo);
}

function declaredFile(
  declared: { readonly name: string },
  from: string,
  risk: Risk,
  belongsTo: Parameters<typeof belongingText>[0],
): DeclarationFile {
  return {
    name: toolFileName(declared.name),
    about: [from, `Risk: ${RISKS[risk]}`, `Scope: ${belongingText(belongsTo)}`],
    content: inWords(declared),
  };
}

const RISKS = {
  read: "none, it only looks something up.",
  write: "changes something; people decide unless the policy says otherwise.",
  money: "moves money or promises it; people decide unless the policy says otherwise.",
  account: "gives, changes or ends access to an account; people decide.",
};

function belongingText(
  belongsTo: ReadDeclaration["belongsTo"] | SqlReadDeclaration["belongsTo"],
): string {
  switch (belongsTo.by) {
    case "field":
      return `records whose ${belongsTo.field} is the requester's ${nameInWords(belongsTo.is)}; others look like none.`;
    case "parameter":
      return `what the system lists for the requester's ${nameInWords(belongsTo.is)}, filled in by code.`;
    case "record":
      return `what belongs to a record that ${belongsTo.tool} shows them.`;
    case "column": {
      const { column, of } = belongsTo.column;
      return `rows whose ${of === undefined ? "" : `${of}'s `}${column} is the requester's ${nameInWords(belongsTo.is)}; others look like none.`;
    }
    case "nothing":
      return `no customer's data: ${belongsTo.because}`;
  }
}

/** The same as content of a file, with each value of a request as one text. */
function inWords(part: unknown): Content {
  const value = ValueParts.safeParse(part);
  if (value.success) return valueContent(value.data);
  if (Array.isArray(part)) return part.map(inWords);
  if (isRecord(part))
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, inWords(inner)]));
  return isPlain(part) ? part : undefined;
}

/** The value of a request as a file has it: as people write it; one whose name no text can hold keeps its parts. */
export function valueContent(value: Value): Content {
  const text = written(value);
  const read = ValueText.safeParse(text);
  const isSame = read.success && JSON.stringify(read.data) === JSON.stringify(value);
  return isSame ? text : { ...value };
}

function written(value: Value): string | number | boolean {
  switch (value.from) {
    case "input":
      return `input ${value.name}`;
    case "record":
      return `record ${value.field}${value.isOptional === true ? "?" : ""}`;
    case "requester":
      return `requester ${value.is}`;
    case "key":
      return "key";
    case "fixed":
      return typeof value.value === "string" ? `fixed ${value.value}` : value.value;
    case "text":
      return `text ${value.parts.map((part) => (typeof part === "string" ? part : `{${String(written(part))}}`)).join("")}`;
  }
}

function isPlain(part: unknown): part is string | number | boolean | null {
  return part === null || ["string", "number", "boolean"].includes(typeof part);
}

/** The file of a tool: `list-invoices.yaml`. */
export function toolFileName(tool: string): string {
  return `${tool.replaceAll("_", "-")}.yaml`;
}

/** The name of the operation in the policy: letters and underscores, 41 at most. */
export function policyOperation(tool: string): string {
  return tool.replaceAll(/[^a-z_]/g, "").slice(0, 41);
}

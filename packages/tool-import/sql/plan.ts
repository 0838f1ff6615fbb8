/** From a described table and answers to a planned look-up, and what keeps it from being made. */
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Column, Join, RowBelonging, TableName } from "#systems/sql/declaration.ts";
import { type Gap, type Gaps, gaps } from "#importing/questions/refusal.ts";
import type { LookUpAnswers } from "./answers.ts";
import { isIndexed, joinName, noIndex, plainName, type PlannedColumn } from "./columns.ts";
import type { RelatedTables } from "#systems/sql/tables/read.ts";
import { looksSecret, type TableDescription } from "#systems/sql/tables/schema.ts";

export interface PlannedLookUp {
  readonly name: string;
  readonly table: TableName;
  readonly key: readonly string[];
  readonly description: string;
  readonly level: IdentityLevel;
  readonly joins: readonly Join[];
  readonly columns: readonly PlannedColumn[];
  readonly inputs: readonly PlannedColumn[];
  readonly belongsTo: RowBelonging;
  readonly personal: readonly string[];
  readonly shownMax: number;
}

/** Plans a look-up. With any gap it must not be made. */
export function planLookUp(
  name: string,
  answers: LookUpAnswers,
  related: RelatedTables,
): { readonly planned: PlannedLookUp; readonly gaps: readonly Gap[] } {
  const { table } = related;
  const { found: open, add: gap } = gaps(name);
  const find = finder(related, gap);
  const columns = chosenColumns(answers, related, find, gap);
  const belongsTo = belonging(answers, related, find, gap);
  const inputs = lookedUp(answers, related, find, gap);
  if (belongsTo.by === "column" && inputs.some((input) => isSame(input, belongsTo.column)))
    gap("look_up", `${belongsTo.column.column} says whose row it is, so no model may choose it`);
  const personal = personalColumns(answers, columns, gap);
  wholeProblems(answers, related, { inputs, belongsTo, personal }, gap);
  const joins = usedJoins(related, [
    ...columns,
    ...(belongsTo.by === "column" ? [belongsTo.column] : []),
  ]);
  const planned = {
    name,
    table: { schema: table.schema, table: table.table },
    key: table.key,
    description: answers.use ?? lookUpDescription(table, inputs),
    level: answers.level ?? (belongsTo.by === "nothing" ? 0 : 2),
    joins,
    columns,
    inputs,
    belongsTo,
    personal,
    shownMax: answers.shown,
  } satisfies PlannedLookUp;
  return { planned, gaps: open };
}

/** What can be said only of the look-up as a whole. */
function wholeProblems(
  { level, belongs }: LookUpAnswers,
  related: RelatedTables,
  { inputs, belongsTo, personal }: Pick<PlannedLookUp, "inputs" | "belongsTo" | "personal">,
  gap: AddGap,
): void {
  const { table } = related;
  if (belongsTo.by === "column" && (level ?? 2) < 2)
    gap("level", "rows of a customer need level 2 or more");
  if (belongsTo.by === "nothing" && belongs !== undefined && personal.length > 0)
    gap(
      "belongs",
      `${personal[0]} is about a person, so it has to be said which column equals what is known of the customer`,
    );
  if (table.isHuge && !isIndexed(related, inputs, belongsTo))
    gap("look_up", noIndex(related, inputs, belongsTo));
}

type AddGap = Gaps["add"];
type Find = (field: string, path: string) => PlannedColumn | null;

/** Finds a column by its path; only names that the database has said are ever used. */
function finder({ table, behind }: RelatedTables, gap: AddGap): Find {
  return (field, path) => {
    const [first = "", second] = path.split(".");
    const isJoined = second !== undefined;
    const place = isJoined ? behind.get(first) : table;
    if (place === undefined) {
      gap(field, `${first} is no foreign key of ${table.table}, so ${path} leads nowhere`);
      return null;
    }
    const described = place.columns.find((column) => column.name === (second ?? first));
    if (described === undefined) {
      gap(field, `${place.table} has no column ${second ?? first}, or this role may not read it`);
      return null;
    }
    if (described.kind === null) {
      gap(field, `${path} is ${described.type}, which no look-up shows`);
      return null;
    }
    const of = isJoined ? { of: joinName(first) } : {};
    const isCertain =
      !isJoined || table.columns.some(({ name, nullable }) => name === first && !nullable);
    const name = plainName(isJoined ? `${joinName(first)}_${second}` : first);
    return { name, column: described.name, ...of, kind: described.kind, described, isCertain };
  };
}

function chosenColumns(
  { columns: wanted, confirmed }: LookUpAnswers,
  { table }: RelatedTables,
  find: Find,
  gap: AddGap,
): readonly PlannedColumn[] {
  if (wanted === undefined) {
    const offered = table.columns.filter(({ name, kind }) => kind !== null && !looksSecret(name));
    gap("columns", `choose what is shown, of ${offered.map(({ name }) => name).join(", ")}`);
    return [];
  }
  const found = wanted.flatMap((path) => {
    const column = find("columns", path);
    if (column === null) return [];
    if (looksSecret(column.column) && !confirmed.includes(path))
      gap(
        "confirmed",
        `${path} looks like a secret; to show it to customers, type its name here as well`,
        null,
      );
    return [column];
  });
  const names = found.map(({ name }) => name);
  for (const name of new Set(names.filter((one, place) => names.indexOf(one) !== place)))
    gap("columns", `two of the columns would be called ${name}; leave one out`);
  return found;
}

const CUSTOMER_COLUMN = /^(?:customer|client|user|account|buyer|shopper)_?id$|e_?mail/i;

function belonging(
  { belongs }: LookUpAnswers,
  { table }: RelatedTables,
  find: Find,
  gap: AddGap,
): RowBelonging {
  if (belongs === undefined) {
    const likely = table.columns.find(({ name }) => CUSTOMER_COLUMN.test(name))?.name;
    gap(
      "belongs",
      "say which column equals the verified customer's id or e-mail address, or {nothing: why} for rows that are about no customer",
      likely === undefined
        ? null
        : `{ column: ${likely}, is: ${/mail/i.test(likely) ? "email" : "customer_id"} }`,
    );
    return { by: "nothing", because: "" };
  }
  if ("nothing" in belongs) return { by: "nothing", because: belongs.nothing };
  const found = find("belongs", belongs.column);
  if (found === null) return { by: "nothing", because: "" };
  const { kind } = found;
  if (belongs.is === "email" ? kind !== "text" : !["text", "integer", "bigint"].includes(kind))
    gap(
      "belongs",
      `${belongs.column} is ${found.described.type}, which no ${belongs.is === "email" ? "e-mail address" : "customer's id"} is`,
    );
  if (belongs.is === "email" && found.described.letterCase === "kept")
    gap(
      "belongs",
      `${belongs.column} tells capital letters from small ones (its collation), so an address written another way would not be found. Give it a collation that ends with _ci, or bind by the customer's id`,
    );
  return { by: "column", column: plainColumn(found), is: belongs.is };
}

/** What of a planned column stands in the declaration. */
export function plainColumn({ column, of, kind }: Column): Column {
  return { column, ...(of === undefined ? {} : { of }), kind };
}

function isSame(one: Column, other: Column): boolean {
  return one.column === other.column && one.of === other.of;
}

function lookedUp(
  { look_up }: LookUpAnswers,
  { table }: RelatedTables,
  find: Find,
  gap: AddGap,
): readonly PlannedColumn[] {
  if (look_up === undefined) {
    gap(
      "look_up",
      "say by which columns the model asks, or [] for all rows of the customer",
      `[${table.key.join(", ")}]`,
    );
    return [];
  }
  return look_up.flatMap((path) => {
    const found = find("look_up", path);
    if (found === null) return [];
    if (found.of !== undefined)
      gap("look_up", `${path} is in another table; look up by a column of ${table.table}`);
    if (!["text", "integer", "bigint"].includes(found.kind))
      gap("look_up", `${path} is ${found.described.type}; look up by text or whole numbers`);
    if (looksSecret(found.column) || CUSTOMER_COLUMN.test(found.column))
      gap("look_up", `${path} would let a model choose a customer or guess a secret`);
    return [{ ...found, name: found.name === "id" ? `${plainName(table.table)}_id` : found.name }];
  });
}

const PERSONAL =
  /name|mail|phone|mobile|street|address|city|zip|post_?code|birth|iban|tax|ip_?addr|contact|recipient/i;

function personalColumns(
  { personal }: LookUpAnswers,
  columns: readonly PlannedColumn[],
  gap: AddGap,
): readonly string[] {
  const guessed = columns.filter(({ column }) => PERSONAL.test(column)).map(({ name }) => name);
  const named = (personal ?? []).flatMap((path) => {
    const name = plainName(path.replace(".", "_"));
    const found = columns.find((column) => column.name === name || path === columnPath(column));
    if (found === undefined) gap("personal", `${path} is none of the chosen columns`);
    return found === undefined ? [] : [found.name];
  });
  return [...new Set([...guessed, ...named])];
}

function columnPath({ column, of }: PlannedColumn): string {
  return of === undefined ? column : `${of}_id.${column}`;
}

function usedJoins({ table, behind }: RelatedTables, columns: readonly Column[]): readonly Join[] {
  return table.foreignKeys.flatMap(({ column, to }) => {
    const name = joinName(column);
    const isUsed = behind.has(column) && columns.some(({ of }) => of === name);
    return isUsed
      ? [{ name, schema: to.schema, table: to.table, from: column, to: to.column }]
      : [];
  });
}

function lookUpDescription({ table }: TableDescription, inputs: readonly PlannedColumn[]): string {
  const by = inputs.map(({ name }) => name).join(" and ");
  return by === ""
    ? `The customer's own rows of ${table.replaceAll("_", " ")}, the latest first.`
    : `Looks up ${table.replaceAll("_", " ")} of the customer by ${by}.`;
}

/** From a described table and answers to a look-up, and what keeps it from being made. */
import type { LookUpAnswers } from "#importing/answers/questions.ts";
import type { Content } from "#importing/command/write-system.ts";
import { snakeCase } from "#importing/openapi/reading.ts";
import type { PlannedLookUp } from "#importing/plan/tool-file.ts";
import type {
  Column,
  Join,
  RowBelonging,
  ColumnDescription,
  TableDescription,
} from "#systems/sql/declaration.ts";
import { quoted } from "#systems/sql/statement.ts";
import type { DescribedTables, RelatedTables } from "./describe-tables.ts";
import { gapsAbout, type AddGap, type Gap } from "#importing/answers/read-answers.ts";
import { AMOUNT_FIELD, CURRENCY_FIELD, MINOR_FIELD } from "#text/field-names.ts";

interface PlanningLookUp {
  readonly answers: LookUpAnswers;
  readonly related: RelatedTables;
  readonly gap: AddGap;
}

/** Plans a look-up. With any gap it must not be made. */
export function planLookUp(
  name: string,
  answers: LookUpAnswers,
  described: DescribedTables,
): { readonly planned: PlannedLookUp; readonly gaps: readonly Gap[] } {
  const related = described.get(answers.table);
  if (related === undefined) throw new Error(`the table ${answers.table} was not described`);
  const { table } = related;
  const { gaps, add } = gapsAbout(name);
  const planning: PlanningLookUp = { answers, related, gap: add };
  const columns = chosenColumns(planning);
  const belongsTo = belonging(planning);
  const inputs = lookedUp(planning);
  if (
    belongsTo.by === "column" &&
    inputs.some(
      (input) => input.column === belongsTo.column.column && input.of === belongsTo.column.of,
    )
  )
    add("look_up", `${belongsTo.column.column} says whose row it is, so no model may choose it`);
  const personal = personalColumns(planning, columns);
  wholeProblems(planning, inputs, belongsTo, personal);
  const used = [...columns, ...(belongsTo.by === "column" ? [belongsTo.column] : [])];
  const planned: PlannedLookUp = {
    kind: "sql-read",
    name,
    description: answers.use ?? lookUpDescription(table, inputs),
    minimumLevel: answers.level ?? (belongsTo.by === "nothing" ? 0 : 2),
    input: Object.fromEntries(inputs.map((input) => [input.name, inputWord(input)])),
    from: {
      schema: table.schema,
      table: table.table,
      key: latestFirst(table) ?? [...table.key],
      joins: usedJoins(related, used),
      columns: Object.fromEntries(columns.map((column) => [column.name, plainColumn(column)])),
      lookUp: Object.fromEntries(inputs.map((input) => [input.column, input.name])),
    },
    belongsTo,
    record: Object.fromEntries(columns.map((column) => [column.name, recordWord(column)])),
    personal: [...personal],
    ...shownMoney(columns),
    shownMax: answers.shown,
  };
  return { planned, gaps };
}

/** One value of the record or of the input: nullable also where a foreign key may lead nowhere. */
interface PlannedColumn extends Column, Omit<ColumnDescription, "kind"> {
  /** What the model sees. */
  readonly name: string;
}

/** What can be said only of the look-up as a whole. */
function wholeProblems(
  { answers: { level, belongs }, related, gap }: PlanningLookUp,
  inputs: readonly PlannedColumn[],
  belongsTo: RowBelonging,
  personal: readonly string[],
): void {
  if (belongsTo.by === "column" && (level ?? 2) < 2)
    gap("level", "rows of a customer need level 2 or more");
  if (belongsTo.by === "nothing" && belongs !== undefined && personal.length > 0)
    gap(
      "belongs",
      `${personal[0]} is about a person, so it has to be said which column equals what is known of the customer`,
    );
  if (related.table.isHuge && !isIndexed(related, inputs, belongsTo))
    gap("look_up", noIndex(related, inputs, belongsTo));
}

/** A column by its path; only names that the database has said are ever used. */
function columnAt(
  { related: { table, behind }, gap }: PlanningLookUp,
  topic: string,
  path: string,
): PlannedColumn | null {
  const [first = "", second] = path.split(".");
  const isJoined = second !== undefined;
  const place = isJoined ? behind.get(first) : table;
  if (place === undefined) {
    gap(topic, `${first} is no foreign key of ${table.table}, so ${path} leads nowhere`);
    return null;
  }
  const described = place.columns.find((column) => column.name === (second ?? first));
  if (described === undefined) {
    gap(topic, `${place.table} has no column ${second ?? first}, or this role may not read it`);
    return null;
  }
  if (described.kind === null) {
    gap(topic, `${path} is ${described.type}, which no look-up shows`);
    return null;
  }
  const column = { ...described, column: described.name, kind: described.kind };
  if (!isJoined) return { ...column, name: plainName(first) };
  const of = joinName(first);
  const isCertain = table.columns.some(({ name, nullable }) => name === first && !nullable);
  const nullable = described.nullable || !isCertain;
  return { ...column, name: plainName(`${of}_${second}`), of, nullable };
}

function chosenColumns(planning: PlanningLookUp): readonly PlannedColumn[] {
  const { answers, related, gap } = planning;
  const { columns: wanted, confirmed } = answers;
  const { table } = related;
  if (wanted === undefined) {
    const offered = table.columns.filter(({ name, kind }) => kind !== null && !looksSecret(name));
    gap("columns", `choose what is shown, of ${offered.map(({ name }) => name).join(", ")}`);
    return [];
  }
  const found = wanted.flatMap((path) => {
    const column = columnAt(planning, "columns", path);
    if (column === null) return [];
    if (looksSecret(column.column) && !confirmed.includes(path))
      gap(
        "confirmed",
        `${path} looks like a secret; to show it to customers, type its name here as well`,
      );
    return [column];
  });
  const names = found.map(({ name }) => name);
  for (const name of new Set(names.filter((one, place) => names.indexOf(one) !== place)))
    gap("columns", `two of the columns would be called ${name}; leave one out`);
  return found;
}

const CUSTOMER_COLUMN = /^(?:customer|client|user|account|buyer|shopper)_?id$|e_?mail/i;

function belonging(planning: PlanningLookUp): RowBelonging {
  const { answers, related, gap } = planning;
  const { belongs } = answers;
  if (belongs === undefined) {
    const likely = likelyOwner(related);
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
  const found = columnAt(planning, "belongs", belongs.column);
  if (found === null) return { by: "nothing", because: "" };
  const { kind } = found;
  if (belongs.is === "email" ? kind !== "text" : !["text", "integer", "bigint"].includes(kind))
    gap(
      "belongs",
      `${belongs.column} is ${found.type}, which no ${belongs.is === "email" ? "e-mail address" : "customer's id"} is`,
    );
  if (belongs.is === "email" && found.letterCase === "kept")
    gap(
      "belongs",
      `${belongs.column} tells capital letters from small ones (its collation), so an address written another way would not be found. Give it a collation that ends with _ci, or bind by the customer's id`,
    );
  return { by: "column", column: plainColumn(found), is: belongs.is };
}

/** An address is what every channel proves, so one is suggested, also behind a foreign key, before an id. */
function likelyOwner({ table, behind }: RelatedTables): string | undefined {
  const address = (columns: readonly ColumnDescription[]) =>
    columns.find(({ name }) => /e_?mail/i.test(name))?.name;
  const joined = [...behind].flatMap(([key, { columns }]) => {
    const found = address(columns);
    return found === undefined || !CUSTOMER_COLUMN.test(key) ? [] : [`${key}.${found}`];
  });
  const id = table.columns.find(({ name }) => CUSTOMER_COLUMN.test(name))?.name;
  return address(table.columns) ?? joined[0] ?? id;
}

/** What of a planned column stands in the declaration. */
function plainColumn({ column, of, kind }: Column): Column {
  return { column, ...(of === undefined ? {} : { of }), kind };
}

function lookedUp(planning: PlanningLookUp): readonly PlannedColumn[] {
  const { answers, related, gap } = planning;
  const { look_up } = answers;
  const { table } = related;
  if (look_up === undefined) {
    gap(
      "look_up",
      "say by which columns the model asks, or [] for all rows of the customer",
      `[${table.key.join(", ")}]`,
    );
    return [];
  }
  return look_up.flatMap((path) => {
    const found = columnAt(planning, "look_up", path);
    if (found === null) return [];
    if (found.of !== undefined)
      gap("look_up", `${path} is in another table; look up by a column of ${table.table}`);
    if (!["text", "integer", "bigint"].includes(found.kind))
      gap("look_up", `${path} is ${found.type}; look up by text or whole numbers`);
    if (looksSecret(found.column) || CUSTOMER_COLUMN.test(found.column))
      gap("look_up", `${path} would let a model choose a customer or guess a secret`);
    return [{ ...found, name: found.name === "id" ? `${plainName(table.table)}_id` : found.name }];
  });
}

/** Amounts that stand beside their currency: columns of cents, or else decimals. */
function shownMoney(columns: readonly PlannedColumn[]): Pick<PlannedLookUp, "money"> {
  const currency = columns.find(({ column }) => CURRENCY_FIELD.test(column));
  const amounts = columns.filter(
    ({ column, of }) => of === currency?.of && AMOUNT_FIELD.test(column),
  );
  const minor = amounts.filter(({ column }) => MINOR_FIELD.test(column));
  const found = minor.length > 0 ? minor : amounts.filter(({ kind }) => kind === "decimal");
  if (currency === undefined || found.length === 0) return {};
  const unit = minor.length > 0 ? "minor" : "decimal";
  return { money: { fields: found.map(({ name }) => name), currency: currency.name, unit } };
}

const PERSONAL =
  /name|mail|phone|mobile|street|address|city|zip|post_?code|birth|iban|tax|ip_?addr|contact|recipient/i;

function personalColumns(
  { answers: { personal }, gap }: PlanningLookUp,
  columns: readonly PlannedColumn[],
): readonly string[] {
  const guessed = columns.filter(({ column }) => PERSONAL.test(column)).map(({ name }) => name);
  const named = (personal ?? []).flatMap((path) => {
    const name = plainName(path.replace(".", "_"));
    const found = columns.find(
      (column) =>
        column.name === name ||
        path === (column.of === undefined ? column.column : `${column.of}_id.${column.column}`),
    );
    if (found === undefined) gap("personal", `${path} is none of the chosen columns`);
    return found === undefined ? [] : [found.name];
  });
  return [...new Set([...guessed, ...named])];
}

function usedJoins({ table, behind }: RelatedTables, columns: readonly Column[]): Join[] {
  return table.foreignKeys.flatMap(({ column, to }) => {
    const name = joinName(column);
    const isUsed = behind.has(column) && columns.some(({ of }) => of === name);
    return isUsed
      ? [{ name, schema: to.schema, table: to.table, from: column, to: to.column }]
      : [];
  });
}

function lookUpDescription(table: TableDescription, inputs: readonly PlannedColumn[]): string {
  const by = inputs.map(({ name }) => name).join(" and ");
  const named = table.table.replaceAll("_", " ");
  if (by !== "") return `Looks up ${named} of the customer by ${by}.`;
  const order = latestFirst(table) === null ? "" : ", the latest first";
  return `The customer's own rows of ${named}${order}.`;
}

/** What orders rows by time: a moment they were made at, or a key that counts up; null where the table has neither. */
function latestFirst({ columns, key }: TableDescription): string[] | null {
  const made = columns.find(
    ({ name, kind, nullable }) => kind === "moment" && !nullable && MADE.test(name),
  );
  if (made !== undefined) return [made.name, ...key];
  const first = columns.find(({ name }) => name === key[0]);
  return first?.kind === "integer" || first?.kind === "bigint" ? [...key] : null;
}

const MADE = /^(?:creat|order|plac|insert|added|date|time)|_(?:created|ordered|placed)/i;

const TEXT_MAX = 200;
/** Whole numbers of an `integer`, and of one of MySQL that is `unsigned`. */
const INTEGER_MAX = 2_147_483_647;
const UNSIGNED_MAX = 4_294_967_295;

function recordWord({ kind, nullable }: PlannedColumn): string {
  const word = kind === "integer" ? "whole" : kind === "boolean" ? "boolean" : "text";
  return nullable ? `${word} or null` : word;
}

/** Values in the form of their column, since a database refuses a statement with any other. */
function inputWord({ kind, type, enum: labels }: PlannedColumn): Content {
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

/** Whether an index leads to the rows: of a looked-up column, or of the column that says whose they are. */
function isIndexed(
  { table, behind }: RelatedTables,
  inputs: readonly PlannedColumn[],
  belongsTo: RowBelonging,
): boolean {
  if (inputs.some(({ column }) => hasIndex(table, column, false))) return true;
  if (belongsTo.by === "nothing") return false;
  const { column, is } = belongsTo;
  if (column.of === undefined) return hasIndex(table, column.column, is === "email");
  const key = table.foreignKeys.find((one) => joinName(one.column) === column.of);
  const other = key === undefined ? undefined : behind.get(key.column);
  if (key === undefined || other === undefined || !hasIndex(table, key.column, false)) return false;
  return !other.isHuge || hasIndex(other, column.column, is === "email");
}

/** Where addresses are compared in lower case, an index on the bare column does not serve. */
function hasIndex(table: TableDescription, column: string, isAddress: boolean): boolean {
  const { indexed } = table;
  const names = [column, quoted(column)];
  if (!isAddress || !isLowered(table, column))
    return indexed.some((first) => names.includes(first));
  return indexed.some((first) =>
    names.some((name) =>
      [`lower(${name})`, `lower(${name}::text)`, `lower((${name})::text)`].includes(first),
    ),
  );
}

function isLowered({ columns }: TableDescription, column: string): boolean {
  return columns.some(({ name, letterCase }) => name === column && letterCase === "lowered");
}

/** Says which index is missing and what to do. */
function noIndex(
  { table }: RelatedTables,
  inputs: readonly PlannedColumn[],
  belongsTo: RowBelonging,
): string {
  const needed = inputs[0]?.column ?? neededFor(table, belongsTo);
  return `${table.table} has very many rows and no index that begins with ${needed}, so each look-up would read all of them. Add the index, or look up by another column`;
}

function neededFor(table: TableDescription, belongsTo: RowBelonging): string {
  if (belongsTo.by === "nothing") return "a column";
  const { column } = belongsTo.column;
  return belongsTo.is === "email" && isLowered(table, column) ? `lower(${column})` : column;
}

/** `customer_id` leads to the `customer`. */
function joinName(column: string): string {
  return plainName(column.replace(/_?(?:id|fk|key)$/i, "") || column);
}

/** A name that a model can write: small letters, digits and underscores. */
export function plainName(name: string): string {
  const words = snakeCase(name);
  return /^[a-z]/.test(words) ? words : `column_${words}`;
}

/** Names that say that a column holds something that no tool should show. */
const SECRET_WORDS =
  /pass(?:word|wd|phrase|code)?|pwd|secret|token|hash|salt|credential|private|api_?key|session|cookie|otp|pin|cvv|cvc|iban|ssn|card_?num|pan/i;

/** Whether a column is offered only with a typed confirmation. Words are compared, so that `shipping` holds no `pin`. */
export function looksSecret(name: string): boolean {
  const words = name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== "");
  const whole = new RegExp(`^(?:${SECRET_WORDS.source})s?$`, "i");
  return (
    words.some(
      (word, index) => whole.test(word) || whole.test(`${word}_${words[index + 1] ?? ""}`),
    ) ||
    /password|passwd|secret|token|apikey|creditcard|hash(?:ed)?$/i.test(
      name.replaceAll(/[^A-Za-z]/g, ""),
    )
  );
}

/** Writes the test of one tool: recorded answers of its system, and what it must and must not send. */
import type { Belonging, RequestTemplate, Value } from "#systems/contract.ts";
import { EXAMPLE_REQUESTER, exampleOf, type Json, valueAt, withValue } from "./example.ts";
import { fieldAt } from "./fields.ts";
import { comment, type Literal, literalOf } from "./literal.ts";
import { constantName, fileName } from "./names.ts";
import type { PlannedRecords, PlannedToolOfAnyKind, PlannedWrite } from "./plan.ts";

const WIDTH = 118;
/** Stands for the key of the effect, which is known only when it is carried out. */
const KEY = "<key>";

/** The text of the test, before it is formatted; null where the tool it hangs on is not made by the same import. */
export function testFile(
  tool: PlannedToolOfAnyKind,
  tools: readonly PlannedToolOfAnyKind[],
): string | null {
  const { belongsTo } = tool.kind === "read" ? tool : tool.about;
  const parent = belongsTo.by === "record" ? parentOf(tools, belongsTo, inputsOf(tool)) : null;
  if (belongsTo.by === "record" && parent === null) return null;
  const recorded = tool.kind === "read" ? readRecorded(tool) : writeRecorded(tool);
  const constant = constantName(tool.name);
  return [
    comment(
      [
        `Recorded answers show what ${tool.name.replaceAll("_", " ")} sends, and whose records it takes.`,
      ],
      WIDTH,
    ),
    `import { ${tool.kind === "read" ? "proveRead" : "proveWrite"} } from "#test/systems/recorded/prove.ts";`,
    'import { tools } from "./index.ts";',
    `import { ${constant} } from "./${fileName(tool.name)}.ts";`,
    "",
    `${tool.kind === "read" ? "proveRead" : "proveWrite"}(${constant}, ${literalOf({
      ...recorded,
      parent,
    })}, tools);`,
    "",
  ].join("\n");
}

function parentOf(
  tools: readonly PlannedToolOfAnyKind[],
  { tool, input, parentField }: Extract<Belonging, { readonly by: "record" }>,
  given: Inputs,
): Literal | null {
  const parent = tools.find((one) => one.name === tool);
  if (parent?.kind !== "read") return null;
  const own = ownRecord(parent.from, parent.belongsTo, inputsOf(parent));
  return envelope(parent.from, withValue(own, parentField, given[input] ?? ""));
}

type Inputs = Readonly<Record<string, Json>>;

function inputsOf({ inputs }: PlannedToolOfAnyKind): Inputs {
  return Object.fromEntries(
    inputs.map(({ name, field, isMoney }) => [name, isMoney ? null : exampleOf(field, name)]),
  );
}

function readRecorded(
  tool: Extract<PlannedToolOfAnyKind, { kind: "read" }>,
): Record<string, Literal> {
  const input = inputsOf(tool);
  const record = ownRecord(tool.from, tool.belongsTo, input);
  return {
    input,
    answer: envelope(tool.from, record),
    sent: sentBy(tool.from.request, { input, record: {}, amount: null }),
  };
}

function writeRecorded(tool: PlannedWrite): Record<string, Literal> {
  const input = inputsOf(tool);
  const own = ownRecord(tool.about.from, tool.about.belongsTo, input);
  const record = namedRecord(tool, withMoney(tool, own), input);
  const values = { input, record, amount: amountOf(tool, record) };
  const receipt = Object.entries(proofs(tool)).reduce<Json>(
    (made, [path, value]) => withValue(made, path, typed(tool, path, filled(value, values))),
    exampleOf(tool.receipt, "receipt"),
  );
  return {
    input,
    answer: envelope(tool.about.from, record),
    receipt,
    sent: sentBy(tool.request, values),
    found: foundAnswer(tool, values),
  };
}

/** Everything in the receipt that has to be what was sent. */
function proofs({ same, amount, money }: PlannedWrite): Readonly<Record<string, Value>> {
  if (amount === null || money === null || money === undefined) return same;
  return { ...same, [amount]: { from: "input", name: money.amount } };
}

/** A list of records is searched for the one that carries what was asked for. */
function namedRecord({ about }: PlannedWrite, record: Json, input: Inputs): Json {
  const asked = valuesOf(about.from.request).flatMap((value) =>
    value.from === "input" ? [value.name] : [],
  );
  const [name] = asked;
  if (name === undefined || asked.length > 1) return record;
  return withTyped(about.from, record, about.id, input[name] ?? "");
}

function valuesOf({ pathValues, query, body }: RequestTemplate): readonly Value[] {
  return [pathValues, query, body?.fields].flatMap((values) => Object.values(values ?? {}));
}

function typed({ receipt }: PlannedWrite, path: string, value: Json): Json {
  const type = fieldAt(receipt, path)?.type;
  return type === "integer" || type === "number" ? Number(value) : value;
}

function withMoney({ money }: PlannedWrite, record: Json): Json {
  if (money === null || money === undefined) return record;
  const amount = (path: string, minor: number): Json => {
    const value = money.unit === "minor" ? minor : minor / 100;
    return typeof valueAt(record, path) === "string"
      ? value.toFixed(money.unit === "minor" ? 0 : 2)
      : value;
  };
  const paid = withValue(record, money.paid, amount(money.paid, 5_000));
  const back =
    money.refunded === null ? paid : withValue(paid, money.refunded, amount(money.refunded, 0));
  return withValue(back, money.currency, "EUR");
}

function amountOf(
  { money }: PlannedWrite,
  record: Json,
): { readonly name: string; readonly value: Json } | null {
  if (money === null || money === undefined) return null;
  return { name: money.amount, value: valueAt(record, money.paid) ?? null };
}

/** A record that is proven to be the requester's. */
function ownRecord({ record }: PlannedRecords, belongsTo: Belonging, input: Inputs): Json {
  const made = exampleOf(record, "record");
  if (belongsTo.by === "nothing" || belongsTo.field === undefined) return made;
  const own =
    belongsTo.by === "record" ? (input[belongsTo.input] ?? "") : EXAMPLE_REQUESTER[belongsTo.is];
  return withTyped({ record }, made, belongsTo.field, own);
}

/** Puts a value at a path in the type the document gives it there. */
function withTyped(
  { record }: Pick<PlannedRecords, "record">,
  made: Json,
  path: string,
  value: Json,
): Json {
  const type = fieldAt(record, path)?.type;
  if (type === "integer" || type === "number") return withValue(made, path, Number(value));
  return withValue(made, path, type === "string" ? textOf(value) : value);
}

function envelope({ at, many }: PlannedRecords, record: Json): Json {
  return withValue(undefined, at, many ? [record] : record);
}

interface Known {
  readonly input: Inputs;
  readonly record: Json;
  readonly amount: { readonly name: string; readonly value: Json } | null;
}

function filled(value: Value, { input, record, amount }: Known): Json {
  switch (value.from) {
    case "input":
      return value.name === amount?.name ? amount.value : (input[value.name] ?? null);
    case "requester":
      return EXAMPLE_REQUESTER[value.is];
    case "record":
      return valueAt(record, value.field) ?? null;
    case "key":
      return KEY;
    case "fixed":
      return value.value;
    default:
      throw new Error(`unknown source ${String(value satisfies never)}`);
  }
}

/** What must arrive: names with values as text, whatever the body is written in. */
function sentBy(
  { method, path, pathValues, query, headers, body }: RequestTemplate,
  known: Known,
): Literal {
  const texts = (values: Readonly<Record<string, Value>> | undefined) =>
    Object.fromEntries(
      Object.entries(values ?? {}).map(([name, value]) => [name, textOf(filled(value, known))]),
    );
  const filledPath = Object.entries(texts(pathValues)).reduce(
    (made, [name, value]) => made.replaceAll(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  return {
    method,
    path: filledPath,
    query: texts(query),
    headers: texts(headers),
    body: texts(body?.fields),
  };
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The answer from which it is seen that the change was made; null where there is no way to see it. */
function foundAnswer({ find }: PlannedWrite, known: Known): Json {
  if (find.by === "nothing") return null;
  const made = exampleOf(find.from.record, "found");
  const proven = find.by === "key" ? withValue(made, find.keyField, KEY) : made;
  const shown = Object.entries(find.by === "key" ? find.same : find.shows).reduce<Json>(
    (record, [path, value]) => withValue(record, path, filled(value, known)),
    proven,
  );
  return envelope(find.from, shown);
}

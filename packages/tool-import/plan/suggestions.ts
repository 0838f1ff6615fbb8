/** What is asked of a change, and what the document suggests where nothing is answered: answers as they would stand in a file, fields of a record, the line for people. */
import type {
  FieldDescription,
  IdentityPlace,
  OperationDescription,
  OperationSummary,
  IdempotencyPlace,
} from "#importing/description.ts";
import { capitalised, inWords } from "#core/values/words.ts";
import { snakeCase } from "#importing/openapi/reading.ts";
import type { RequesterValue, Value, WriteDeclaration } from "#systems/contract.ts";
import type { PlanningChange } from "./proof.ts";
import { fieldAt, inputName, type Values } from "./fields.ts";
import type { Planning } from "./plan-read.ts";
import type { Risk } from "./tool-file.ts";

/** Who a parcel goes to is often another than who bought what is in it. */
const TO = /(?:^|[._[])(?:ship|deliver)[a-z_]{0,60}[.[]/i;

/** How a record could be proven to be the customer's. Null where nothing in the document is named after a customer. */
export function suggestedBelonging({ guesses }: OperationDescription): string | null {
  const places = guesses.identity.filter(({ name }) => !TO.test(name));
  const [place] = places;
  return place === undefined ? null : belongingBy(place, places);
}

/** A filter proves nothing by itself, so the field of the record that says the same goes with it. */
function belongingBy(place: IdentityPlace, places: readonly IdentityPlace[]): string {
  const is: RequesterValue = place.is === "id" ? "system_id" : "email";
  if (place.in === "answer") return `{ field: ${place.name}, is: ${is} }`;
  const field = places.find((one) => one.in === "answer" && one.is === place.is)?.name;
  const proven = place.in === "path" || field === undefined ? "" : `, field: ${field}`;
  return `{ parameter: ${place.name}, is: ${is}${proven} }`;
}

const CUSTOMERS = /(?:^|\/)(?:customers?|users?|contacts?|clients?|buyers?)(?:\.json)?$/i;

/** Names of look-ups that could find a customer by address: a list of customers, the shortest path first. */
export function customerLookUps(operations: readonly OperationSummary[]): readonly string[] {
  return operations
    .filter(({ method, path }) => method === "GET" && CUSTOMERS.test(path))
    .toSorted((one, other) => one.path.length - other.path.length)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** The first of these look-ups that takes an address and answers with an id and an address; null when none does. */
export function suggestedCustomer(lookUps: readonly OperationDescription[]): string | null {
  for (const { name, parameters, answer } of lookUps) {
    const given = parameters.find(
      ({ in: place, field }) => place === "query" && /^e-?mail(?:_address)?$/i.test(field.name),
    );
    const shown = (form: RegExp): string | undefined =>
      answer?.record.fields.find((field) => form.test(field.name))?.name;
    const [id, email] = [shown(/^id$/i), shown(/^e-?mail(?:_?address)?$/i)];
    if (given !== undefined && id !== undefined && email !== undefined)
      return `{ operation: ${name}, values: { ${given.field.name}: requester email }, id: ${id}, email: ${email} }`;
  }
  return null;
}

const PAID = ["amount_received", "amount_captured", "amount_paid", "paid", "total_paid", "total"];
const REFUNDED = ["amount_refunded", "refunded", "refunded_amount", "total_refunded"];
const CURRENCY = ["currency", "currency_code"];

/** Which values of a movement of money are what; null where the document shows no amount, nothing paid or no currency. */
function suggestedMoney(
  { guesses }: OperationDescription,
  record: FieldDescription | null,
): string | null {
  const amount = guesses.money.find((place) => place.in === "body");
  // A yes or no is no amount, whatever it is called.
  const named = (names: readonly string[]): string | undefined =>
    names.find((name) =>
      record?.fields.some((field) => field.name === name && field.type !== "boolean"),
    );
  const [paid, currency] = [named([...PAID, "amount"]), named(CURRENCY)];
  if (amount === undefined || paid === undefined || currency === undefined) return null;
  const parts = [
    `amount: ${inputName(amount.amount)}`,
    `paid: ${paid}`,
    `refunded: ${named(REFUNDED) ?? "null"}`,
    `currency: ${currency}`,
    `unit: ${amount.unit}`,
  ];
  return `{ ${parts.join(", ")} }`;
}

/** The field of the change that is called like the record: `payment_intent` for `/payment_intents/{intent}`. */
function suggestedRecord(
  { body }: OperationDescription,
  looked: OperationDescription,
  id: string,
): string | null {
  const called = body?.content.fields.find(({ name }) => looked.path.includes(`/${name}s/{`));
  return called === undefined ? null : `{ ${called.name}: record ${id} }`;
}

// The few fields of a record that answers to customers need: what it is, its state, its money, its dates.

/** More than this is a record and no answer. */
const FIELDS_MAX = 10;

const WANTED: readonly (readonly [RegExp, number])[] = [
  [
    /^(?:id|uuid|gid)$|(?:order|invoice|payment|refund|capture|shipment|label|ticket|contact|customer|credit_note)_?(?:id|number)$/,
    9,
  ],
  [/(?:^|_)(?:number|display_id|reference)$/, 8],
  [/(?:^|_)(?:status|state|status_description)$/, 10],
  [/(?:^|_)(?:amount|total|paid|refunded|amount_due|amount_captured|value)$/, 8],
  [/(?:^|_)currency(?:_code|_id)?$/, 7],
  [
    /(?:^|_)(?:due_date|date|created|created_at|updated_at|create_time|update_time|paid_at|shipped_at|delivered_at|completed_at|canceled_at|estimated_delivery_date|actual_delivery_date|ship_date)$/,
    6,
  ],
  [/(?:^|_)(?:tracking_number|tracking_code|carrier|carrier_code|title|subject|name)$/, 5],
  // What customers call it by; without it no model can tell one payment from another.
  [/^(?:description|item|item_name|product_name)$/, 6],
  [/(?:^|_)(?:email|email_address)$/, 4],
];

/** An amount in the smallest unit is one all the same. */
const UNIT = /_(?:in_)?(?:cents?|minor(?:_units?)?)$/;

/** Paths of the chosen fields, plain ones only, at most two levels deep. */
export function chosenFields(record: FieldDescription): readonly string[] {
  return candidates(record, "", 2)
    .map(({ path, field, depth }, at) => ({ path, at, weight: fieldWeight(field, depth) }))
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight || left.at - right.at)
    .slice(0, FIELDS_MAX)
    .sort((left, right) => left.at - right.at)
    .map(({ path }) => path);
}

function candidates(
  record: FieldDescription,
  above: string,
  depth: number,
): readonly { readonly path: string; readonly field: FieldDescription; readonly depth: number }[] {
  return record.fields.flatMap((field) => {
    const path = above === "" ? field.name : `${above}.${field.name}`;
    if (field.type === "object") return depth > 1 ? candidates(field, path, depth - 1) : [];
    return ["list", "map", "any"].includes(field.type) ? [] : [{ path, field, depth }];
  });
}

function fieldWeight({ name, required }: FieldDescription, depth: number): number {
  const words = snakeCase(name).replace(UNIT, "");
  const weight = Math.max(0, ...WANTED.map(([form, points]) => (form.test(words) ? points : 0)));
  return weight === 0 ? 0 : weight * 2 + (required ? 1 : 0) - (depth > 1 ? 0 : 6);
}

// The line that people read of a change.

/** People have to see everything that is sent, whatever the label leaves out. */
export function withAll(
  label: string,
  values: Values,
  /** The input that is the amount; it is filled in with its currency, whatever unit the system's own name has. */
  amount?: string,
): string {
  const missing = Object.values(values)
    .flatMap(named)
    .filter((input) => !label.includes(`{${input}}`));
  const parts = [...new Set(missing)].map((input) => {
    const name = input.slice("input.".length);
    const words = name === amount ? "amount" : inWords(name);
    return `${words} {${input}}`;
  });
  return [label, ...parts].join(", ");
}

const LABEL_WORDS_MAX = 60;

/** A line for people: what the document calls the change, and what the record is about besides its number. */
export function plainLabel(
  { operation, answers: { tool }, looked }: PlanningChange,
  id: string,
): string {
  const { name, summary, description } = operation;
  const said = [summary, description]
    .map((text) => text.replace(/\.$/, "").replaceAll(/[{}]/g, ""))
    .find((text) => text !== "" && text.length <= LABEL_WORDS_MAX);
  const words = tool === undefined ? (said ?? name) : tool;
  const about = looked.answer?.record.fields.find(
    (field) => field.type === "string" && /^(?:description|item|title)$/.test(field.name),
  );
  const shown = about === undefined || about.name === id ? "" : ` ({${about.name}})`;
  return `${capitalised(inWords(words))}: {${id}}${shown}`;
}

/** The place of an input on the line; empty for what is no input. */
export function named(value: Value): readonly string[] {
  return value.from === "input" ? [`input.${value.name}`] : [];
}

// What must be said before money moves or a change is sent: the amount, the record, and the key it is found by.

/** What the change may do to money and access, as answered or guessed. */
export function changeRisk({ operation, answers }: Planning): Risk {
  const kind = answers.kind ?? operation.guesses.kind.value;
  return kind === "money" || kind === "account" ? kind : "write";
}

/** Where the answers do not say it, the policy may let a refund go by itself, and people decide on any other change. */
export function isForPeople({ operation, answers, risk }: PlanningChange): boolean {
  const { person_decides: said, wishes } = answers;
  if (said !== undefined || wishes !== undefined) return said ?? wishes?.length === 0;
  return !(risk === "money" && /refunds?$/i.test(operation.path));
}

/** What a refund is about is asked where the document only suggests it. */
export function paidGap(planning: Planning): void {
  const { operation, answers, gap } = planning;
  const guess = operation.guesses.about;
  if (answers.about !== undefined || guess === null || guess.suggestedBy === null) return;
  if (changeRisk(planning) === "money")
    gap(
      "about",
      `name the operation that reads what is paid back; ${guess.suggestedBy}`,
      `{ operation: ${guess.operation} }`,
    );
}

/** Never assumed: without these names neither the policy's limits nor what is left of a payment would hold. */
export function answeredMoney(
  planning: Planning,
  { name, answer }: OperationDescription,
): WriteDeclaration["money"] {
  const { operation, answers, gap } = planning;
  const { money } = answers;
  if (money === undefined && changeRisk(planning) === "money")
    gap(
      "money",
      "say which input is the amount, which fields of the record are what was paid, what went back (or null) and the currency, and whether amounts are whole cents (minor) or decimal; none when it moves no amount",
      suggestedMoney(operation, answer?.record ?? null),
    );
  if (money === undefined || money === "none") return undefined;
  for (const path of [money.paid, money.refunded])
    if (answer !== null && path !== null && fieldAt(answer.record, path)?.type === "boolean")
      gap("money", `${path} is yes or no in ${name}, and no amount`);
  return money;
}

/** Gaps of a request that does not name its record, or whose key would not be found again. */
export function sendingGaps(
  planning: PlanningChange,
  values: Values,
  { key, id }: { readonly key: IdempotencyPlace | null; readonly id: string },
): void {
  const { operation, answers, looked, aboutValues, gap } = planning;
  if (!namesRecord(values, aboutValues))
    gap(
      "values",
      `say where ${operation.name} names the record it is about`,
      suggestedRecord(operation, looked, id),
    );
  if (answers.find?.by !== "key") return;
  narrowedGap(planning, answers.find, values);
  if (key === null && !Object.values(values).some(({ from }) => from === "key"))
    gap(
      "key",
      "nothing sends the key by which the change is to be found: name the header or the field, or give a field the value `key`",
      "{ header: Idempotency-Key }",
    );
}

/** Whether a value comes from the record, or from the very input that the record was looked up by. */
function namesRecord(values: Values, aboutValues: Values): boolean {
  const asked = Object.values(aboutValues);
  return Object.values(values).some(
    (value) =>
      value.from === "record" ||
      value.from === "requester" ||
      (value.from === "input" &&
        asked.some((one) => one.from === "input" && one.name === value.name)),
  );
}

/** A list of all changes of the system would soon no longer show the one that is looked for. */
function narrowedGap(
  { operations, gap }: PlanningChange,
  find: Extract<NonNullable<Planning["answers"]["find"]>, { by: "key" }>,
  values: Values,
): void {
  if (Object.values(find.values).every(({ from }) => from === "fixed"))
    gap(
      "find",
      `${find.operation} lists the changes of everybody: give \`values\` that narrow it, or { by: nothing, because: why }`,
    );
  const filters = operations.get(find.operation)?.parameters.map(({ field }) => field.name) ?? [];
  for (const [name, value] of Object.entries(values))
    if (value.from === "record" && filters.includes(name) && find.values[name] === undefined)
      gap(
        "find",
        `${find.operation} lists more than the changes of this record: narrow it by ${name}`,
        `{ by: key, operation: ${find.operation}, values: { ${name}: record ${value.field} }, field: ${find.field}, ref: ${find.ref} }`,
      );
}

/** Answers that the document suggests, as they would stand in a file of answers. Each is shown and none is taken by itself. */
import type {
  FieldDescription,
  IdentityPlace,
  OperationDescription,
  OperationSummary,
} from "#importing/description.ts";
import type { RequesterValue } from "#systems/contract.ts";
import { inputName } from "./places.ts";

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
export function suggestedMoney(
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
export function suggestedRecord(
  { body }: OperationDescription,
  looked: OperationDescription,
  id: string,
): string | null {
  const called = body?.content.fields.find(({ name }) => looked.path.includes(`/${name}s/{`));
  return called === undefined ? null : `{ ${called.name}: record ${id} }`;
}

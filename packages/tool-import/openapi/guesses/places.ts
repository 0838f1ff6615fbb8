/** Where in an operation the customer, an amount of money and a key against repeats are, by the names of its values. */
import type {
  FieldDescription,
  IdempotencyPlace,
  IdentityPlace,
  MoneyPlace,
  OperationDescription,
} from "#importing/description.ts";
import {
  fieldsIn,
  fixedSteps,
  CUSTOMER_WORDS,
  singularWords,
  wordSet,
} from "#importing/openapi/reading.ts";

type Values = Pick<OperationDescription, "path" | "parameters" | "body" | "answer">;

interface Candidate<Place> {
  readonly place: Place;
  readonly rank: number;
}

/** Levels below a record at which something is looked for: `customer.contact.email` has three. */
const DEPTH_MAX = 3;

function bestFirst<Place>(
  candidates: readonly Candidate<Place>[],
  placesMax: number,
): readonly Place[] {
  return candidates
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, placesMax)
    .map(({ place }) => place);
}

/** Where the customer is, best first: in the path, in a filter or in what comes back. What is checked comes before what only narrows. */
export function guessIdentity({
  path,
  parameters,
  body,
  answer,
}: Values): readonly IdentityPlace[] {
  const candidates = [
    ...inParameters(path, parameters),
    ...inFields("answer", answer?.record ?? null, path),
    ...inFields("body", body?.content ?? null, ""),
  ];
  return bestFirst(candidates, 12);
}

function inParameters(
  path: string,
  parameters: Values["parameters"],
): readonly Candidate<IdentityPlace>[] {
  return parameters.flatMap(({ in: side, field }) => {
    const around = side === "path" ? stepBefore(path, field.name) : "";
    const is = customerIn(field.name, around);
    if (side === "header" || is === null || field.type === "boolean") return [];
    const narrows = isLoose(field) ? 40 : 0;
    const rank = (side === "path" ? 90 : 85) - RANKS[is] - narrows;
    return [{ rank, place: { in: side, name: field.name, is } }];
  });
}

/** The segment before a value: `customers` for `/customers/{id}`. */
function stepBefore(path: string, name: string): string {
  const steps = path.split("/");
  const at = steps.findIndex((step) => step.includes(`{${name}}`));
  return steps[at - 1] ?? "";
}

/** An id is exact, an address nearly so. */
const RANKS: Readonly<Record<IdentityPlace["is"], number>> = { id: 0, email: 5 };
/** A search by part of an address also finds others'. */
const LOOSE = wordSet("cont contain like match start search");
const ID_WORDS = wordSet("eq guid hash id in key number ref reference sid uuid");
/** Words that make `customer_id` another's: who wrote, who was merged, what kind. */
const ANOTHERS =
  /^(?:admin|agent|assigned|author|by|bill|created|default|from|group|has|is|merchant|merged|note|payee|return|seller|sender|staff|system|to|type|updated|vendor)$/;

function isLoose({ name, description }: FieldDescription): boolean {
  return (
    singularWords(name).some((word) => LOOSE.has(word)) ||
    /\b(?:contain|partial|starts with|fuzzy)/i.test(description)
  );
}

/** The same for what a field stands under; `ship_to` and `bill_to` are the customer. */
const ANOTHERS_PART =
  /^(?:admin|agent|author|from|group|importer|merchant|original|payee|return|seller|sender|staff|system|vendor)$/;

/** What of a customer a name means; null when it means none. `around` is the name it stands under. */
function customerIn(name: string, around: string): IdentityPlace["is"] | null {
  const words = singularWords(name);
  const above = singularWords(around);
  if (words.some((word) => ANOTHERS.test(word)) || above.some((word) => ANOTHERS_PART.test(word)))
    return null;
  const ending = words.findLast((word) => !LOOSE.has(word) && word !== "eq" && word !== "address");
  if (ending === "email") return "email";
  const isUnderCustomer = above.some((word) => CUSTOMER_WORDS.has(word));
  return idIn(words, isUnderCustomer);
}

/** Nothing but words for an id below a customer, or a customer with at most one word before it. */
function idIn(words: readonly string[], isUnderCustomer: boolean): IdentityPlace["is"] | null {
  const own = words.filter((word) => !ID_WORDS.has(word));
  if (own.length === 0) return isUnderCustomer && words.length > 0 ? "id" : null;
  const lengthMax = isVague(own.join(" ")) ? 1 : 2;
  return own.length <= lengthMax && CUSTOMER_WORDS.has(own.at(-1) ?? "") ? "id" : null;
}

/** An account is as often one of ours, or of the books, as a customer's, and a client is often a program. */
function isVague(name: string): boolean {
  return singularWords(name).some((word) => word === "account" || word === "client");
}

function inFields(
  side: "body" | "answer",
  record: FieldDescription | null,
  path: string,
): readonly Candidate<IdentityPlace>[] {
  if (record === null) return [];
  const about = recordName(path);
  return [...fieldsIn(record)].flatMap(({ path: name, field }) => {
    const names = name.split(".");
    if (names.length > DEPTH_MAX || !isPlain(field) || crossesList(record, names)) return [];
    const is = customerIn(field.name, names.at(-2) ?? about);
    if (is === null) return [];
    const rank =
      (side === "answer" ? 80 : 50) - RANKS[is] - names.length * 8 - (isVague(name) ? 12 : 0);
    return [{ rank, place: { in: side, name, is } }];
  });
}

/** The customer word among the last two steps of a path, which its records are: `customers` of `/customers/search`. */
function recordName(path: string): string {
  const isCustomer = (step: string) => singularWords(step).some((word) => CUSTOMER_WORDS.has(word));
  return fixedSteps(path).slice(-2).findLast(isCustomer) ?? "";
}

function isPlain({ type }: Pick<FieldDescription, "type">): boolean {
  return type === "string" || type === "integer" || type === "number";
}

/** A customer in a list of the record is one of several, and proves nothing. */
function crossesList(record: FieldDescription, names: readonly string[]): boolean {
  let at: FieldDescription | undefined = record;
  for (const name of names.slice(0, -1)) {
    at = at?.fields.find((field) => field.name === name);
    if (at === undefined || at.type === "list") return true;
  }
  return false;
}

// Amounts of money, and in which units.

const AMOUNTS = wordSet("amount balance cost fee price subtotal total value");
/** `amount_type` and `total_count` are no amounts. */
const NOT_AMOUNTS =
  /^(?:type|count|id|code|currency|at|date|display|status|reason|unit|rate|percent|percentage|description|name|item|quantity|page|gte|lte)$/;
const SAYS_MINOR =
  /\bcents?\b|smallest (?:common )?(?:currency )?(?:unit|denomination)|minor[- ](?:currency )?unit|\bpence\b|in the lowest/i;
const SAYS_DECIMAL = /\bdecimal|two (?:digits|places)|major (?:currency )?unit|\d\.\d{2}\b/i;

/** Amounts in the body and in the answer, best first: those of the body with a currency beside them. */
export function guessMoney({ body, answer }: Values): readonly MoneyPlace[] {
  const candidates = [
    ...(body === null ? [] : amountsIn("body", body.content)),
    ...(answer === null ? [] : amountsIn("answer", answer.record)),
  ];
  return bestFirst(candidates, 8);
}

function amountsIn(
  side: MoneyPlace["in"],
  record: FieldDescription,
): readonly Candidate<MoneyPlace>[] {
  const all = [...fieldsIn(record)].filter(({ path }) => path.split(".").length <= DEPTH_MAX);
  return all.flatMap(({ path, field }) => {
    if (!isAmount(path, field)) return [];
    const currency = currencyBeside(path, all);
    // `value` and `total` are money only where a currency stands beside them.
    if (currency === null && !singularWords(field.name).some(isMoneyWord)) return [];
    const rank =
      (side === "body" ? 20 : 0) +
      (currency === null ? 0 : 6) +
      (field.name === "amount" ? 5 : 0) -
      path.split(".").length;
    return [{ rank, place: { in: side, amount: path, currency, ...moneyUnit(field) } }];
  });
}

const isMoneyWord = (word: string) => ["amount", "balance", "fee", "price", "cost"].includes(word);

function isAmount(path: string, { name, ...field }: FieldDescription): boolean {
  if (!isPlain(field)) return false;
  const words = singularWords(name);
  if (NOT_AMOUNTS.test(words.at(-1) ?? "")) return false;
  return words.some((word) => AMOUNTS.has(word)) && !/quantity|weight|dimension/i.test(path);
}

/** The currency in the same object, or else in an object above it. */
function currencyBeside(
  path: string,
  all: readonly { readonly path: string; readonly field: FieldDescription }[],
): string | null {
  const known = all.filter(
    ({ path: beside, field: { name, type } }) =>
      type === "string" &&
      singularWords(name).includes("currency") &&
      path.startsWith(beside.slice(0, beside.length - name.length)),
  );
  const depth = (one: string): number => one.split(".").length;
  return known.map((one) => one.path).toSorted((a, b) => depth(b) - depth(a))[0] ?? null;
}

/** A whole number is taken for cents where nothing says otherwise. */
function moneyUnit({
  type,
  description,
  format,
  name,
}: FieldDescription): Pick<MoneyPlace, "unit" | "isUnitStated"> {
  if (SAYS_MINOR.test(description) || /cents$/i.test(name))
    return { unit: "minor", isUnitStated: true };
  if (SAYS_DECIMAL.test(description) || format === "decimal" || format === "double")
    return { unit: "decimal", isUnitStated: true };
  return type === "integer"
    ? { unit: "minor", isUnitStated: false }
    : { unit: "decimal", isUnitStated: type === "string" };
}

// How a system is kept from doing something twice, as far as its document says.

/** Words of a description by which a key of a request is known. */
const SAYS_SO = /idempot|\bretr(?:y|ies)\b|duplicate|exactly once|same request|stores? keys/i;

/**
 * A header or field that is named after idempotency, or named after the request and described so; without one, a header
 * that is named after the request, which may be there for tracing. No vendor's habit is assumed: where the document names
 * nothing there is none, and the lead is asked.
 */
export function guessIdempotency({ parameters, body }: Values): IdempotencyPlace | null {
  const headers = parameters.flatMap(({ in: place, field }) => (place === "header" ? [field] : []));
  const texts = (body?.content.fields ?? []).filter(({ type }) => type === "string");
  const [header, field] = [headers.find(isForRepeats), texts.find(isForRepeats)];
  if (header === undefined && field !== undefined) return { in: "field", name: field.name };
  const found = header ?? headers.find(isForRequest);
  return found === undefined ? null : { in: "header", name: found.name };
}

function isForRepeats({ name, description }: FieldDescription): boolean {
  const words = singularWords(name);
  return (
    words.some((word) => /^(?:idempot|dedup)/.test(word)) ||
    (isKey(words) && SAYS_SO.test(description))
  );
}

function isForRequest({ name }: FieldDescription): boolean {
  const words = singularWords(name);
  return isKey(words) && words.includes("request") && words.length <= 3;
}

function isKey(words: readonly string[]): boolean {
  return /^(?:id|key|token|uuid)$/.test(words.at(-1) ?? "");
}

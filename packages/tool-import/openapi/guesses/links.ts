/** What an operation does, which read operation shows the record that a write is about, and which one what came of it. */
import type {
  AnswerDescription,
  FieldDescription,
  FindPlace,
  Link,
  OperationDescription,
  OperationSummary,
  Guess,
  OperationKind,
} from "#importing/description.ts";
import {
  fieldsIn,
  fixedSteps,
  CUSTOMER_WORDS,
  singularWords,
  wordSet,
  spelledWords,
} from "#importing/openapi/reading.ts";

/** A write operation as far as it is described. */
export type Write = Pick<OperationDescription, "path" | "method" | "name" | "parameters" | "body">;

/** The read operations of the same document. */
export interface Reads {
  readonly operations: readonly OperationSummary[];
  /** What one of them answers; read only when asked. */
  readonly answer: (name: string) => AnswerDescription | null;
}

const isValue = (step: string | undefined): boolean =>
  step?.startsWith("{") === true && step.endsWith("}");
const placeholderName = (step: string): string => step.slice(1, -1);

/** The steps of a path; some end in the kind of their answer, as in `/orders/{id}.json`. */
function pathSteps(path: string): readonly string[] {
  return path.replace(/\.json$/, "").split("/");
}

/** Two paths are alike when their words are; values may be called differently. */
function isAlike(one: string, other: string): boolean {
  const [first, second] = [pathSteps(one), pathSteps(other)];
  return (
    first.length === second.length &&
    first.every((step, at) => (isValue(step) ? isValue(second[at]) : step === second[at]))
  );
}

/** The GET of a path: spelled the same, else the same but for the names of its values. */
function readAt(path: string, reads: Reads): OperationSummary | undefined {
  const gets = reads.operations.filter(({ method }) => method === "GET");
  return gets.find((read) => read.path === path) ?? gets.find((read) => isAlike(read.path, path));
}

/**
 * The record above in the path (`/orders/{id}` for `/orders/{id}/cancel`), else the record whose id is a field of the
 * body (`/charges/{id}` for a `charge`). Null when the document shows neither.
 */
export function guessAbout(write: Write, reads: Reads): Link | null {
  return aboveIn(write.path, reads) ?? namedInBody(write, reads);
}

function aboveIn(path: string, reads: Reads): Link | null {
  const steps = pathSteps(path);
  for (let length = steps.length; length > 1; length -= 1) {
    const last = steps[length - 1];
    if (last === undefined || !isValue(last)) continue;
    const read = readAt(steps.slice(0, length).join("/"), reads);
    if (read !== undefined)
      return { operation: read.name, from: placeholderName(last), suggestedBy: null };
  }
  return null;
}

/** A field of the body, or a parameter of the query. */
type Source = ReturnType<typeof sourcesIn>[number];

function namedInBody(write: Write, reads: Reads): Link | null {
  const named = sourcesIn(write).flatMap((from) => {
    const { name } = from.field;
    const all = reads.operations.filter((one) => isNamedRecord(one, name));
    // A record may be found by its id or by its number: the one that is called the same.
    const read = all.find(({ path }) => path.includes(`{${name}}`)) ?? all[0];
    // Its own id is not known before it is made.
    const isItself = read !== undefined && isAlike(pathParent(read.path), write.path);
    return read === undefined || isItself ? [] : [{ from, read }];
  });
  const isRefund = singularWords(write.path).includes("refund");
  const rank = (from: Source): number =>
    weight(from) +
    (isRefund ? (singularWords(from.field.name).some((word) => PAID.has(word)) ? 6 : 0) : 0);
  const [best] = named.toSorted((one, other) => rank(other.from) - rank(one.from));
  if (best === undefined) return null;
  const { from, read } = best;
  const suggestedBy = `The value ${from.name} is named after the record that ${read.path} shows.`;
  return { operation: read.name, from: from.name, suggestedBy };
}

/** What is needed comes first, then what lies open before what is nested; a customer before a part of a record. */
function weight({ field, name }: Source): number {
  const isCustomer = singularWords(field.name).some((word) => CUSTOMER_WORDS.has(word));
  return Number(field.required) * 10 + Number(isCustomer) * 4 - name.split(".").length;
}

/** What goes back is part of what was paid, whoever paid it. */
const PAID = wordSet("capture charge invoice order payment transaction");

function pathParent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function sourcesIn({ body, parameters }: Write) {
  const fields = [...(body === null ? [] : fieldsIn(body.content))]
    .filter(
      ({ path, field }) =>
        path.split(".").length <= 3 && (field.type === "string" || field.type === "integer"),
    )
    .map(({ path, field }) => ({ name: path, field }));
  const queries = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ field }) => ({ name: field.name, field }));
  return [...fields, ...queries];
}

/** `/payment_intents/{intent}` shows the record of `payment_intent`, `paymentIntentId` and `payment_intent_id`. */
function isNamedRecord({ method, path }: OperationSummary, name: string): boolean {
  const steps = pathSteps(path);
  if (method !== "GET" || !isValue(steps.at(-1)) || steps.filter(isValue).length !== 1)
    return false;
  const words = singularWords(name);
  const named = (words.at(-1) === "id" ? words.slice(0, -1) : words).join(" ");
  return named !== "" && singularWords(steps.at(-2) ?? "").join(" ") === named;
}

/** Fields that keep a text of ours with the record that is made. */
const KEEPS = [
  "metadata",
  "reference",
  "external id",
  "external reference",
  "reference id",
  "custom id",
  "merchant reference",
  "client reference",
  "reference number",
];
const STATES = new Set(["status", "state"]);

/** How the outcome of a write shows: by a key it keeps, or by looking at the record. */
export function guessFind(write: Write, about: Link | null, reads: Reads): FindPlace {
  return byKey(write, reads) ?? byLooking(write, about, reads) ?? { by: "nothing" };
}

/** What is made by a POST to a collection is listed by a GET of it, with the field that keeps our key. */
function byKey(write: Write, reads: Reads): FindPlace | null {
  if (write.body === null || isValue(pathSteps(write.path).at(-1))) return null;
  const list = readAt(write.path, reads);
  if (list === undefined) return null;
  const answer = reads.answer(list.name);
  if (answer?.many !== true) return null;
  const kept = [...fieldsIn(write.body.content)].find(
    ({ path, field }) =>
      path.split(".").length <= 2 &&
      isKeeping(field) &&
      answer.record.fields.some(({ name }) => name === field.name),
  );
  if (kept === undefined) return null;
  const { name, type } = kept.field;
  const keyField = type === "string" ? name : `${name}.deskhand`;
  return { by: "key", operation: list.name, keyField };
}

function isKeeping({ name, type }: FieldDescription): boolean {
  const words = singularWords(name).join(" ");
  if (words === "metadata") return type === "map" || type === "object";
  return type === "string" && KEEPS.includes(words);
}

/** The record shows the fields that were sent, a list of what was made, or a state. */
function byLooking(write: Write, about: Link | null, reads: Reads): FindPlace | null {
  if (about === null) return null;
  const { operation } = about;
  const record = reads.answer(operation)?.record;
  if (record === undefined) return null;
  const names = new Set(record.fields.map(({ name }) => name));
  const sent = isValue(pathSteps(write.path).at(-1))
    ? sentFields(write).filter((name) => names.has(name))
    : [];
  const made = singularWords(pathSteps(write.path).at(-1) ?? "").join(" ");
  const listed = record.fields.filter(
    (field) => singularWords(field.name).join(" ") === made && field.type === "list",
  );
  const states = record.fields.filter((field) => isStateAfter(field, made));
  const shows = [sent, ...[listed, states].map((fields) => fields.map(({ name }) => name))].find(
    (shown) => shown.length > 0,
  );
  return shows === undefined ? null : { by: "looking", operation, shows };
}

/** Ids and times are not what a change is about. */
function sentFields({ body }: Write): readonly string[] {
  const names = body?.content.fields.map(({ name }) => name) ?? [];
  return names.filter((name) => !/^(?:id|at)$/.test(singularWords(name).at(-1) ?? ""));
}

/** `status`, and `canceled_at` or `voided` after a cancellation. */
function isStateAfter({ name }: FieldDescription, made: string): boolean {
  const words = singularWords(name);
  if (STATES.has(words.at(-1) ?? "")) return true;
  return made.length >= 4 && words.some((word) => word.startsWith(made.slice(0, 5)));
}

// What an operation does, from its method and the words of its names. Names of vendors' operations play no part.

type Named = Pick<OperationSummary, "method" | "path" | "operationId" | "summary">;

/** A POST whose path ends so only looks something up, and so does one whose name begins so. */
const READING = wordSet(`
  calculate count estimate fetch filter find get list lookup match preview query recognise
  recognize retrieve search show simulate validate
`);

/** The same at the beginning of a summary, where “return” would be a parcel's. */
const READING_SUMMARY =
  /^(?:search|quer(?:y|ies)|finds?\b|lists?\b|look(?:s| up)|fetch|retrieves?\b|calculate|estimate|preview|(?:gets?|returns?) (?:a |the )?(?:paginated )?list)/i;

/** Beside one of these a word for reading says only the half of it: `getOrCreateCustomer`. */
const CHANGING = wordSet(`
  add cancel capture create delete insert pay refund remove replace save send set update
  upsert
`);

/** A GET whose last word is one of these changes something, whatever its method promises. */
const DOING = wordSet(
  "activate approve cancel delete disable logout remove revoke send unsubscribe void",
);

const MONEY = wordSet(`
  capture charge credit creditnote discount disbursement giftcard payment payout refund
  reimbursement topup transfer withdrawal
`);

const ACCESS = wordSet(`
  credential impersonate invitation invite login logout mfa otp passkey password permission
  recovery role session token totp verification
`);

/** Records that are a user's access: who changes or deletes one decides who gets in. */
const ACCOUNT_RECORDS = wordSet("account identity login member user");

/** Guesses what an operation does. The lead is asked wherever `stated` is false. */
export function guessKind(named: Named): Guess<OperationKind> {
  const steps = fixedSteps(named.path);
  if (named.method === "GET") return kindOfGet(steps);
  if (onlyReads(named, steps)) return { value: "read", stated: false };
  const value = changeKind(named, steps);
  return { value, stated: value === "write" && named.method !== "POST" };
}

/** A GET only reads (RFC 9110, section 9.2.1), but for one whose path ends in a verb that changes something. */
function kindOfGet(steps: readonly string[]): Guess<OperationKind> {
  const last = singularWords(steps.at(-1) ?? "").at(-1) ?? "";
  return DOING.has(last) ? { value: "write", stated: false } : { value: "read", stated: true };
}

/** Whether path, name or summary say of a request other than GET that it only reads. */
function onlyReads(
  { method, path, operationId, summary }: Named,
  steps: readonly string[],
): boolean {
  if (method === "DELETE" || method === "PATCH") return false;
  const name = spelledWords(operationId ?? "");
  const last = path.endsWith("}") ? [] : spelledWords(steps.at(-1) ?? "");
  if ([...name, ...last].some((word) => CHANGING.has(word))) return false;
  return (
    hasReadingVerb(last) ||
    /(?:^|\/)batch\/read$/.test(path) ||
    hasReadingVerb(name) ||
    (method === "POST" && READING_SUMMARY.test(summary))
  );
}

/** A verb comes first, or last where it can hardly be a thing: `shareList` is no look-up. */
function hasReadingVerb(words: readonly string[]): boolean {
  const [first = "", last = ""] = [words[0], words.at(-1)];
  return READING.has(first) || /^(?:fetch|find|get|lookup|query|retrieve|search)$/.test(last);
}

function changeKind({ method, path, operationId }: Named, steps: readonly string[]): OperationKind {
  const words = [...steps.slice(-2), operationId ?? ""].flatMap(singularWords);
  if (words.some((word) => ACCESS.has(word))) return "account";
  if ([...words, ...joinedPairs(words)].some((word) => MONEY.has(word))) return "money";
  const [record = ""] = singularWords(steps.at(-1) ?? "").slice(-1);
  const isAccount =
    (path.endsWith("}") && ACCOUNT_RECORDS.has(record)) ||
    (method === "DELETE" && record === "customer");
  return isAccount ? "account" : "write";
}

/** “credit notes” as one word, as some names join it. */
function joinedPairs(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, at) => `${words[at] ?? ""}${word}`);
}

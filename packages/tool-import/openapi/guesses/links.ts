/** Which read operation shows the record that a write is about, and which one shows what came of it. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
  FindPlace,
  Guess,
  Link,
  OperationSummary,
  ParameterDescription,
} from "#importing/description.ts";
import { fieldsIn } from "#importing/openapi/reading.ts";
import { CUSTOMER_WORDS, singularWords } from "#importing/openapi/words.ts";

/** A write operation as far as it is described. */
export interface Write {
  readonly path: string;
  readonly method: OperationSummary["method"];
  readonly name: string;
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
}

/** The read operations of the same document. */
export interface Reads {
  readonly operations: readonly OperationSummary[];
  /** What one of them answers, and its parameters; read only when asked. */
  readonly details: (name: string) => {
    readonly answer: AnswerDescription | null;
    readonly parameters: readonly ParameterDescription[];
  };
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
export function guessAbout(write: Write, reads: Reads): Guess<Link> | null {
  return aboveIn(write.path, reads) ?? namedInBody(write, reads);
}

function aboveIn(path: string, reads: Reads): Guess<Link> | null {
  const steps = pathSteps(path);
  for (let length = steps.length; length > 1; length -= 1) {
    if (!isValue(steps[length - 1])) continue;
    const above = steps.slice(0, length).join("/");
    const read = readAt(above, reads);
    if (read === undefined) continue;
    const because = `${read.path} shows the record that ${path} is about.`;
    return {
      value: { operation: read.name, values: pathValues(read.path, above) },
      because,
      stated: true,
    };
  }
  return null;
}

/** Each value of the read path is the value at the same place of the other path. */
function pathValues(readPath: string, path: string): Link["values"] {
  const steps = pathSteps(path);
  return pathSteps(readPath).flatMap((step, at) =>
    isValue(step)
      ? [
          {
            parameter: { in: "path", name: placeholderName(step) } as const,
            from: { in: "path", name: placeholderName(steps[at] ?? "") } as const,
          },
        ]
      : [],
  );
}

interface Source {
  readonly in: "body" | "query";
  readonly name: string;
  readonly field: FieldDescription;
}

function namedInBody(write: Write, reads: Reads): Guess<Link> | null {
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
  const rank = (from: Source): number => weight(from) + (isRefund ? paidWeight(from) : 0);
  const [best] = named.toSorted((one, other) => rank(other.from) - rank(one.from));
  if (best === undefined) return null;
  const { from, read } = best;
  const parameter = {
    in: "path",
    name: placeholderName(pathSteps(read.path).at(-1) ?? ""),
  } as const;
  const values = [{ parameter, from: { in: from.in, name: from.name } }];
  const because = `The value ${from.name} is named after the record that ${read.path} shows.`;
  return { value: { operation: read.name, values }, because, stated: false };
}

/** What is needed comes first, then what lies open before what is nested; a customer before a part of a record. */
function weight({ field, name }: Source): number {
  const isCustomer = singularWords(field.name).some((word) => CUSTOMER_WORDS.has(word));
  return Number(field.required) * 10 + Number(isCustomer) * 4 - name.split(".").length;
}

/** What goes back is part of what was paid, whoever paid it. */
const PAID = new Set(["capture", "charge", "invoice", "order", "payment", "transaction"]);

function paidWeight({ field }: Source): number {
  return singularWords(field.name).some((word) => PAID.has(word)) ? 6 : 0;
}

function pathParent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function sourcesIn({ body, parameters }: Write): readonly Source[] {
  const fields = [...(body === null ? [] : fieldsIn(body.content))]
    .filter(({ path, field }) => path.split(".").length <= 3 && isPlain(field))
    .map(({ path, field }) => ({ in: "body" as const, name: path, field }));
  const queries = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ field }) => ({ in: "query" as const, name: field.name, field }));
  return [...fields, ...queries];
}

function isPlain({ type }: FieldDescription): boolean {
  return type === "string" || type === "integer";
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
export function guessFind(write: Write, about: Guess<Link> | null, reads: Reads): Guess<FindPlace> {
  return byKey(write, about, reads) ?? byLooking(write, about, reads) ?? nothing();
}

function nothing(): Guess<FindPlace> {
  const because = "No read operation of the document shows what came of it.";
  return { value: { by: "nothing" }, because, stated: false };
}

/** What is made by a POST to a collection is listed by a GET of it, with the field that keeps our key. */
function byKey(write: Write, about: Guess<Link> | null, reads: Reads): Guess<FindPlace> | null {
  if (write.body === null || isValue(pathSteps(write.path).at(-1))) return null;
  const list = readAt(write.path, reads);
  if (list === undefined) return null;
  const { answer, parameters } = reads.details(list.name);
  if (answer?.many !== true) return null;
  const kept = [...fieldsIn(write.body.content)].find(
    ({ path, field }) =>
      path.split(".").length <= 2 &&
      isKeeping(field) &&
      answer.record.fields.some(({ name }) => name === field.name),
  );
  if (kept === undefined) return null;
  const ending = kept.field.type === "string" ? "" : ".deskhand";
  const values = [...pathValues(list.path, write.path), ...narrowing(about, parameters)];
  const value: FindPlace = {
    by: "key",
    link: { operation: list.name, values },
    sentAs: `${kept.path}${ending}`,
    keyField: `${kept.field.name}${ending}`,
  };
  const because = `${kept.path} is sent with it and stands in the records of ${list.path}.`;
  return { value, because, stated: false };
}

function isKeeping({ name, type }: FieldDescription): boolean {
  const words = singularWords(name).join(" ");
  if (words === "metadata") return type === "map" || type === "object";
  return type === "string" && KEEPS.includes(words);
}

/** The filter of a list that has the same name as the value which names the record. */
function narrowing(
  about: Guess<Link> | null,
  parameters: readonly ParameterDescription[],
): Link["values"] {
  return (about?.value.values ?? []).flatMap(({ from }) =>
    parameters.some(({ in: place, field }) => place === "query" && field.name === from.name)
      ? [{ parameter: { in: "query", name: from.name } as const, from }]
      : [],
  );
}

/** The record shows the fields that were sent, a list of what was made, or a state. */
function byLooking(write: Write, about: Guess<Link> | null, reads: Reads): Guess<FindPlace> | null {
  if (about === null) return null;
  const record = reads.details(about.value.operation).answer?.record;
  if (record === undefined) return null;
  const link = about.value;
  const found = (shows: readonly string[], because: string): Guess<FindPlace> | null =>
    shows.length === 0 ? null : { value: { by: "looking", link, shows }, because, stated: false };
  const names = new Set(record.fields.map(({ name }) => name));
  const sent = isValue(pathSteps(write.path).at(-1))
    ? sentFields(write).filter((name) => names.has(name))
    : [];
  const made = singularWords(pathSteps(write.path).at(-1) ?? "").join(" ");
  const listed = record.fields.filter(
    (field) => singularWords(field.name).join(" ") === made && field.type === "list",
  );
  const states = record.fields.filter((field) => isStateAfter(field, made));
  return (
    found(sent, `The record shows the fields that are sent: ${sent.slice(0, 5).join(", ")}.`) ??
    found(
      listed.map(({ name }) => name),
      `The record lists what was made.`,
    ) ??
    found(
      states.map(({ name }) => name),
      "The record has a state that the change leads to.",
    )
  );
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

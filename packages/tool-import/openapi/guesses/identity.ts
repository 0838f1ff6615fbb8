/** Where the customer is in an operation: in the path, in a filter or in what comes back. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
  IdentityPlace,
  ParameterDescription,
} from "#importing/description.ts";
import { fieldsIn } from "#importing/openapi/reading.ts";
import { CUSTOMER_WORDS, singularWords } from "#importing/openapi/words.ts";

type Kind = IdentityPlace["is"];

interface Candidate {
  readonly place: IdentityPlace;
  /** What is checked comes before what only narrows, and an id before an address. */
  readonly rank: number;
}

const GUESSES_MAX = 12;
/** Levels below a record at which a customer is looked for: `customer.contact.email` has three. */
const DEPTH_MAX = 3;

/** The places, best first. */
export function guessIdentity(operation: {
  readonly path: string;
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
  readonly answer: AnswerDescription | null;
}): readonly IdentityPlace[] {
  const candidates = [
    ...inParameters(operation.path, operation.parameters),
    ...inFields("answer", operation.answer?.record ?? null, operation.path),
    ...inFields("body", operation.body?.content ?? null, ""),
  ];
  return candidates
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, GUESSES_MAX)
    .map(({ place }) => place);
}

function inParameters(
  path: string,
  parameters: readonly ParameterDescription[],
): readonly Candidate[] {
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
const RANKS: Readonly<Record<Kind, number>> = { id: 0, email: 5 };
/** A search by part of an address also finds others'. */
const LOOSE = new Set(["cont", "contain", "like", "match", "start", "search"]);
const ID_WORDS = new Set([
  "eq",
  "guid",
  "hash",
  "id",
  "in",
  "key",
  "number",
  "ref",
  "reference",
  "sid",
  "uuid",
]);
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
function customerIn(name: string, around: string): Kind | null {
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
function idIn(words: readonly string[], isUnderCustomer: boolean): Kind | null {
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
): readonly Candidate[] {
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
  const steps = path.split("/").filter((step) => step !== "" && !step.startsWith("{"));
  return (
    steps
      .slice(-2)
      .findLast((step) => singularWords(step).some((word) => CUSTOMER_WORDS.has(word))) ?? ""
  );
}

function isPlain({ type }: FieldDescription): boolean {
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

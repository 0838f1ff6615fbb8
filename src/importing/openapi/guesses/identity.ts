/** Where the customer is in an operation: in the path, in a filter, in the sign-in or in what comes back. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
  Guess,
  IdentityPlace,
  ParameterDescription,
} from "#importing/description.ts";
import { fieldsIn } from "#importing/openapi/reading.ts";
import { CUSTOMER_WORDS, wordsOf } from "#importing/openapi/words.ts";

type Kind = IdentityPlace["is"];

interface Candidate {
  readonly guess: Guess<IdentityPlace>;
  /** What is checked comes before what only narrows, and an id before an address. */
  readonly rank: number;
}

const OWN = new Set(["current", "me", "my", "mine", "self", "whoami"]);
const GUESSES_MAX = 12;
/** Levels below a record at which a customer is looked for: `customer.contact.email` has three. */
const DEPTH_MAX = 3;

/** The places, best first. */
export function guessIdentity(operation: {
  readonly path: string;
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
  readonly answer: AnswerDescription | null;
}): readonly Guess<IdentityPlace>[] {
  const candidates = [
    ...inToken(operation.path),
    ...inParameters(operation.path, operation.parameters),
    ...inFields("answer", operation.answer?.record ?? null, operation.path),
    ...inFields("body", operation.body?.content ?? null, ""),
  ];
  return candidates
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, GUESSES_MAX)
    .map(({ guess }) => guess);
}

function inToken(path: string): readonly Candidate[] {
  const own = path.split("/").find((step) => OWN.has(step.toLowerCase()));
  if (own === undefined) return [];
  const because = `The path has “${own}”, so the system answers about whoever is signed in.`;
  return [
    { rank: 100, guess: { value: { in: "token", name: "", is: "id" }, because, stated: false } },
  ];
}

function inParameters(
  path: string,
  parameters: readonly ParameterDescription[],
): readonly Candidate[] {
  return parameters.flatMap(({ in: place, field }) => {
    const around = place === "path" ? [stepBefore(path, field.name)] : [];
    const is = customerIn(field.name, around);
    if (is === null) return [];
    const narrows = isLoose(field) ? 40 : 0;
    const because =
      place === "path"
        ? `The path names it: ${stepBefore(path, field.name)}/{${field.name}}.`
        : `The ${place} parameter ${field.name} is named after a customer.`;
    const rank = (place === "path" ? 90 : 85) - RANKS[is] - narrows;
    return [
      { rank, guess: { value: { in: place, name: field.name, is }, because, stated: false } },
    ];
  });
}

/** The segment before a value: `customers` for `/customers/{id}`. */
function stepBefore(path: string, name: string): string {
  const steps = path.split("/");
  const at = steps.findIndex((step) => step.includes(`{${name}}`));
  return steps[at - 1] ?? "";
}

const RANKS: Readonly<Record<Kind, number>> = { id: 0, email: 5, phone: 40, name: 50 };

/** A search by part of an address also finds others'. */
function isLoose({ name, description }: FieldDescription): boolean {
  return (
    wordsOf(name).some((word) =>
      ["cont", "contain", "like", "match", "start", "search"].includes(word),
    ) || /\b(?:contain|partial|starts with|fuzzy)/i.test(description)
  );
}

/** What of a customer a name means; null when it means none. `around` are names it stands under. */
function customerIn(name: string, around: readonly string[]): Kind | null {
  const words = wordsOf(name);
  const all = [...around.flatMap(wordsOf), ...words];
  const last = words.at(-1) ?? "";
  if (words.includes("email")) return isState(last) ? null : "email";
  if (words.includes("phone") || words.includes("mobile")) return isState(last) ? null : "phone";
  if (!all.some((word) => CUSTOMER_WORDS.has(word))) return null;
  if (last === "name") return "name";
  if (/^(?:id|uuid|guid|key|ref|reference|eq|in)$/.test(last)) return "id";
  return CUSTOMER_WORDS.has(last) ? "id" : null;
}

/** `email_verified` and `phone_type` are about the address and are none. */
function isState(last: string): boolean {
  return /^(?:verified|type|status|count|enabled|confirmed|valid|sent|opted|consent)$/.test(last);
}

function inFields(
  place: "body" | "answer",
  record: FieldDescription | null,
  path: string,
): readonly Candidate[] {
  if (record === null) return [];
  const steps = path.split("/").filter((step) => step !== "" && !step.startsWith("{"));
  const isCustomer = wordsOf(steps.at(-1) ?? "").some((word) => CUSTOMER_WORDS.has(word));
  const found: Candidate[] = [];
  for (const { path: name, field } of fieldsIn(record)) {
    const names = name.split(".");
    if (names.length > DEPTH_MAX || !isPlain(field)) continue;
    const around = names.length === 1 ? (isCustomer ? steps.slice(-1) : []) : names.slice(-2, -1);
    const is = customerIn(field.name, around);
    if (is === null || crossesList(record, names)) continue;
    const because =
      names.length === 1 && isCustomer && is === "id"
        ? `The record is a customer, and ${name} is its id.`
        : `The field ${name} of the ${place} is named after a customer.`;
    const rank = (place === "answer" ? 80 : 50) - RANKS[is] - names.length * 3;
    found.push({ rank, guess: { value: { in: place, name, is }, because, stated: false } });
  }
  return found;
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

/** Which fields are amounts of money, and in which units. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
  MoneyPlace,
} from "#importing/description.ts";
import { fieldsIn } from "#importing/openapi/reading.ts";
import { singularWords } from "#importing/openapi/words.ts";

const AMOUNTS = new Set([
  "amount",
  "balance",
  "cost",
  "fee",
  "price",
  "subtotal",
  "total",
  "value",
]);
/** `amount_type` and `total_count` are no amounts. */
const NOT_AMOUNTS =
  /^(?:type|count|id|code|currency|at|date|display|status|reason|unit|rate|percent|percentage|description|name|item|quantity|page|gte|lte)$/;
const SAYS_MINOR =
  /\bcents?\b|smallest (?:common )?(?:currency )?(?:unit|denomination)|minor[- ](?:currency )?unit|\bpence\b|in the lowest/i;
const SAYS_DECIMAL = /\bdecimal|two (?:digits|places)|major (?:currency )?unit|\d\.\d{2}\b/i;
const GUESSES_MAX = 8;
const DEPTH_MAX = 3;

/** Amounts in the body and in the answer, best first: those of the body with a currency beside them. */
export function guessMoney({
  body,
  answer,
}: {
  readonly body: BodyDescription | null;
  readonly answer: AnswerDescription | null;
}): readonly MoneyPlace[] {
  const found = [
    ...(body === null ? [] : amountsIn("body", body.content)),
    ...(answer === null ? [] : amountsIn("answer", answer.record)),
  ];
  return found
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, GUESSES_MAX)
    .map(({ place }) => place);
}

interface Candidate {
  readonly place: MoneyPlace;
  readonly rank: number;
}

function amountsIn(side: MoneyPlace["in"], record: FieldDescription): readonly Candidate[] {
  const all = [...fieldsIn(record)].filter(({ path }) => path.split(".").length <= DEPTH_MAX);
  return all.flatMap(({ path, field }) => {
    if (!isAmount(path, field)) return [];
    const hasCurrency = isCurrencyBeside(path, all);
    // `value` and `total` are money only where a currency stands beside them.
    if (!hasCurrency && !singularWords(field.name).some(isMoneyWord)) return [];
    const rank =
      (side === "body" ? 20 : 0) +
      (hasCurrency ? 6 : 0) +
      (field.name === "amount" ? 5 : 0) -
      path.split(".").length;
    return [{ rank, place: { in: side, amount: path, ...moneyUnit(field) } }];
  });
}

const isMoneyWord = (word: string) => ["amount", "balance", "fee", "price", "cost"].includes(word);

function isAmount(path: string, { name, type }: FieldDescription): boolean {
  if (type !== "integer" && type !== "number" && type !== "string") return false;
  const words = singularWords(name);
  if (NOT_AMOUNTS.test(words.at(-1) ?? "")) return false;
  return words.some((word) => AMOUNTS.has(word)) && !/quantity|weight|dimension/i.test(path);
}

/** Whether a currency stands in the same object, or in an object above it. */
function isCurrencyBeside(
  path: string,
  all: readonly { readonly path: string; readonly field: FieldDescription }[],
): boolean {
  return all.some(
    ({ path: beside, field: { name, type } }) =>
      type === "string" &&
      singularWords(name).includes("currency") &&
      path.startsWith(beside.slice(0, beside.length - name.length)),
  );
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

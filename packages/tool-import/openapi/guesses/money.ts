/** Which fields are amounts of money, and in which units. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
  Guess,
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
}): readonly Guess<MoneyPlace>[] {
  const found = [
    ...(body === null ? [] : amountsIn("body", body.content)),
    ...(answer === null ? [] : amountsIn("answer", answer.record)),
  ];
  return found
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, GUESSES_MAX)
    .map(({ guess }) => guess);
}

interface Candidate {
  readonly guess: Guess<MoneyPlace>;
  readonly rank: number;
}

function amountsIn(place: MoneyPlace["in"], record: FieldDescription): readonly Candidate[] {
  const all = [...fieldsIn(record)].filter(({ path }) => path.split(".").length <= DEPTH_MAX);
  return all.flatMap(({ path, field }) => {
    if (!isAmount(path, field)) return [];
    const currency = currencyBeside(path, all);
    // `value` and `total` are money only where a currency stands beside them.
    if (currency === null && !singularWords(field.name).some(isMoneyWord)) return [];
    const { unit, because, stated } = moneyUnit(field);
    const value: MoneyPlace = {
      in: place,
      amount: path,
      currency,
      unit,
      text: field.type === "string",
    };
    const rank =
      (place === "body" ? 20 : 0) +
      (currency === null ? 0 : 6) +
      (field.name === "amount" ? 5 : 0) -
      path.split(".").length;
    return [{ rank, guess: { value, because, stated } }];
  });
}

const isMoneyWord = (word: string) => ["amount", "balance", "fee", "price", "cost"].includes(word);

function isAmount(path: string, { name, type }: FieldDescription): boolean {
  if (type !== "integer" && type !== "number" && type !== "string") return false;
  const words = singularWords(name);
  if (NOT_AMOUNTS.test(words.at(-1) ?? "")) return false;
  return words.some((word) => AMOUNTS.has(word)) && !/quantity|weight|dimension/i.test(path);
}

/** The path of the currency in the same object, else in an object above it. */
function currencyBeside(
  path: string,
  all: readonly { readonly path: string; readonly field: FieldDescription }[],
): string | null {
  for (let above = path.split(".").slice(0, -1); ; above = above.slice(0, -1)) {
    const start = above.length === 0 ? "" : `${above.join(".")}.`;
    const beside = all.find(
      (one) =>
        one.path === `${start}${one.field.name}` &&
        one.field.type === "string" &&
        singularWords(one.field.name).includes("currency"),
    );
    if (beside !== undefined) return beside.path;
    if (above.length === 0) return null;
  }
}

function moneyUnit({ type, description, format, name }: FieldDescription): {
  readonly unit: MoneyPlace["unit"];
  readonly because: string;
  readonly stated: boolean;
} {
  if (SAYS_MINOR.test(description) || /cents$/i.test(name))
    return {
      unit: "minor",
      because: `The document says of ${name} that it is in cents.`,
      stated: true,
    };
  if (SAYS_DECIMAL.test(description) || format === "decimal" || format === "double")
    return {
      unit: "decimal",
      because: `The document says of ${name} that it has decimals.`,
      stated: true,
    };
  if (type === "integer")
    return {
      unit: "minor",
      because: `${name} is a whole number, as amounts in cents are.`,
      stated: false,
    };
  return { unit: "decimal", because: `${name} may have decimals.`, stated: type === "string" };
}

import { NUMBER_WORDS, numberOf } from "./numbers.ts";

/**
 * A statement of fact found in a text. `keys` are its readings: it is backed when one of them is known. The same words
 * give the same keys in a draft and in a receipt, so looking one up is a comparison of strings.
 */
export interface Fact {
  readonly kind: "amount" | "order" | "date";
  readonly keys: readonly string[];
  readonly words: string;
  readonly start: number;
  readonly end: number;
}

const CODES = "USD|EUR|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN";
const NUMBER = String.raw`(?<![\d.,])\d[\d,.]{0,14}(?<![.,])(?![\d])`;
const CURRENCY_WORDS = "dollars?|bucks|euros?|pounds?|quid|cents?|pence";

const AMOUNT = new RegExp(
  [
    String.raw`(?<symbol>US\$|\$|€|£|\b(?:${CODES}))\s?(?<after>${NUMBER})`,
    String.raw`(?<before>${NUMBER})\s?(?<unit>(?:${CODES}|${CURRENCY_WORDS})\b|[$€£])`,
    String.raw`\b(?<spelled>${NUMBER_WORDS})\s(?<spelledUnit>(?:${CURRENCY_WORDS})\b)`,
    String.raw`(?<percent>${NUMBER})\s?(?:%|percent\b|per cent\b)`,
    String.raw`(?<bare>(?<![\d.,:/-])(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,7})[.,]\d{2}(?![\d]|[.,]\d|[ap]m))`,
  ].join("|"),
  "gi",
);

const CURRENCY_OF: Readonly<Record<string, string>> = {
  US$: "USD",
  $: "USD",
  DOLLAR: "USD",
  BUCK: "USD",
  CENT: "USD",
  "€": "EUR",
  EURO: "EUR",
  "£": "GBP",
  POUND: "GBP",
  QUID: "GBP",
  PENCE: "GBP",
};

/** Stands in a key for "no currency was given", which only records may leave out. */
export const WITHOUT_CURRENCY = "none";

/** Amounts and percentages. `amount:12000:USD`; without a currency `amount:12000:?`, which any currency answers. */
export function amountsIn(text: string): readonly Fact[] {
  return [...text.matchAll(AMOUNT)].map((match) => {
    const { after, before, spelled, bare, percent, symbol, unit, spelledUnit } = match.groups ?? {};
    const name = symbol ?? unit ?? spelledUnit;
    const value = numberOf(after ?? before ?? spelled ?? bare ?? percent ?? "");
    const keys = percent === undefined ? amountKeys(value, name) : [`percent:${value}`];
    return found("amount", keys, match);
  });
}

/** The last reading is for records that give a number without any currency. */
function amountKeys(value: number, name: string | undefined): readonly string[] {
  const plain = (name ?? "").toUpperCase().replace(/(?<=\w)S$/, "");
  const minor = Math.round(/^(?:CENT|PENCE)$/.test(plain) ? value : value * 100);
  const currency = name === undefined ? "?" : (CURRENCY_OF[plain] ?? name.toUpperCase());
  return [`amount:${minor}:${currency}`, `amount:${minor}:${WITHOUT_CURRENCY}`];
}

const UNIT = "minutes?|hours?|days?|weeks?|months?|years?";
const COUNT = String.raw`(?:(?<![\d.,])\d{1,4}|${NUMBER_WORDS})`;
const DURATION = new RegExp(
  String.raw`\b(?:(?<from>${COUNT})(?:\s?(?:-|–|to|or)\s?(?<to>${COUNT}))?|(?<=\b(?:within|in|after|about|for) )an?)[\s-](?<kind>(?:business|working|calendar|full)[\s-])?(?<unit>${UNIT})\b(?<turn>\s(?:ago|from now|later))?`,
  "gi",
);

/** A length of time, with the day it points to when counted from today. */
export interface Duration extends Fact {
  /** The days it may point to, relative to today; empty for a length alone. */
  readonly pointsTo: readonly number[];
}

const DAYS_OF: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };

/** "30 days", "3-5 business days", "in two weeks", "12 days ago". A range is also known by its longer end. */
export function durationsIn(text: string): readonly Duration[] {
  return [...text.matchAll(DURATION)].map((match) => {
    const { from = "one", to, kind = "", unit = "", turn = "" } = match.groups ?? {};
    const plainUnit = unit.toLowerCase().replace(/s$/, "");
    const working = /business|working/i.test(kind);
    const first = numberOf(from);
    const last = to === undefined ? first : numberOf(to);
    const days = (DAYS_OF[plainUnit] ?? 0) * last;
    const ahead = /\b(?:in|another)\s$/i.test(
      text.slice(Math.max(0, match.index - 10), match.index),
    );
    return {
      ...found("date", [durationKey(first, last, { unit: plainUnit, working })], match),
      pointsTo: days === 0 || working ? [] : pointed(days, turn.trim().toLowerCase(), ahead),
    };
  });
}

/** The key by which the longer end of a range is known alone: "within 5 days" is true when it takes 3 to 5. */
export function longerEnd(durationsKey: string): string {
  return durationsKey.replace(/^(duration:)\d+(?:\.\d+)?-/, (_all, name: string) => {
    const last = /-(\d+(?:\.\d+)?)/.exec(durationsKey)?.[1] ?? "";
    return `${name}${last}-`;
  });
}

function durationKey(
  first: number,
  last: number,
  { unit, working }: { readonly unit: string; readonly working: boolean },
): string {
  const [factor, plain] =
    unit === "week" && !working ? [7, "day"] : unit === "year" ? [12, "month"] : [1, unit];
  return `duration:${first * factor}-${last * factor}:${working ? "working-" : ""}${plain}`;
}

function pointed(days: number, turn: string, ahead: boolean): readonly number[] {
  if (turn === "ago") return [-days];
  return ahead || turn === "from now" ? [days] : [];
}

const ID = String.raw`#?(?:[A-Z]{1,5}-?)?\d[\d-]{0,24}\d\b|#\d\b`;
const ORDER = new RegExp(
  String.raw`\b(?:order|orders|bestellung)(?:\sis)?(?:\s(?:number|numbers|no\.?|id|ids|nr\.?))?\s?[:#]?\s?(?:${ID})(?:(?:,\s?(?:and\s|or\s)?|\s(?:and|or|&)\s)(?:order\s)?(?:${ID}))*|(?<![\w&])#(?:[A-Z]{1,5}-?)?\d[\d-]{0,24}`,
  "gi",
);

/** Order numbers that stand as such: "order 789", "orders 789 and #790", "#789". Two digits need the sign. */
export function ordersIn(text: string): readonly Fact[] {
  return [...text.matchAll(ORDER)].flatMap((match) =>
    [...match[0].matchAll(new RegExp(ID, "gi"))]
      .filter(([id]) => id.startsWith("#") || id.length > 2)
      .map((id) => {
        const start = match.index + id.index;
        const plain = id[0].replace("#", "").replace(/-+$/, "");
        return {
          kind: "order" as const,
          keys: [`id:${plain.toLowerCase()}`],
          words: id[0],
          start,
          end: start + id[0].length,
        };
      }),
  );
}

const REFERENCE =
  /(?<![\w.,])(?=[A-Z0-9-]{0,20}\d{4})[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?(?![\w])/gi;

/** Any other run with four digits in a row: tracking numbers, telephone numbers, years. */
export function referencesIn(text: string): readonly Fact[] {
  return [...text.matchAll(REFERENCE)].map((match) =>
    found("order", [`id:${match[0].toLowerCase()}`], match),
  );
}

function found(kind: Fact["kind"], keys: readonly string[], match: RegExpExecArray): Fact {
  return { kind, keys, words: match[0], start: match.index, end: match.index + match[0].length };
}

/** Finds amounts, durations, order numbers and references in a text. */
import { calendarUnit, UNIT_WORDS } from "./calendar-words.ts";
import { numberEndingAt, numberValue } from "#text/numbers.ts";
import { currencyDigits } from "#core/values/money.ts";
import { hasDigit, allMatches } from "#text/normalize.ts";
import { byWord, pattern, spelled } from "#text/spelling.ts";

/**
 * A statement of fact found in a text. `keys` are its readings: it has evidence when one of them is known. The same
 * statement has the same keys in a draft and in a source, in any language, so a look-up is a string comparison.
 */
export interface Fact {
  readonly kind: "amount" | "order" | "date";
  readonly keys: readonly string[];
  readonly words: string;
  readonly start: number;
  readonly end: number;
}

/** Codes that are read in small letters too; any other may be a word there, such as "try" or "sur". */
const COMMON_CODES = "usd|eur|gbp|chf|cad|aud|jpy|sek|nok|dkk|pln|mxn";
/** What stands beside a number for something else too: "ALL 5", "AMD 5800", "PHP 8.3". */
export const WORDS_BEFORE: ReadonlySet<string> = new Set(
  "ALL AMD BAM BOB COP CUP GEL KGS LAK MAD MOP PEN PHP RON SAR SOS TOP TRY".split(" "),
);
/** And what does behind one: "12 KGS", or the Italian "2026 Lei ha". */
const WORDS_BEHIND: ReadonlySet<string> = new Set(["all", "cup", "kgs", "lei", "top"]);
/** Written as money is: with two digits behind a point, or thousands apart. */
const AS_MONEY = String.raw`(?:\d[\d.,' ]{0,12}[.,]\d{2}|\d{1,3}(?:[., ']\d{3})+)(?!\d)`;
const IS_MONEY = new RegExp(`^${AS_MONEY}$`);
const CURRENCIES = Intl.supportedValuesOf("currency");
const CODES = CURRENCIES.join("|").toLowerCase();
const MONEY_CODES = CURRENCIES.filter((code) => !WORDS_BEFORE.has(code))
  .join("|")
  .toLowerCase();
const ANY_CODE = pattern(String.raw`(?<![a-z])(?!${COMMON_CODES})(?:${CODES})(?![a-z])`, "g");

const CURRENCIES_BY_SIGN = Map.groupBy(CURRENCIES, (currency) => {
  const shown = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  const parts = new Intl.NumberFormat("en", shown).formatToParts(0);
  return parts.find(({ type }) => type === "currency")?.value ?? currency;
});
const ONE_SIGN = [...CURRENCIES_BY_SIGN].filter(([sign]) => /^\p{Sc}$/u.test(sign));
const SIGNS = `[${ONE_SIGN.map(([sign]) => sign).join("")}]`;
/** Behind a number alone. */
const SIGNS_BEHIND = `${SIGNS}|zł|kč|円`;

const NUMBER = String.raw`(?<![\d.,])\d[\d,.]{0,14}(?<![.,])(?![\d])`;
/** With spaces or apostrophes between thousands, which only an adjacent currency distinguishes from two numbers. */
const WIDE = String.raw`(?<![\d.,])\d{1,3}(?:[ ']\d{3}){1,3}(?:[.,]\d{1,2})?(?![\d])`;
const CURRENCY_WORDS =
  "yen|rupees?|kr|kron(?:or|er|a)|lei|(?:us-)?(?:dollar|dólar|dolar|dolár|dollár)[a-zó]{0,3}|bucks|eur(?:o|ó)[a-zó]{0,3}|pounds?|quid|pence|sterlin[ae]|libras?|pond|funt(?:a|y|ów)?|livres|pfund|cents?|francs?|franken";

/** Its groups have no names: naming them takes longer than finding an amount, and a text may have thousands. */
const AMOUNT = pattern(
  [
    String.raw`(us\$|${SIGNS}|\b(?:${MONEY_CODES}|(?:${CODES})(?=\s?${AS_MONEY})))\s?(${WIDE}|${NUMBER})`,
    String.raw`(${WIDE}|${NUMBER})\s?((?:${CODES}|${CURRENCY_WORDS})\b|us\$|${SIGNS_BEHIND})`,
    String.raw`(${NUMBER})\s?(?:%|percent\b|per cent\b|prozent\b|procent\b|per cento\b|pour cent\b|por ciento\b|por cento\b)`,
    String.raw`((?<![\d.,:/-]|\b(?:ore|alle|dalle|kl\.?|godz\.?) (?=\d{1,2}\.\d{2}\b))(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,3}(?:\.\d{3}){1,3}(?=,)|\d{1,7})[.,]\d{2}(?![\d]|[.,]\d|[ap]m|\s?(?:uur|uhr|utc)\b))`,
  ].join("|"),
  "g",
);

const CURRENCY_OF = byWord([
  // A sign of several currencies, such as "¥", names none.
  ...ONE_SIGN.map(([sign, [currency = "?", ...others]]): [string, string] => [
    others.length > 0 ? "?" : currency,
    sign,
  ]),
  ...Object.entries({
    "?": "kr kronor kroner krona cent",
    USD: "us$ $ us-dollar buck",
    EUR: "€",
    GBP: "sterlina sterline libra pond funt funta funty funtów £ pound pfund livre quid pence",
    CHF: "franc franken",
    JPY: "yen 円",
    INR: "rupee",
    PLN: "zł",
    CZK: "kč",
    RON: "lei",
  }),
]);

/** Used in a key for "no currency was given", which only records may leave out. */
export const WITHOUT_CURRENCY = "none";

/** "Twenty dollars": the text before it is read word by word. */
const UNIT_AFTER_WORDS = pattern(
  String.raw`(?<=[a-z]) (?<unit>${CURRENCY_WORDS}|${COMMON_CODES})\b`,
  "g",
);

/**
 * Amounts and percentages. `amount:12000:USD`; without a currency `amount:12000:?`, which matches any currency. Here and
 * below, `plain` is the spelled text, for callers that have it.
 */
export function amountsIn(text: string, plain = spelled(text)): readonly Fact[] {
  const read = withoutSmallCodes(text, plain);
  const inDigits = (hasDigit(plain) ? allMatches(read, AMOUNT) : []).flatMap((match) => {
    const keys = keysInDigits(match, read);
    return keys.length === 0 ? [] : [found("amount", keys, match, text)];
  });
  const inWords = allMatches(plain, UNIT_AFTER_WORDS).flatMap((match) => {
    const number = numberEndingAt(plain, match.index);
    const unit = match.groups?.["unit"] ?? "";
    if (number === null || number.isArticle || WORDS_BEHIND.has(unit)) return [];
    const end = match.index + match[0].length;
    const keys = amountKeys(number.value, unit);
    return [{ ...found("amount", keys, match, text), ...placed(text, number.start, end) }];
  });
  return inWords.length === 0
    ? inDigits
    : [...inDigits, ...inWords].sort((a, b) => a.start - b.start);
}

/** What an amount in digits may be; nothing where the letters beside it are no currency there. */
function keysInDigits(match: RegExpExecArray, read: string): readonly string[] {
  const [, , after, before, unit, percent, bare = ""] = match;
  if (percent !== undefined) return [`percent:${numberValue(percent) ?? percent}`];
  const written = after ?? before ?? bare;
  if (unit !== undefined && WORDS_BEHIND.has(unit) && !IS_MONEY.test(written)) return [];
  const name = currencyBeside(match, read);
  const digits = currencyDigits((name ?? "").toUpperCase());
  return writtenReadings(written, digits).flatMap((reading) => {
    const value = numberValue(reading, digits);
    // "1.2.3 USD" is not an amount, and is known only where a source writes it so.
    return value === null ? [`id:${reading}`] : amountKeys(value, name);
  });
}

/** The sign, code or word that names an amount's currency, perhaps that of the other end of its range. */
function currencyBeside(match: RegExpExecArray, read: string): string | undefined {
  const [whole, symbol, , , unit, , bare] = match;
  const end = match.index + whole.length;
  const ranged =
    bare === undefined ? null : TO_AMOUNT.exec(read.slice(end, end + RANGE_CHARACTERS));
  return symbol ?? unit ?? ranged?.[1];
}

/** "789 120.00 USD" may be one number, or an order and its amount; "120,500 TND" is 120.5 or 120500 of them. */
function writtenReadings(written: string, digits: number): readonly string[] {
  const last = /^\d+ (?=\d{3}[.,]\d{2}$)/.exec(written);
  return [
    written,
    ...(last === null ? [] : [written.slice(last[0].length)]),
    ...(digits === 3 && /^\d{1,3},\d{3}$/.test(written) ? [written.replace(",", ".")] : []),
  ];
}

/** The last reading is for records that give a number without a currency. */
function amountKeys(value: number, name: string | undefined): readonly string[] {
  const plain = (name ?? "").replace(/(?<=\w)s$/, "");
  const units = /^(?:cent|pence)$/.test(plain) ? value / 100 : value;
  const currency = CURRENCY_OF.get(plain) ?? currencyByStem(plain) ?? name?.toUpperCase() ?? "?";
  return [amountKey(units, currency), amountKey(units, WITHOUT_CURRENCY)];
}

/** "Dollaria", "dolarów", "eurós": two currencies whose names most languages have, with endings of their own. */
const DOLLARS = pattern("^(?:us-)?d[oó]ll?[aá]r");
const EUROS = pattern("^eur(?:o|ó)");

function currencyByStem(name: string): string | undefined {
  if (DOLLARS.test(name)) return "USD";
  return EUROS.test(name) ? "EUR" : undefined;
}

/** The text with codes in capitals only, apart from the common ones; every position stays. */
function withoutSmallCodes(text: string, plain: string): string {
  return plain.replace(ANY_CODE, (code, at: number) =>
    text.startsWith(code.toUpperCase(), at) ? code : "___",
  );
}

/** The key of an amount in minor units of its currency, and in hundredths where it names none; of a unit's price with parts of them. */
export function amountKey(units: number, currency: string): string {
  return `amount:${Number((units * 10 ** currencyDigits(currency)).toFixed(2))}:${currency}`;
}

/** What stands between the ends of a range. */
export const RANGE =
  "-|–|to|or|bis|oder|à|ou|a|o|y|et|bis zu|tot|of|do|lub|albo|e|till|til|ila|veya";
/** "From 10.00 to 500.00 USD": both are of one currency. */
const TO_AMOUNT = pattern(
  String.raw`^\s?(?:${RANGE})\s?${NUMBER}\s?((?:${CODES}|${CURRENCY_WORDS})\b|us\$|${SIGNS_BEHIND})`,
);
const RANGE_CHARACTERS = 40;
const DURATION = pattern(
  String.raw`(?<=[\s-]|^)(?:(?<![\d.,])(?<from>(?!(?:19|20)\d\d\b(?! ?(?:day|hour|minute)))\d{1,4})(?:\s?(?:${RANGE})\s?(?<to>\d{1,4}))?[\s-])?(?:(?:business|working|calendar|full|iş|tam|volle\w?|ganze\w?)[\s-])?(?<unit>${UNIT_WORDS})\b(?:\s(?:ouvrés|ouvrables|hábiles|laborables|lavorativi|úteis|robocz\w+))?(?<turn>\s(?:ago|from now|later|geleden|fa|temu|atrás|sedan|siden|önce))?`,
  "g",
);
const ANY_UNIT = pattern(String.raw`\b(?:${UNIT_WORDS})\b`);
const RANGE_IN_WORDS = pattern(String.raw`\s?(?:${RANGE})\s?$`);
const AHEAD = pattern(
  String.raw`\b(?:in|another|dans|d'ici|en|dentro de|tra|fra|over|em|daqui a|za|om)\s$`,
);
const PAST = pattern(String.raw`\b(?:vor|il y a|hace|há)\s$`);
/** "An hour" is a length of time after these words; elsewhere it may be anything. */
const BEFORE_ARTICLE = pattern(
  String.raw`\b(?:within|in|after|about|for|vor|nach|dans|hace|en|tras|il y a|innerhalb|binnen|entro|dentro de|w ciągu)\s$`,
);

/** A length of time, with the day it points to when counted from today. */
export interface Duration extends Fact {
  /** The days it may point to, relative to today; empty for a length alone. */
  readonly pointsTo: readonly number[];
}

/** What follows a length of time that points back. */
const BACK: ReadonlySet<string> = new Set(
  "ago geleden fa temu atrás sedan siden önce".split(" ").map(spelled),
);

const DAYS_OF: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };
const WORKING = pattern(
  "business|working|werktag|werkdag|arbeitstag|geschäftstag|arbetsdag|hverdag|ouvrés|ouvrables|hábiles|laborables|lavorativi|úteis|robocz|iş gün|arbejdsdag",
);

/** "30 days", "3-5 business days", "in two weeks", "12 days ago". A range is also known by its longer end. */
export function durationsIn(text: string, plain = spelled(text)): readonly Duration[] {
  if (!ANY_UNIT.test(plain)) return [];
  return allMatches(plain, DURATION).flatMap((match) => {
    const count = unitCount(match, plain);
    if (count === null) return [];
    const { unit = "", turn = "" } = match.groups ?? {};
    const plainUnit = calendarUnit(unit);
    const working = WORKING.test(match[0]);
    const days = (DAYS_OF[plainUnit] ?? 0) * count.last;
    const before = plain.slice(Math.max(0, count.start - 12), count.start);
    const isAgo = PAST.test(before) || BACK.has(turn.trim());
    const isAhead = AHEAD.test(before) || turn.trim() === "from now";
    const keys = [durationKey(count.first, count.last, { unit: plainUnit, working })];
    return {
      kind: "date" as const,
      keys,
      ...placed(text, count.start, match.index + match[0].length),
      pointsTo: days === 0 || working ? [] : isAgo ? [-days] : isAhead ? [days] : [],
    };
  });
}

interface Count {
  readonly start: number;
  readonly first: number;
  readonly last: number;
}

/** How many units: in digits within the match, or in words before it. */
function unitCount(match: RegExpExecArray, plain: string): Count | null {
  const { from, to } = match.groups ?? {};
  const start = match.index;
  if (from !== undefined)
    return { start, first: Number(from), last: to === undefined ? Number(from) : Number(to) };
  const last = numberEndingAt(plain, start - 1);
  if (last === null) return null;
  const before = plain.slice(Math.max(0, last.start - 20), last.start);
  if (last.isArticle)
    return BEFORE_ARTICLE.test(before) ? { start: last.start, first: 1, last: 1 } : null;
  const range = RANGE_IN_WORDS.exec(before);
  const first = range === null ? null : numberEndingAt(plain, last.start - range[0].length);
  return first === null || first.isArticle
    ? { start: last.start, first: last.value, last: last.value }
    : { start: first.start, first: first.value, last: last.value };
}

/** The key of a range's longer end alone: "within 5 days" is true when it takes 3 to 5. */
export function longerEnd(durationsKey: string): string {
  return durationsKey.replace(/^(duration:)\d+(?:\.\d+)?-/, (_all, name: string) => {
    const last = /-(\d+(?:\.\d+)?)/.exec(durationsKey)?.[1] ?? "";
    return `${name}${last}-`;
  });
}

/** The key of a length of time in its plain unit. */
export function durationKey(
  first: number,
  last: number,
  { unit, working }: { readonly unit: string; readonly working: boolean },
): string {
  const [factor, plain] = working ? [1, unit] : inPlainUnits(last, unit);
  return `duration:${first * factor}-${last * factor}:${working ? "working-" : ""}${plain}`;
}

/** Weeks as days, years as months and hours as minutes, or as days where they are whole ones. */
function inPlainUnits(count: number, unit: string): readonly [number, string] {
  if (unit === "hour") return count % 24 === 0 ? [1 / 24, "day"] : [60, "minute"];
  if (unit === "week") return [7, "day"];
  return unit === "year" ? [12, "month"] : [1, unit];
}

// "Orders: 120.00 USD" names no order.
const ID = String.raw`#?(?:[a-z]{1,5}-?)?\d[\d-]{0,24}\d\b(?![.,]\d|\s?(?:(?:${MONEY_CODES})\b|%|${SIGNS_BEHIND}))|#\d\b`;
const ORDER = pattern(
  String.raw`\b(?:orders?|bestell(?:ung(?:en)?|nummern?)|auftrag(?:snummer)?|aufträge|commandes?|pedidos?|ordin[ei]|bestelling(?:en)?|(?:bestel|order)nummers?|encomendas?|zamówie(?:nie|nia|niu|niem|ń)|ordre|beställning(?:en)?|bestilling(?:en)?|sipariş(?:iniz|im)?)(?:\sis|\sist|\sest|\ses)?(?:\s(?:number|numbers|no\.?|id|ids|nr\.?|nummer|nummern|numéro|n°|n\.º|nº|número|numero|numer|núm\.?))?\s?[:#]?\s?(?:${ID})(?:(?:,\s?(?:and\s|or\s|und\s|oder\s|et\s|ou\s|y\s|o\s)?|\s(?:and|or|&|und|oder|et|ou|y|o)\s)(?:order\s)?(?:${ID}))*|(?<![\w&])#(?:[a-z]{1,5}-?)?\d[\d-]{0,24}`,
  "g",
);
const IDS = pattern(ID, "g");

/** Order numbers that are named as such: "order 789", "orders 789 and #790", "#789". Two digits need the sign. */
export function ordersIn(text: string, plain = spelled(text)): readonly Fact[] {
  if (!hasDigit(plain)) return [];
  return allMatches(withoutSmallCodes(text, plain), ORDER).flatMap((match) =>
    allMatches(match[0], IDS)
      .filter(([id]) => id.startsWith("#") || id.length > 2)
      .map((id) => {
        const start = match.index + id.index;
        const end = start + id[0].length;
        const number = id[0].replace("#", "").replace(/(?<!-)-+$/, "");
        return { kind: "order" as const, keys: [`id:${number}`], ...placed(text, start, end) };
      }),
  );
}

const REFERENCE =
  /(?<![\w.,])(?=[a-z0-9-]{0,20}\d{4})[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?(?![\w])/g;

/** Any other run with four digits in a row: tracking numbers, telephone numbers, years. */
export function referencesIn(text: string, plain = spelled(text)): readonly Fact[] {
  if (!hasDigit(plain)) return [];
  return allMatches(plain, REFERENCE).map((match) =>
    found("order", [`id:${match[0]}`], match, text),
  );
}

function placed(text: string, start: number, end: number) {
  return { words: text.slice(start, end), start, end };
}

function found(
  kind: Fact["kind"],
  keys: readonly string[],
  { 0: { length }, index }: RegExpExecArray,
  text: string,
): Fact {
  return { kind, keys, ...placed(text, index, index + length) };
}

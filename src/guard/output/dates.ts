/** Finds days and times in a text, each with all its readings. */
import {
  FEASTS,
  MONTH_WORDS,
  monthNumber,
  NEAR_DAYS,
  UNIT_WORDS,
  WEEKDAY_WORDS,
  weekdayNumber,
} from "./calendar-words.ts";
import { durationKey, type Fact, RANGE } from "./facts.ts";
import { hasDigit, allMatches } from "#text/normalize.ts";
import { wordAlternatives, pattern, spelled } from "#text/spelling.ts";

const DAY_MS = 86_400_000;

const MONTH = String.raw`${MONTH_WORDS}\b\.?`;
const DAY = String.raw`(?<!\d)\d{1,2}(?:st|nd|rd|th|er|\.)?`;
const YEAR = String.raw`(?:(?:,?\s(?:de\s|del\s)?|-)(?<year>\d{4})\b)?`;

const ISO = /(?<!\d)(?<year>\d{4})(?<sign>[-/.])(?<month>\d{1,2})\k<sign>(?<day>\d{1,2})(?!\d)/g;
const EASTERN = /(?:(?<year>\d{4})年)?(?<!\d)(?<month>\d{1,2})月(?<day>\d{1,2})日/g;
const DAY_FIRST = pattern(
  String.raw`(?<day>${DAY})(?:\s(?:of\s|de\s)?|-|(?<=\.))(?<month>${MONTH})${YEAR}`,
  "g",
);
/** In "two days ago. 20 of them" no month is named. */
const MONTH_FIRST = pattern(
  String.raw`(?<!\b(?:${UNIT_WORDS})\s)\b(?<month>${MONTH})[^\S\n](?:the\s)?(?<day>${DAY})(?!\d|\.\d{2}(?!\d))(?!\s(?:times|items|of|${UNIT_WORDS})\b)${YEAR}`,
  "g",
);
/** The same separator twice; a hyphen only before a four-digit year, since short rows with it number parts. */
const NUMERIC =
  /(?<![\d./-])(\d{1,2})(?:(\/|\.\s?)(\d{1,2})\2(\d{4}|\d{2})|-(\d{1,2})-(\d{4}))(?!\d)/g;
/** "Am 10.12.", which only its last point and the words before it tell from a number. */
const DAY_AND_MONTH = pattern(
  String.raw`(?<![\d./-])(?:(?<=\b(?:am|vom|bis|zum|ab|seit|den|dem|der|do|od|dnia|til|fra|innen)\s)(\d{1,2})\.\s?(\d{1,2})|(\d{1,2})\.(?:(\d{2})|\s(\d{1,2})))\.(?!\s?\d)`,
  "g",
);
const MONTH_ALONE = pattern(String.raw`\b(?<month>${MONTH})\s(?:de\s)?(?<year>\d{4})\b`, "g");
/** What a date with a month's name has, and what one in digits has: few texts have either. */
const ANY_MONTH = pattern(String.raw`\b${MONTH_WORDS}\b`);
const PARTED = /\d[-/.]\s?\d/;
const NEAR = pattern(String.raw`\b(?:${wordAlternatives(NEAR_DAYS.keys())})\b`, "g");
const FEAST = pattern(String.raw`\b(?:${wordAlternatives(FEASTS.keys())})\b`, "g");
const WEEKDAY = pattern(String.raw`\b(?<weekday>${WEEKDAY_WORDS})s?\b`, "g");
const TIME = pattern(
  String.raw`(?<![\d:.])(?:(?<hour>\d{1,2}):(?<minute>\d{2})(?:\s?(?<half>[ap])\.?m\b)?|(?<bareHour>\d{1,2})\s?(?:(?<bareHalf>[ap])\.?m\b|o'clock|uhr\b)|(?<dottedHour>\d{1,2})\.(?<dottedMinute>\d{2})\s?(?:uur|uhr|utc)\b|(?<=\b(?:ore|alle|dalle|kl\.?|godz\.?) )(?<namedHour>\d{1,2})\.(?<namedMinute>\d{2})(?! ?(?:usd|eur|[$€£]))|(?<=\ba las )(?<spanishHour>\d{1,2})\b|(?<frenchHour>\d{1,2})\s?h(?:\s?(?<frenchMinute>\d{2}))?\b)(?![\d:])`,
  "g",
);

/** Verbs of what comes or leaves: when that is, records and pages say, and not the customer's hope. */
const ARRIVES = pattern(
  String.raw`\b(?:arriv|deliver|ship|reach|dispatch|sent|expir|ends\b|geliefert|zugestellt|ankomm|angekomm|versand|verschick|livr|expédi|llega|entreg|enviad|consegn|spedi|bezorg|gelever|verzond|verstuur|aankom|chega|dostaw|dostarcz|dotrze|wysł|levere|leverans|ankom|skicka|teslim|gönder|kargo|ulaş)`,
);

/** Whether a spelled text speaks of something that arrives or leaves. */
export function isAboutArrival(plain: string): boolean {
  return ARRIVES.test(plain);
}

/** "Hier" is German for "here", "morgen" also means the morning, and "mañana" is both in Spanish. */
const FRENCH = pattern(
  String.raw`\b(?:a|ont|été|le|la|votre|vos|vous|nous|est|commande|colis|livrée?s?|expédiée?s?)\b`,
);
const GERMAN = pattern(String.raw`\b(?:ist|sie|ihre?|der|die|das|und|wir|ich|finden|unser\w*)\b`);
const NO_DAY = pattern(
  String.raw`\b(?:guten|am|jeden|por la|de la|esta|cada|la) (?:morgen|mañana)$`,
);

/**
 * Days named in a text, each with its readings: `day:20123` (since 1970), `month-day:01-10` where no year is given,
 * `month:2025-01`. "03/04/2026" has two readings. What looks like a day but is none, such as "45 March 2025", counts as
 * a plain number: known where a source writes it so. Relative words are counted from `today`, a day in the same count.
 * `plain` is the spelled text, for callers that have it.
 */
export function datesIn(text: string, today: number, plain = spelled(text)): readonly Fact[] {
  const isNumbered = hasDigit(plain);
  const absolute = isNumbered ? absoluteDates(plain) : [];
  const ends = [...absolute, ...(isNumbered ? timesIn(plain) : [])];
  return [
    ...ends,
    ...ends.flatMap((end) => beginningOf(end, plain)),
    ...relativeDates(plain, today, absolute),
  ].map((fact) => ({
    ...fact,
    words: text.slice(fact.start, fact.end),
  }));
}

/** "Tomorrow", "yesterday": a day that is counted from today and named by no date. */
export function isRelativeDay({ kind, keys: [key = "", ...more], words }: Fact): boolean {
  return kind === "date" && more.length === 0 && key.startsWith("day:") && !hasDigit(words);
}

/** The number with which a range of days or times begins, read like its end: "9 to 12 December", "from 7 to 6 pm". */
function beginningOf(end: Fact, plain: string): readonly Fact[] {
  const before = plain.slice(Math.max(0, end.start - RANGE_CHARACTERS), end.start);
  const begun = RANGE_BEGUN.exec(before);
  const [words = "", first = ""] = begun ?? [];
  const keys = end.keys.flatMap((one) => readLike(one, Number(first)) ?? []);
  const start = end.start - before.length + (begun?.index ?? 0);
  return begun === null || keys.length === 0
    ? []
    : [{ kind: "date", keys, words, start, end: start + first.length }];
}

const RANGE_CHARACTERS = 16;
const RANGE_BEGUN = pattern(
  String.raw`(?<![\w.,:/#-])(\d{1,2})(?:st|nd|rd|th|er|\.)?\s?(?:${RANGE}|and|und|en|bis zum|to the)\s?(?:the\s)?$`,
);

/** The readings of the number before a range's end: the same month, or either half of the day. */
function readLike(end: string, number: number): readonly string[] | null {
  const [kind, value = ""] = end.split(":");
  if (kind === "time")
    return number <= 24 ? [0, 12].map((half) => `time:${((number + half) % 24) * 60}`) : null;
  const iso =
    kind === "day" ? new Date(Number(value) * DAY_MS).toISOString() : `${ANY_YEAR}-${value}`;
  const named = key(kind === "day" ? iso.slice(0, 4) : undefined, Number(iso.slice(5, 7)), number);
  return (kind === "day" || kind === "month-day") && named !== null ? [named] : null;
}

/** The number of days since 1970-01-01 of an instant, in UTC. */
export function epochDay(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS);
}

/** The days of these keys, each counted since 1970-01-01; of a day without a year the one nearest to today. */
export function daysNear(keys: readonly string[], today: number): readonly number[] {
  const year = new Date(today * DAY_MS).getUTCFullYear();
  const days = keys.flatMap((key) => {
    if (key.startsWith("day:")) return [Number(key.slice("day:".length))];
    if (!key.startsWith("month-day:")) return [];
    const named = [year - 1, year, year + 1].map(
      (one) => Date.parse(`${one}-${key.slice("month-day:".length)}`) / DAY_MS,
    );
    return named
      .toSorted((one, other) => Math.abs(one - today) - Math.abs(other - today))
      .slice(0, 1);
  });
  return [...new Set(days)].filter(Number.isInteger);
}

/** This and the next day with this number in its month, seen from an instant. */
export function nextOfMonth(day: number, from: Date): readonly number[] {
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth()];
  return day >= 1 && day <= 31
    ? [month, month + 1].map((one) => Date.UTC(year, one, day) / DAY_MS)
    : [];
}

/** Every key a known day can have; a day beyond four-digit years has its count alone. */
export function namesOfDay(day: number): readonly string[] {
  if (!(day >= FIRST_DAY && day <= LAST_DAY)) return [`day:${day}`];
  const iso = new Date(day * DAY_MS).toISOString();
  const monthDay = iso.slice(5, 10);
  return [
    `day:${day}`,
    `month-day:${monthDay}`,
    `month:${iso.slice(0, 7)}`,
    `weekday-of:${monthDay}:${weekdayIndex(day)}`,
  ];
}

const FIRST_DAY = Date.UTC(1000, 0, 1) / DAY_MS;
const LAST_DAY = Date.UTC(9999, 11, 31) / DAY_MS;

function absoluteDates(plain: string): readonly Fact[] {
  const isNamed = ANY_MONTH.test(plain);
  const isNumeric = PARTED.test(plain) || plain.includes("月");
  if (!isNamed && !isNumeric) return [];
  const daysFirst = isNamed ? allMatches(plain, DAY_FIRST) : [];
  // "11. Dezember. 89,50 Dollar" has named its day already.
  const monthsFirst = (isNamed ? allMatches(plain, MONTH_FIRST) : []).filter(
    ({ index }) => !daysFirst.some((one) => one.index < index && index < one.index + one[0].length),
  );
  const named = [...daysFirst, ...monthsFirst].map((match) => {
    const { day = "", month = "", year } = match.groups ?? {};
    return dayFact(match, [key(year, numberOfMonth(month), Number.parseInt(day, 10))]);
  });
  const iso = [...(isNumeric ? allMatches(plain, ISO) : []), ...allMatches(plain, EASTERN)].map(
    (match) => {
      const { year, month, day } = match.groups ?? {};
      return dayFact(match, [key(year, Number(month), Number(day))]);
    },
  );
  const numeric = (isNumeric ? allMatches(plain, NUMERIC) : []).map((match) => {
    const [, a, , b, year, hyphened, full] = match;
    const [one, other, written = ""] = [Number(a), Number(b ?? hyphened), year ?? full];
    const inFull = written.length === 2 ? `20${written}` : written;
    return dayFact(match, [
      key(inFull, one, other),
      one === other ? null : key(inFull, other, one),
    ]);
  });
  const months = (isNamed ? allMatches(plain, MONTH_ALONE) : []).map((match) => {
    const { month = "", year } = match.groups ?? {};
    return fact(match, [`month:${year}-${twoDigits(numberOfMonth(month))}`]);
  });
  const short = (isNumeric ? allMatches(plain, DAY_AND_MONTH) : []).flatMap((match) => {
    const [day, month] = match.slice(1).filter((part) => part !== undefined);
    const reading = key(undefined, Number(month), Number(day));
    return reading === null ? [] : [fact(match, [reading])];
  });
  return [...iso, ...named, ...numeric, ...months, ...short];
}

/** The weekday of a day counted since 1970-01-01, a Thursday: 0 for Sunday. */
export function weekdayIndex(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function relativeDates(plain: string, today: number, absolute: readonly Fact[]): readonly Fact[] {
  const near = allMatches(plain, NEAR)
    .filter((match) => isDay(match, plain))
    .map((match) => fact(match, [`day:${today + (NEAR_DAYS.get(match[0]) ?? 0)}`]));
  const weekdays = allMatches(plain, WEEKDAY).flatMap((match) => {
    const weekday = weekdayNumber(match.groups?.["weekday"] ?? "");
    const date = absolute.find((one) => standsBeside(plain, match, one));
    const keys = date === undefined ? weekdayKeys(weekday, today) : keysBeside(date, weekday);
    return keys === null ? [] : [fact(match, keys)];
  });
  const feasts = allMatches(plain, FEAST).map((match) =>
    fact(match, [`month-day:${FEASTS.get(match[0]) ?? ""}`]),
  );
  return [...near, ...weekdays, ...feasts];
}

/** "Wednesday, 7 October", "7 October (Wednesday)", "mercoledì il 7 ottobre". */
function standsBeside(plain: string, { 0: word, index }: RegExpExecArray, date: Fact): boolean {
  const end = index + word.length;
  // Both may be thousands, of which few stand near each other.
  const [from, to] = date.start >= end ? [end, date.start] : [date.end, index];
  if (to < from || to - from >= BESIDE_MAX) return false;
  return (date.start >= end ? BESIDE : BEHIND).test(plain.slice(from, to));
}

const BESIDE_MAX = 12;
const BEHIND = /^[,\s]*\(?$/;
const BESIDE = pattern(
  String.raw`^[,\s]*(?:(?:the|den|dem|der|le|el|il|de|op|dia|o|dnia)\s)?(?:\()?$`,
);

/**
 * What a weekday beside a date has to agree with: null when the date has that weekday and so says all of it. A day
 * without a year is compared with the known days of its name.
 */
function keysBeside({ keys }: Fact, weekday: number): readonly string[] | null {
  const days = keys.flatMap((one) => (one.startsWith("day:") ? [Number(one.slice(4))] : []));
  if (days.some((day) => weekdayIndex(day) === weekday)) return null;
  const named = keys.flatMap((one) =>
    one.startsWith("month-day:") ? [`weekday-of:${one.slice("month-day:".length)}:${weekday}`] : [],
  );
  return named.length > 0 ? named : [`weekday-of:another-day:${weekday}`];
}

/** Whether the word means a day here. */
function isDay({ 0: word, index }: RegExpExecArray, plain: string): boolean {
  const around = plain.slice(Math.max(0, index - 60), index + 60);
  // "A week ago today" has named its day already.
  if (NEAR_DAYS.get(word) === 0)
    return isAboutArrival(around) && !/\bago $/.test(plain.slice(0, index).slice(-5));
  if (word === "hier") return FRENCH.test(around) && !GERMAN.test(around);
  return !NO_DAY.test(plain.slice(Math.max(0, index - 10), index + word.length));
}

/** A weekday may be the last one, today's or one of the next two weeks; as an opening day it stands for itself. */
function weekdayKeys(weekday: number, today: number): readonly string[] {
  const ahead = (weekday - new Date(today * DAY_MS).getUTCDay() + 7) % 7;
  const days = [ahead - 14, ahead - 7, ahead, ahead + 7].map((offset) => `day:${today + offset}`);
  return [`weekday:${weekday}`, ...days];
}

function timesIn(plain: string): readonly Fact[] {
  return allMatches(plain, TIME).map((match) => {
    const groups = match.groups ?? {};
    const { half, bareHalf, frenchHour } = groups;
    const valueOf = (part: "hour" | "minute"): number => {
      const named = Object.entries(groups).filter(([name]) => name.toLowerCase().endsWith(part));
      return Number(named.find(([, value]) => value !== undefined)?.[1] ?? "0");
    };
    const [hour, minute] = [valueOf("hour"), valueOf("minute")];
    const inDay = hour % (half === undefined && bareHalf === undefined ? 24 : 12);
    const afternoon = (half ?? bareHalf) === "p" ? 12 : 0;
    const time = `time:${(inDay + afternoon) * 60 + minute}`;
    // "24 h" is also a length of time.
    return fact(
      match,
      frenchHour === undefined
        ? [time]
        : [time, durationKey(hour, hour, { unit: "hour", working: false })],
    );
  });
}

/** A leap year: without a year, 29 February is a valid day. */
const ANY_YEAR = "2024";

/** Null for a day that does not exist. */
function key(year: string | undefined, month: number, day: number): string | null {
  const inYear = Number(year ?? ANY_YEAR);
  // JavaScript takes a year before 100 for one of the last century.
  if (!(inYear >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return null;
  // It moves a day too many into the next month.
  if (day > 28 && new Date(Date.UTC(inYear, month - 1, day)).getUTCDate() !== day) return null;
  return year === undefined
    ? `month-day:${twoDigits(month)}-${twoDigits(day)}`
    : `day:${Date.UTC(inYear, month - 1, day) / DAY_MS}`;
}

function numberOfMonth(word: string): number {
  return monthNumber(word.replace(/\.$/, ""));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function fact(match: RegExpExecArray, keys: readonly string[]): Fact {
  const [words] = match;
  return { kind: "date", keys, words, start: match.index, end: match.index + words.length };
}

function dayFact(match: RegExpExecArray, readings: readonly (string | null)[]): Fact {
  const keys = readings.filter((reading) => reading !== null);
  return keys.length > 0
    ? fact(match, [...new Set(keys)])
    : { ...fact(match, [`id:${match[0]}`]), kind: "order" };
}

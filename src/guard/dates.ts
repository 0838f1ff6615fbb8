import type { Fact } from "./facts.ts";

const DAY_MS = 86_400_000;
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTH = String.raw`(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?`;
const DAY = String.raw`(?<!\d)\d{1,2}(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?:,?\s(?<year>\d{4})\b)?`;

const ISO = /(?<!\d)(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?!\d)/g;
const DAY_FIRST = new RegExp(String.raw`(?<day>${DAY})\s(?:of\s)?(?<month>${MONTH})${YEAR}`, "gi");
const MONTH_FIRST = new RegExp(
  String.raw`\b(?<month>${MONTH})\s(?:the\s)?(?<day>${DAY})(?!\d)${YEAR}`,
  "gi",
);
const NUMERIC = /(?<![\d./])(?<a>\d{1,2})[./](?<b>\d{1,2})[./](?<year>\d{4}|\d{2})(?![\d])/g;
const MONTH_ALONE = new RegExp(String.raw`\b(?<month>${MONTH})\s(?<year>\d{4})\b`, "gi");
const NEAR =
  /\b(?:the day (?<far>after tomorrow|before yesterday)|(?<near>yesterday|tomorrow|today|tonight))\b/gi;
const WEEKDAY = new RegExp(
  String.raw`\b(?<which>next|last|this|coming|past)?\s?(?<weekday>${WEEKDAYS.join("|")})s?\b`,
  "gi",
);
const TIME =
  /(?<![\d:.])(?:(?<hour>\d{1,2}):(?<minute>\d{2})(?:\s?(?<half>[ap])\.?m\b)?|(?<bareHour>\d{1,2})\s?(?:(?<bareHalf>[ap])\.?m\b|o'clock))(?![\d:])/gi;

/** What "today" says about the shop's side of things; "how can I help you today" says nothing. */
const ABOUT_DELIVERY =
  /\b(?:arriv|deliver|ship|due|expire|refund|dispatch|process|sent|send|receiv|ends?\b|clos|open)/i;

/**
 * Days named in a text, each with its readings: `day:20123` (since 1970), `month-day:01-10` where no year is said,
 * `month:2025-01`. Relative words are counted from `today`, a day of the same count.
 */
export function datesIn(text: string, today: number): readonly Fact[] {
  return [...absoluteDates(text), ...relativeDates(text, today), ...timesIn(text)];
}

/** The number of days since 1970-01-01 of an instant, in UTC. */
export function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS);
}

/** Everything a known day can be called by. */
export function namesOfDay(day: number): readonly string[] {
  const iso = new Date(day * DAY_MS).toISOString();
  return [`day:${day}`, `month-day:${iso.slice(5, 10)}`, `month:${iso.slice(0, 7)}`];
}

function absoluteDates(text: string): readonly Fact[] {
  const spelled = [DAY_FIRST, MONTH_FIRST].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => {
      const { day = "", month = "", year } = match.groups ?? {};
      return fact(match, [key(year, monthNumber(month), Number.parseInt(day, 10))]);
    }),
  );
  const iso = [...text.matchAll(ISO)].map((match) => {
    const { year, month, day } = match.groups ?? {};
    return fact(match, [key(year, Number(month), Number(day))]);
  });
  const numeric = [...text.matchAll(NUMERIC)].map((match) => {
    const { a, b, year = "" } = match.groups ?? {};
    const full = year.length === 2 ? `20${year}` : year;
    return fact(match, [key(full, Number(a), Number(b)), key(full, Number(b), Number(a))]);
  });
  const months = [...text.matchAll(MONTH_ALONE)].map((match) => {
    const { month = "", year } = match.groups ?? {};
    return fact(match, [`month:${year}-${twoDigits(monthNumber(month))}`]);
  });
  return [...iso, ...spelled, ...numeric, ...months];
}

function relativeDates(text: string, today: number): readonly Fact[] {
  const near = [...text.matchAll(NEAR)].flatMap((match) => {
    const { far, near: word } = match.groups ?? {};
    const spoken = (far ?? word ?? "").toLowerCase();
    if (/^to(?:day|night)$/.test(spoken) && !ABOUT_DELIVERY.test(clauseAround(text, match.index)))
      return [];
    return [fact(match, [`day:${today + (OFFSETS[spoken] ?? 0)}`])];
  });
  const weekdays = [...text.matchAll(WEEKDAY)].map((match) => {
    const { weekday = "" } = match.groups ?? {};
    return fact(match, weekdayKeys(WEEKDAYS.indexOf(weekday.toLowerCase()), today));
  });
  return [...near, ...weekdays];
}

const OFFSETS: Readonly<Record<string, number>> = {
  "after tomorrow": 2,
  "before yesterday": -2,
  yesterday: -1,
  tomorrow: 1,
};

/** A weekday may be the one before, today's or one of the next two weeks; as an opening day it stands for itself. */
function weekdayKeys(weekday: number, today: number): readonly string[] {
  const ahead = (weekday - new Date(today * DAY_MS).getUTCDay() + 7) % 7;
  const days = [ahead - 14, ahead - 7, ahead, ahead + 7].map((offset) => `day:${today + offset}`);
  return [`weekday:${weekday}`, ...days];
}

function timesIn(text: string): readonly Fact[] {
  return [...text.matchAll(TIME)].map((match) => {
    const { hour, minute = "0", half, bareHour, bareHalf } = match.groups ?? {};
    const plain =
      Number(hour ?? bareHour) % (half === undefined && bareHalf === undefined ? 24 : 12);
    const afternoon = (half ?? bareHalf)?.toLowerCase() === "p" ? 12 : 0;
    return fact(match, [`time:${(plain + afternoon) * 60 + Number(minute)}`]);
  });
}

function key(year: string | undefined, month: number, day: number): string {
  const monthDay = `${twoDigits(month)}-${twoDigits(day)}`;
  if (year === undefined) return `month-day:${monthDay}`;
  return `day:${Math.floor(Date.parse(`${year}-${monthDay}T00:00:00Z`) / DAY_MS)}`;
}

function monthNumber(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3))) + 1;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function clauseAround(text: string, at: number): string {
  return text.slice(Math.max(0, at - 60), at + 60);
}

function fact(match: RegExpExecArray, keys: readonly string[]): Fact {
  const [words] = match;
  return { kind: "date", keys, words, start: match.index, end: match.index + words.length };
}

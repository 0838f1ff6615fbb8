/** The policy's calendar: days, opening hours, holidays and changes of clocks in one time zone, and the reports that are due by it. */
import type { CalendarEntry, PolicyDocument } from "./schema.ts";
import type { ReportPlan, ReportTime } from "#core/contracts/policy.ts";
import {
  DAY_MS,
  instantOf as momentAt,
  localMs,
  MINUTE_MS,
  momentParts,
} from "#core/values/moment.ts";

/** A search ends after two years of holidays in a row; a policy without any opening hour is refused at load. */
const SEARCH_DAYS_MAX = 730;

// In the order of Date.getUTCDay.
const WEEKDAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

/** Opening hours on one day, in minutes after local midnight. */
interface Opening {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** One calendar for windows, expiry and opening hours, all in the policy's time zone. */
export type Calendar = ReturnType<typeof createCalendar>;

/** The day number of a date written as 2026-12-24. */
export function dayNumber(isoDate: string): number {
  return Math.floor(Date.parse(`${isoDate}T00:00:00Z`) / DAY_MS);
}

/** The inverse of `dayNumber`. */
export function isoDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Parses "09:00-12:00, 13:00-17:00"; null when an end does not come after its start or is not a time of day. */
export function parsedOpenings(hours: string): readonly Opening[] | null {
  if (hours === "closed") return [];
  if (hours === "always") return [{ fromMinute: 0, toMinute: 1_440 }];
  const openings = hours.split(",").map((part) => {
    const [from = "", to = ""] = part.trim().split("-");
    return { fromMinute: minuteOfDay(from), toMinute: minuteOfDay(to) };
  });
  const ordered = openings.every(
    ({ fromMinute, toMinute }, index) =>
      fromMinute < toMinute &&
      toMinute <= 1_440 &&
      fromMinute >= (openings[index - 1]?.toMinute ?? 0),
  );
  return ordered ? openings : null;
}

/** The hours of the whole team, or of a group with its own. */
type Hours = Pick<CalendarEntry, "zone" | "open" | "holidays" | "language">;

/** Builds the calendar of a checked policy. Pure: the same instant always gives the same answer. */
export function createCalendar(entry: Hours) {
  const holidays = new Set(entry.holidays.map(dayNumber));
  const instantOf = (day: number, minute: number): number =>
    momentAt(day * DAY_MS + minute * MINUTE_MS, entry.zone);

  function openingsOn(day: number): readonly Opening[] {
    if (holidays.has(day)) return [];
    const weekday = WEEKDAYS[new Date(day * DAY_MS).getUTCDay()];
    const hours = entry.open === "always" || weekday === undefined ? "always" : entry.open[weekday];
    return parsedOpenings(hours) ?? [];
  }

  /** The calendar day of this instant, counted from 1970-01-01. */
  function dayOf(at: Date): number {
    return Math.floor(localMs(at.getTime(), entry.zone) / DAY_MS);
  }

  /** Opening times from an instant on, in order, as instants. */
  function* openTimes(from: Date): Generator<{ readonly start: number; readonly end: number }> {
    const first = dayOf(from);
    for (let day = first; day < first + SEARCH_DAYS_MAX; day += 1) {
      for (const { fromMinute, toMinute } of openingsOn(day)) {
        const start = Math.max(instantOf(day, fromMinute), from.getTime());
        const end = instantOf(day, toMinute);
        if (end > start) yield { start, end };
      }
    }
  }

  /** `at` when open, else the next opening; null when there is none in two years. */
  function opensAt(at: Date): Date | null {
    const [next] = openTimes(at);
    return next === undefined ? null : new Date(next.start);
  }

  return {
    dayOf,
    /** The instant at which this calendar day starts. */
    startOf: (day: number) => new Date(instantOf(day, 0)),
    /** The instant of a time of day, in minutes after local midnight, on a calendar day. */
    instantOf: (day: number, minute: number) => new Date(instantOf(day, minute)),
    /** The instant after this many milliseconds of opening time. */
    afterOpenTime(from: Date, openMs: number): Date {
      let leftMs = openMs;
      let last = from.getTime();
      for (const { start, end } of openTimes(from)) {
        if (leftMs <= end - start) return new Date(start + leftMs);
        leftMs -= end - start;
        last = end;
      }
      return new Date(last);
    },
    opensAt,
    isOpen: (at: Date) => opensAt(at)?.getTime() === at.getTime(),
    /** From an instant that is open: when the opening ends, or `latest` where it comes first. Midnight alone ends nothing. */
    openUntil: (at: Date, latest: Date) => openTimeEnd(openTimes(at), at, latest),
    /** "Monday 28 December 2026, 09:00 (Europe/Berlin)": the same text on every machine. */
    inWords: (at: Date) => inWords(at, entry.zone),
    /** The same for customers, in this language or else in that of the policy's own texts. */
    inCustomersWords: (at: Date, language: string | null) =>
      inLanguage(at, { ...entry, language: language ?? entry.language }),
  };
}

/** The groups of the calendar, each with its own hours or those of the whole team. */
export function dutyGroups(calendar: CalendarEntry) {
  return calendar.duty.map(({ name, people, open = calendar.open }) => ({
    name,
    people,
    hours: createCalendar({ ...calendar, open }),
  }));
}

/** Adjoining openings count as one. */
function openTimeEnd(
  openTimes: Iterable<{ readonly start: number; readonly end: number }>,
  at: Date,
  latest: Date,
): Date {
  let until = at.getTime();
  for (const { start, end } of openTimes) {
    if (start > until || until >= latest.getTime()) break;
    until = end;
  }
  return new Date(Math.min(until, latest.getTime()));
}

function inLanguage(at: Date, { zone, language }: Hours): string {
  if (language === "en") return inWords(at, zone);
  const format = new Intl.DateTimeFormat(language, {
    timeZone: zone,
    dateStyle: "full",
    timeStyle: "short",
  });
  return `${format.format(at)} (${zone})`;
}

function inWords(at: Date, zone: string): string {
  const { weekday, dayOfMonth, monthName, year, hour, minute } = momentParts(at, zone);
  return `${weekday} ${dayOfMonth} ${monthName} ${year}, ${hour}:${minute} (${zone})`;
}

/** The minute of a time such as 09:30; no number for what is none. */
function minuteOfDay(text: string): number {
  const [hour = NaN, minute = NaN] = text.split(":").map(Number);
  return minute < 60 ? hour * 60 + minute : NaN;
}

/** A team that never closes still needs a day to report on and a time at which people read it. */
const USUAL_MINUTE = 8 * 60;

const WEEK_DAYS = 7;

/** When reports are due, to whom they go, and which days they cover. Pure. */
export function reportPlan(
  document: Pick<PolicyDocument, "digest" | "calendar" | "roles">,
): ReportPlan {
  const { digest, calendar: entry, roles } = document;
  const calendar = createCalendar(entry);

  /** The first opening of a working day; null for a day without working hours. */
  function workStart(day: number): Date | null {
    const weekday = weekdayFromMonday(day);
    // A team that is always on duty also works on weekends, but the readers of reports do not.
    if (entry.open === "always" && weekday >= 5) return null;
    const start = calendar.startOf(day);
    const opens = calendar.opensAt(start);
    if (opens === null || calendar.dayOf(opens) !== day) return null;
    if (digest.at !== null) return calendar.instantOf(day, minuteOfDay(digest.at));
    return opens.getTime() === start.getTime() ? calendar.instantOf(day, USUAL_MINUTE) : opens;
  }

  /** The nearest working day, from the given day on in one direction. */
  function workday(from: number, step: 1 | -1): number | null {
    for (let day = from; Math.abs(day - from) < SEARCH_DAYS_MAX; day += step)
      if (workStart(day) !== null) return day;
    return null;
  }

  function next(after: Date, isWanted: (day: number) => boolean): ReportTime | null {
    let day = workday(calendar.dayOf(after), 1);
    while (day !== null) {
      const at = workStart(day);
      if (at !== null && at > after && isWanted(day)) return { day: isoDate(day), at };
      day = workday(day + 1, 1);
      if (day !== null && day - calendar.dayOf(after) > SEARCH_DAYS_MAX) return null;
    }
    return null;
  }

  return {
    leads: roles.lead,
    place: digest.weekly_place,
    zone: entry.zone,
    nextDaily: (after) => (digest.daily ? next(after, () => true) : null),
    nextWeekly: (after) =>
      digest.weekly ? next(after, (day) => workday(weekMonday(day), 1) === day) : null,
    sinceWorkday(iso) {
      const day = dayNumber(iso);
      const before = workday(day - 1, -1) ?? day - 1;
      return reportDays(calendar, before, day);
    },
    weekBefore(iso) {
      const monday = weekMonday(dayNumber(iso));
      return reportDays(calendar, monday - WEEK_DAYS, monday);
    },
    weekLater: ({ first, last }, weeks) =>
      reportDays(
        calendar,
        dayNumber(first) + weeks * WEEK_DAYS,
        dayNumber(last) + weeks * WEEK_DAYS + 1,
      ),
    dayOf: (at) => isoDate(calendar.dayOf(at)),
  };
}

/** From the start of one day to the start of another, with the days' names. */
function reportDays(calendar: Calendar, from: number, to: number) {
  return {
    from: calendar.startOf(from),
    to: calendar.startOf(to),
    first: isoDate(from),
    last: isoDate(to - 1),
  };
}

/** Monday is 0. 1 January 1970 was a Thursday. */
function weekdayFromMonday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

function weekMonday(day: number): number {
  return day - weekdayFromMonday(day);
}

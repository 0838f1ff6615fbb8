/** Schedules the daily and weekly reports by the policy's calendar. */
import type { ReportPlan, ReportTime } from "#core/contracts/policy.ts";
import {
  type Calendar,
  createCalendar,
  dayNumber,
  dutyGroups,
  isoDate,
  minuteOfDay,
  SEARCH_DAYS_MAX,
} from "./calendar.ts";
import type { PolicyDocument } from "./schema.ts";

/** A team that never closes still needs a day to report on and a time at which people read it. */
const USUAL_MINUTE = 8 * 60;
const WEEK_DAYS = 7;

/** When reports are due, to whom they go, and which days they cover. Pure. */
export function reportPlan(
  document: Pick<PolicyDocument, "digest" | "calendar" | "roles">,
): ReportPlan {
  const { digest, calendar: entry, roles } = document;
  const calendar = createCalendar(entry);
  const groups = dutyGroups(entry);

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
    shiftsAt: (at) => groups.filter(({ hours }) => hours.isOpen(at)).map(({ name }) => name),
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

/** Moments as the team reads them: one way of writing times on every card, page, alert and report. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** So many days before a moment. */
export function daysBefore(moment: Date, days: number): Date {
  return new Date(moment.getTime() - days * DAY_MS);
}

/** "2026-11-21": the day of a moment (UTC), as records and pages write it. */
export function utcDay(at: Date): string {
  return at.toISOString().slice(0, "2026-11-21".length);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/**
 * "21 Nov 02:15" in the team's time zone, with the year when it is another than now's; the zone itself is named once
 * a page. Throws a RangeError for a zone that does not exist; the policy refuses such a zone when it is read.
 */
export function momentText(at: Date, zone: string, now = at): string {
  const { dayOfMonth, month, year, hour, minute } = momentParts(at, zone);
  const shownYear = year === momentParts(now, zone).year ? "" : ` ${year}`;
  return `${dayOfMonth} ${month}${shownYear} ${hour}:${minute}`;
}

/** "02:15:09 UTC": a moment of today to the second, with the zone, for a line that stands alone. */
export function clockText(at: Date, zone: string): string {
  const { hour, minute, second } = momentParts(at, zone);
  return `${hour}:${minute}:${second} ${zone}`;
}

/** "21 Nov", or "21 Nov 2025" when the year is another than now's: for a date of a record, which has no time. */
export function dayText(day: string, now: Date): string {
  const at = new Date(`${day}T00:00:00Z`);
  const shown = momentParts(at, "UTC");
  const year = shown.year === String(now.getUTCFullYear()) ? "" : ` ${shown.year}`;
  return `${shown.dayOfMonth} ${shown.month}${year}`;
}

/** "230 ms", "4.2 s", "12 min", "3.5 h", "2.1 days": how long something took. */
export function durationText(ms: number): string {
  const minutes = ms / MINUTE_MS;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (minutes < 1) return `${(ms / 1_000).toFixed(1)} s`;
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return minutes < 2_880
    ? `${(minutes / 60).toFixed(1)} h`
    : `${(minutes / 1_440).toFixed(1)} days`;
}

/** "3 min", "2 h 5 min", "4 d": the time from one moment to a later one; "0 min" for an earlier one. */
export function ageText(from: Date, to: Date): string {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / MINUTE_MS));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** When the day of this moment began in a time zone: the start of what "today" counts. */
export function dayStart(at: Date, zone: string): Date {
  return new Date(instantOf(Math.floor(localMs(at.getTime(), zone) / DAY_MS) * DAY_MS, zone));
}

/** What the clocks of a zone show at a moment, to the second: the moment at which those of UTC show it. */
export function localMs(at: number, zone: string): number {
  const { day, month, year, hour, minute, second } = momentParts(new Date(at), zone);
  return Date.parse(`${day} ${month} ${year} ${hour}:${minute}:${second} GMT`);
}

/**
 * The moment at which the clocks of a zone show this. A second pass corrects the first estimate near a clock change. A
 * time that clocks skip is as much later as they go forward: where they do at midnight, the day begins then.
 */
export function instantOf(local: number, zone: string): number {
  const offsetMs = (at: number): number => localMs(at, zone) - Math.floor(at / 1_000) * 1_000;
  const at = local - offsetMs(local - offsetMs(local));
  return Math.max(at, local - offsetMs(at));
}

/** The parts of a moment in a zone, to put together: the punctuation between them differs between editions of Node. */
export function momentParts(at: Date, zone: string) {
  const format =
    FORMATS.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "long",
      day: "2-digit",
      month: "long",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  FORMATS.set(zone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
  return {
    weekday: part("weekday"),
    day: part("day"),
    dayOfMonth: String(Number(part("day"))),
    /** Three letters each are easier to compare. */
    month: part("month").slice(0, 3),
    monthName: part("month"),
    year: part("year"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

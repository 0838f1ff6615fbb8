/** The daily and the weekly report: what the page of numbers counts, beside the same days a week earlier, as text. */

import type { ReportTables } from "#core/values/alert.ts";
import type { DaySpan, ReportPlan } from "#core/contracts/policy.ts";
import { formattedSums } from "#core/values/money.ts";
import { durationText, momentParts } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import { periodFigures, type Figures } from "#store/console/figures.ts";
import { countIn, resolutionRate, type FigureName } from "#store/reports/counted-rows.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";

/** The figures of some days next to those of the same days a week earlier. */
export type Compared = Awaited<ReturnType<typeof compareDays>>;

/** Compares some days with the same days a week earlier, in the caller's transaction, so that both are of one moment. */
export async function compareDays(
  { weekLater }: Pick<ReportPlan, "weekLater">,
  transaction: Transaction,
  days: DaySpan,
) {
  return {
    days,
    now: await periodFigures(transaction, days),
    before: await periodFigures(transaction, weekLater(days, -1)),
  };
}

/** What waits when the report is sent. */
export interface WaitingNow {
  readonly cards: number;
  /** Since when the oldest of them waits; null without any. */
  readonly since: Date | null;
  readonly untaken: number;
  /** Mails in Spam folders, which Deskhand does not read. */
  readonly inSpam: number;
  readonly at: Date;
}

type Section = ReportTables["sections"][number];

/** A whole week next to the one before it. Pure. */
export function weeklyReport(compared: Compared, lessons: number): ReportTables {
  const { days } = compared;
  const waits = `${lessons} ${lessons === 1 ? "waits" : "wait"} for a lead's decision, in the console under Lessons`;
  return reportOver(compared, {
    title: `Week ${weekNumber(days.first)}: ${rangeWords(days)}`,
    note: "The week before → this week",
    first: [],
    last: [section("Lessons", lessons === 0 ? [] : [waits])],
  });
}

/** The days since the last working day, and what waits now. Pure. */
export function dailyReport(compared: Compared, waiting: WaitingNow): ReportTables {
  return reportOver(compared, {
    title: rangeWords(compared.days),
    note: "A week earlier → now",
    // What the team can still act on comes first.
    first: [waitingNow(waiting)],
    last: [],
  });
}

function reportOver(
  { before, now }: Compared,
  report: {
    readonly title: string;
    readonly note: string;
    readonly first: readonly Section[];
    readonly last: readonly Section[];
  },
): ReportTables {
  const { title, note, first, last } = report;
  const lines = LINES.flatMap(([name, words]) => {
    const [one, other] = [words(before), words(now)];
    return one === null && other === null ? [] : [`${name}: ${one ?? "none"} → ${other ?? "none"}`];
  });
  const told = [section("What happened", lines), ...last].filter((one) => one.lines.length > 0);
  const quiet = "No customer wrote, and nothing had to be decided.";
  const [received, answered] = [countIn(now.counts, "received"), countIn(now.counts, "answered")];
  return {
    summary: `${title}. ${received} messages (before ${countIn(before.counts, "received")}), ${answered} answered.`,
    title,
    note: told.length === 0 ? "" : note,
    sections: [...first, ...(told.length === 0 ? [section("A quiet time", [quiet])] : told)],
  };
}

function section(heading: string, lines: readonly string[]): Section {
  return { heading, lines: [...lines] };
}

/** What a line says of some days; null where there is nothing. */
type Words = (figures: Figures) => string | null;

function count(name: FigureName): Words {
  return ({ counts }) => {
    const all = countIn(counts, name);
    return all === 0 ? null : String(all);
  };
}

/** In the order in which a lead asks: what came in, how it ended, how good the drafts were, what it cost. */
const LINES: readonly (readonly [name: string, words: Words])[] = [
  ["Received", count("received")],
  ["Answered", count("answered")],
  ["To people", count("to-people")],
  [
    "Median first reply",
    ({ firstReplies }) => {
      const median = medianValue(firstReplies);
      return median === null ? null : durationText(median);
    },
  ],
  ["Drafts approved as they were", count("unchanged")],
  ["Drafts edited", count("edited")],
  ["Drafts rejected", count("rejected")],
  ["Cards not decided in time", count("expired")],
  [
    "Resolution rate",
    ({ totals }) => {
      const { resolved, ended } = resolutionRate(totals);
      return ended === 0 ? null : `${resolved} of ${ended}`;
    },
  ],
  [
    "Refunds",
    ({ refunds }) =>
      refunds.length === 0
        ? null
        : `${refunds.length}, ${formattedSums(refunds).toSorted().join(" + ")}`,
  ],
  ["Model cost", costText],
];

function costText({ spent }: Figures): string | null {
  if (spent.unpriced > 0) return "price unknown";
  return spent.usd === 0 ? null : `${spent.usd.toFixed(2)} USD`;
}

function waitingNow({ cards, since, untaken, inSpam, at }: WaitingNow): Section {
  const oldest =
    since === null ? "" : `, the oldest for ${durationText(at.getTime() - since.getTime())}`;
  return section("Waiting now", [
    cards === 0 ? "No card" : `${cards} ${cards === 1 ? "card" : "cards"}${oldest}`,
    untaken === 0
      ? "Everything handed to people was taken"
      : `${untaken} with people, not taken by a teammate`,
    ...(inSpam === 0 ? [] : [`${inSpam} in the mailbox's Spam folder, which is not read`]),
  ]);
}

/** "Monday 9 November", or "9 to 15 November" and "30 November to 6 December" for several days. */
function rangeWords({ first, last }: Pick<Compared["days"], "first" | "last">): string {
  if (first === last) return dayWords(first, ["weekday", "dayOfMonth", "monthName"]);
  const sameMonth = first.slice(0, 7) === last.slice(0, 7);
  const from = dayWords(first, sameMonth ? ["dayOfMonth"] : ["dayOfMonth", "monthName"]);
  return `${from} to ${dayWords(last, ["dayOfMonth", "monthName"])}`;
}

type DayPart = "weekday" | "dayOfMonth" | "monthName";

function dayWords(iso: string, wanted: readonly DayPart[]): string {
  const parts = momentParts(new Date(`${iso}T00:00:00Z`), "UTC");
  return wanted.map((part) => parts[part]).join(" ");
}

/** The ISO 8601 number of the week that begins with this Monday: that of the year its Thursday is in. */
function weekNumber(monday: string): number {
  const thursday = new Date(Date.parse(`${monday}T00:00:00Z`) + 3 * 86_400_000);
  const january = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - january) / (7 * 86_400_000)) + 1;
}

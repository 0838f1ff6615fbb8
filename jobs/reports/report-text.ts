/** Writes the weekly and the daily report as text. */

import type { ReportTables } from "#core/values/alert.ts";
import { formatMoney } from "#core/values/money.ts";
import { durationText } from "#core/values/moment.ts";
import { mask } from "#guard/mask-secrets.ts";
import { type TopicScore, shadowSection } from "#jobs/scorecard/scorecard.ts";
import type { Compared, Metrics, Spread, Writer } from "./metrics.ts";

/** What waits when the report is sent. */
export interface WaitingNow {
  readonly cards: number;
  /** Since when the oldest of them waits; null without any. */
  readonly since: Date | null;
  readonly untaken: number;
  /** Mails in Spam folders, which nobody reads here. */
  readonly inSpam: number;
  readonly at: Date;
}

type Section = ReportTables["sections"][number];
type Pair = readonly [before: Metrics, now: Metrics];

const QUESTION_MAX = 120;
const NONE = "none";
const CHANNEL_WORDS = { chat: "Chat", email: "Mail", slack: "Slack", zendesk: "Zendesk" } as const;

/** A whole week next to the one before it. Pure. */
export function weeklyReport(
  { days, now, before, held }: Compared,
  scores: readonly TopicScore[],
): ReportTables {
  const pair: Pair = [before, now];
  return reportOver(pair, {
    title: `Week ${weekNumber(days.first)}: ${rangeWords(days)}`,
    note: "The week before → this week",
    quiet: "A quiet week",
    first: [],
    sections: [
      messages(pair),
      firstReply(pair),
      drafts(pair),
      decisions(pair),
      shadowSection(scores),
      ratings(pair),
      resolutionSection(pair),
      afterAnswerSection(pair, held),
      refunds(pair),
      withPeople(pair),
      questions(now),
      unknownEffectsSection(pair),
    ],
  });
}

/** The days since the last working day, and what waits now. Pure. */
export function dailyReport({ days, now, before }: Compared, waiting: WaitingNow): ReportTables {
  const pair: Pair = [before, now];
  return reportOver(pair, {
    title: rangeWords(days),
    note: "A week earlier → now",
    quiet: "A quiet time",
    // What the team can still act on comes first.
    first: [waitingNow(waiting)],
    sections: [
      messages(pair),
      firstReply(pair),
      drafts(pair),
      decisions(pair),
      refunds(pair),
      withPeople(pair),
      unknownEffectsSection(pair),
    ],
  });
}

function reportOver(
  [before, now]: Pair,
  report: {
    readonly title: string;
    readonly note: string;
    /** The heading where there is nothing to compare. */
    readonly quiet: string;
    readonly first: readonly Section[];
    readonly sections: readonly Section[];
  },
): ReportTables {
  const { title, note, quiet, first } = report;
  const told = report.sections.filter(({ lines, quoted }) => lines.length + quoted.length > 0);
  const isQuiet = told.length === 0;
  const { received, answered } = totals(now);
  return {
    summary: `${title}. ${received} messages (before ${totals(before).received}), ${answered} answered.`,
    title,
    note: isQuiet ? "" : note,
    sections: [
      ...first,
      ...(isQuiet ? [section(quiet, ["No customer wrote, and nothing had to be decided."])] : told),
    ],
  };
}

function section(
  heading: string,
  lines: readonly string[],
  quoted: readonly string[] = [],
): Section {
  return { heading, lines: [...lines], quoted: [...quoted] };
}

function totals({ channels }: Metrics) {
  const sum = (key: "received" | "answered" | "toPeople"): number =>
    channels.reduce((total, channel) => total + channel[key], 0);
  return { received: sum("received"), answered: sum("answered"), toPeople: sum("toPeople") };
}

function messages([before, now]: Pair): Section {
  const names = [...new Set([...before.channels, ...now.channels].map(({ channel }) => channel))];
  const of = (figures: Metrics, name: string) =>
    figures.channels.find(({ channel }) => channel === name) ?? {
      received: 0,
      answered: 0,
      toPeople: 0,
    };
  const line = (called: string, one: ReturnType<typeof totals>, other: typeof one): string =>
    `${called}: ${changedCounts([
      [one.received, other.received, "received"],
      [one.answered, other.answered, "answered"],
      [one.toPeople, other.toPeople, "to people"],
    ])}`;
  return section("Messages", [
    ...names.toSorted().map((name) => line(CHANNEL_WORDS[name], of(before, name), of(now, name))),
    ...(names.length > 1 ? [line("All", totals(before), totals(now))] : []),
    ...unlessNone("Thanks that needed no card", before.thanks, now.thanks),
  ]);
}

function firstReply([before, now]: Pair): Section {
  return section("First reply", [
    ...(before.firstReply === null && now.firstReply === null
      ? []
      : spreadLines("", before.firstReply, now.firstReply)),
    ...unlessNone("Cards not decided in time", before.expired, now.expired),
  ]);
}

function drafts([before, now]: Pair): Section {
  const none = { untouched: 0, edited: 0, rejected: 0 };
  const topics = [...new Set([...now.drafts, ...before.drafts].map(({ topic }) => topic))];
  return section(
    "Drafts",
    topics.map((topic) => {
      const one = before.drafts.find((draft) => draft.topic === topic) ?? none;
      const other = now.drafts.find((draft) => draft.topic === topic) ?? none;
      return `${capital(topic.replaceAll("_", " "))}: ${changedCounts([
        [one.untouched, other.untouched, "untouched"],
        [one.edited, other.edited, "edited"],
        [one.rejected, other.rejected, "rejected"],
      ])}`;
    }),
  );
}

function decisions([before, now]: Pair): Section {
  const shifts = [...new Set([...before.decisions, ...now.decisions].map(({ shift }) => shift))];
  const of = (figures: Metrics, name: string): Spread | null =>
    figures.decisions.find(({ shift }) => shift === name)?.spread ?? null;
  return section(
    "From card to decision",
    shifts.toSorted().flatMap((name) => spreadLines(name, of(before, name), of(now, name))),
  );
}

function ratings([before, now]: Pair): Section {
  const all = ({ good, bad }: Metrics["ratings"][Writer]): number => good + bad;
  return section(
    "Ratings",
    writerLines("rated good", (writer) => {
      const [one, other] = [before.ratings[writer], now.ratings[writer]];
      return [share(one.good, all(one)), share(other.good, all(other))];
    }),
  );
}

/** About the answers of an earlier week, because a reopening takes time. */
function afterAnswerSection([before, now]: Pair, held: Compared["held"]): Section {
  return section(
    `7 days after the answers of ${rangeWords(held)}`,
    writerLines("reopened", (writer) => {
      const [one, other] = [before.reopened[writer], now.reopened[writer]];
      return [share(one.reopened, one.solved), share(other.reopened, other.solved)];
    }),
  );
}

/** How matters ended, and what each that the bot resolved cost. */
function resolutionSection([before, now]: Pair): Section {
  const [one, other] = [before.resolution, now.resolution];
  return section("Resolution", [
    ...(one.ended + other.ended === 0
      ? []
      : [
          `Resolution rate: ${share(one.resolved, one.ended)} → ${share(other.resolved, other.ended)}`,
        ]),
    ...(before.cost.usd === 0 && now.cost.usd === 0
      ? []
      : [`Model cost for each resolved: ${usd(before.cost)} → ${usd(now.cost)}`]),
  ]);
}

function share(part: number, all: number): string {
  return all === 0 ? NONE : `${part} of ${all}`;
}

function writerLines(
  what: string,
  words: (writer: Writer) => readonly [before: string, now: string],
): readonly string[] {
  return (["bot", "person"] as const).flatMap((writer) => {
    const [before, now] = words(writer);
    const by = writer === "bot" ? "Bot's drafts" : "People's words";
    return before === NONE && now === NONE ? [] : [`${by} ${what}: ${before} → ${now}`];
  });
}

function usd({ usd: all, each }: Metrics["cost"]): string {
  if (all === null) return "price unknown";
  return each === null ? NONE : `${each.toFixed(each < 1 ? 4 : 2)} USD`;
}

function refunds([before, now]: Pair): Section {
  const named = ({ by, sum }: Metrics["refunds"][number]): string => `${by} ${sum.currency}`;
  const kinds = new Map([...before.refunds, ...now.refunds].map((row) => [named(row), row]));
  return section(
    "Refunds",
    [...kinds].map(([kind, { by, sum }]) => {
      const of = (figures: Metrics) => figures.refunds.find((row) => named(row) === kind);
      const words = (row: ReturnType<typeof of>): string =>
        formatMoney(row?.sum ?? { ...sum, minor: 0 });
      return `Allowed by ${by === "policy" ? "policy" : "people"}: ${fromTo(of(before)?.count ?? 0, of(now)?.count ?? 0)} · ${words(of(before))} → ${words(of(now))}`;
    }),
  );
}

function withPeople([before, now]: Pair): Section {
  const names = [
    ...new Set([...before.askedForPerson, ...now.askedForPerson].map(({ channel }) => channel)),
  ];
  const of = (figures: Metrics, name: string): number =>
    figures.askedForPerson.find(({ channel }) => channel === name)?.count ?? 0;
  return section("With people", [
    ...unlessNone("Handed over", before.handovers.count, now.handovers.count),
    ...unlessNone("Not taken by a teammate", before.handovers.untaken, now.handovers.untaken),
    ...names
      .toSorted()
      .map(
        (name) =>
          `Asked for a person, ${CHANNEL_WORDS[name]}: ${fromTo(of(before, name), of(now, name))}`,
      ),
  ]);
}

function questions({ questions: asked }: Metrics): Section {
  return section("Questions without a page", [], asked.map(anonymousQuestion));
}

/** Search text of a model, without anything that could identify a person or an order. */
function anonymousQuestion(question: string): string {
  const words = mask(question)
    .replaceAll(/(?<!\S)\S+@\S+/g, "[address]")
    .replaceAll(/\d[\d\s-]{2,}\d|\d{3,}/g, "[number]")
    .replaceAll(/\s+/g, " ");
  return words.length <= QUESTION_MAX ? words : `${words.slice(0, QUESTION_MAX - 1)}…`;
}

function unknownEffectsSection([before, now]: Pair): Section {
  return section(
    "To look at",
    unlessNone("Effects whose end is not known", before.unknownEffects, now.unknownEffects),
  );
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

function spreadLines(name: string, before: Spread | null, now: Spread | null): readonly string[] {
  const words = (spread: Spread | null, key: "medianMs" | "p90Ms"): string =>
    spread === null ? NONE : durationText(spread[key]);
  const who = name === "" ? "" : `${capital(name.replaceAll("_", " "))}, `;
  return [
    `${capital(`${who}half within`)}: ${words(before, "medianMs")} → ${words(now, "medianMs")}`,
    `${capital(`${who}nine of ten within`)}: ${words(before, "p90Ms")} → ${words(now, "p90Ms")}`,
  ];
}

function unlessNone(name: string, before: number, now: number): readonly string[] {
  return before + now === 0 ? [] : [`${name}: ${fromTo(before, now)}`];
}

/** Leaves out zeros: a phone has little room. */
function changedCounts(
  parts: readonly (readonly [before: number, now: number, what: string])[],
): string {
  return parts
    .filter(([before, now]) => before + now > 0)
    .map(([before, now, what]) => `${fromTo(before, now)} ${what}`)
    .join(" · ");
}

function fromTo(before: number, now: number): string {
  return `${before} → ${now}`;
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** "Monday 9 November", or "9 to 15 November" and "30 November to 6 December" for several days. */
function rangeWords({ first, last }: Pick<Compared["days"], "first" | "last">): string {
  if (first === last) return dayWords(first, ["weekday", "day", "month"]);
  const sameMonth = first.slice(0, 7) === last.slice(0, 7);
  const from = dayWords(first, sameMonth ? ["day"] : ["day", "month"]);
  return `${from} to ${dayWords(last, ["day", "month"])}`;
}

function dayWords(iso: string, wanted: readonly ("weekday" | "day" | "month")[]): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
  });
  // Assembled here, because the punctuation between the parts differs between versions of Node.
  const parts = new Map<string, string>(
    format.formatToParts(new Date(`${iso}T00:00:00Z`)).map(({ type, value }) => [type, value]),
  );
  return wanted.map((part) => parts.get(part) ?? "").join(" ");
}

/** The ISO 8601 number of the week that begins with this Monday: that of the year its Thursday is in. */
function weekNumber(monday: string): number {
  const thursday = new Date(Date.parse(`${monday}T00:00:00Z`) + 3 * 86_400_000);
  const january = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - january) / (7 * 86_400_000)) + 1;
}

/**
 * The page of numbers: what came in, how it ended, what it cost, and how often people agreed with drafts. Each number
 * leads to the rows it counted.
 */

import {
  readScorecard,
  type TopicScore,
  adviceText,
  LEVEL_RULE,
  riskText,
  shareText,
} from "#jobs/scorecard/scorecard.ts";
import { z } from "zod";
import type { ResolutionKind } from "#core/cases/resolution.ts";
import { DAY_MS, dayText, durationText, HOUR_MS } from "#core/values/moment.ts";
import { percent, inWords } from "#core/values/words.ts";
import { drawing, addressWith, html, type Html } from "#server/http/html.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import { periodFigures, rowsBehind, type Days, type Figures } from "#store/console/figures.ts";
import {
  countIn,
  FigureName,
  resolutionRate,
  type ResolutionTotal,
} from "#store/reports/counted-rows.ts";
import type { PageContent, Subject } from "./frame.ts";
import {
  caseAddress,
  dotted,
  link,
  none,
  pagedList,
  rowView,
  section,
  soft,
  table,
  tabs,
  tile,
} from "./parts.ts";
import type { Visit } from "./session.ts";

/** The page, and the list behind each number. */
export const NUMBERS: Subject = {
  place: "/console/numbers",
  pages: { "/numbers": numbersPage, "/numbers/:figure": figurePage },
};

const PATH = NUMBERS.place;
const SPANS = { "1": "Last 24 hours", "7": "Last 7 days", "28": "Last 28 days" } as const;
type SpanDays = keyof typeof SPANS;

const SpanOf = z.enum(["1", "7", "28"]).catch("7");

function spanDays(span: SpanDays, { now, zone }: Visit): Days {
  return {
    from: new Date(now.getTime() - Number(span) * DAY_MS),
    to: new Date(now.getTime() + 1),
    zone,
  };
}

/** All figures of the last days. */
async function numbersPage(visit: Visit): Promise<PageContent> {
  const span = SpanOf.parse(visit.asked("days"));
  const { store, policy } = visit.parts;
  const { figures, scores } = await store.run(async (transaction) => ({
    figures: await periodFigures(transaction, spanDays(span, visit)),
    scores: await readScorecard(policy, transaction, visit.now),
  }));
  const figure = ([value, about, rows, title = TITLES[rows]]: Figure): Html =>
    tile(link(addressWith(`${PATH}/${rows}`, { days: span }), title), value, about);
  return {
    title: "Numbers",
    tools: tabs(
      "Days",
      Object.entries(SPANS).map(([days, name]) => ({ href: addressWith(PATH, { days }), name })),
      addressWith(PATH, { days: span }),
    ),
    body: html`<h2>Now</h2>
      <div class="figures">
        ${tile(link("/console/waiting", "Waiting for a decision"), visit.counts.waiting, "cards on this desk")}
        ${tile(link("/console/people", "With people"), visit.counts.people, "handed over and not solved")}
        ${figure(spendFigure(figures))}
      </div>
      <h2>${SPANS[span]}</h2>
      <div class="figures">
        ${[...messageFigures(figures), ...cardFigures(figures)].map(figure)}
      </div>
      <h2>How it ended</h2>
      ${soft("Everything customers asked counts once, when it ended. What people answered never counts as resolved.")}
      <div class="figures">${resolutionFigures(figures.totals).map(figure)}</div>
      <h2>Day by day</h2>
      <div class="figures">${dayCharts(figures, spanDays(span, visit))}</div>
      ${scorecardView(scores)}`,
  };
}

/** A number, what it is about, and under which name its rows are listed. */
type Figure = readonly [value: string | number, about: string, rows: FigureName, title?: string];

function messageFigures({ counts, totals, firstReplies, spent }: Figures): readonly Figure[] {
  const [answered, toPeople] = [countIn(counts, "answered"), countIn(counts, "to-people")];
  const over = answered + toPeople;
  const { resolved, ended } = resolutionRate(totals);
  const turns = sum(spent.map((day) => day.turns));
  const each =
    resolved === 0 || sum(spent.map(({ unpriced }) => unpriced)) > 0
      ? "–"
      : `${(sum(spent.map(({ usd }) => usd)) / resolved).toFixed(4)} USD`;
  const steps = turns === 0 ? 0 : sum(spent.map((day) => day.steps)) / turns;
  const median = medianValue(firstReplies);
  const within = median === null ? "–" : durationText(median);
  const handed = `${toPeople} of ${over} messages that ended`;
  const held = `${resolved} of ${ended} matters that ended, none of them handed over`;
  return [
    [countIn(counts, "received"), "messages that were for us", "received"],
    [answered, share(answered, over), "answered"],
    [share(resolved, ended), held, "resolved", "Resolution rate"],
    [share(toPeople, over), handed, "to-people", "Escalation rate"],
    [within, `${firstReplies.length} conversations`, "answered", "First reply, half within"],
    [each, `${steps.toFixed(1)} steps a turn`, "turns", "Model cost for each resolved"],
  ];
}

function cardFigures({ counts }: Figures): readonly Figure[] {
  const count = (name: FigureName): number => countIn(counts, name);
  const [unchanged, edited, rejected] = [count("unchanged"), count("edited"), count("rejected")];
  const all = unchanged + edited + rejected;
  const [right, actions] = [count("actions-right"), count("actions")];
  const precise = `${right} of ${actions} actions approved as proposed`;
  const drafted = `${unchanged} as drafted, ${edited} edited`;
  const [good, bad] = [count("good"), count("bad")];
  return [
    [share(right, actions), precise, "actions-right", "Action precision"],
    [share(unchanged + edited, all), drafted, "unchanged", "Approval rate"],
    [edited, share(edited, all), "edited"],
    [rejected, share(rejected, all), "rejected"],
    [count("expired"), "cards that expired", "expired"],
    [count("stopped"), share(count("stopped"), count("received")), "stopped"],
    [good, share(good, good + bad), "good"],
    [bad, share(bad, good + bad), "bad"],
  ];
}

/** The resolution ledger: each way to end with the rows behind it. */
function resolutionFigures(totals: readonly ResolutionTotal[]): readonly Figure[] {
  const all = sum(totals.map(({ count }) => count));
  return ENDS.map(([kind, name]) => {
    const total = totals.find((one) => one.kind === kind);
    if (total === undefined) return [0, share(0, all), name];
    const { count, usd, humanMinutes } = total;
    const people = humanMinutes === null ? [] : [`${Math.round(humanMinutes)} min of people`];
    return [count, [share(count, all), usdText(usd), ...people].join(", "), name];
  });
}

const ENDS = [
  ["confirmed", "ended-confirmed"],
  ["durable", "ended-durable"],
  ["assumed", "ended-assumed"],
  ["handed_off", "ended-handed-off"],
  ["abandoned", "ended-abandoned"],
] as const satisfies readonly (readonly [ResolutionKind, FigureName])[];

function spendFigure({ spent }: Figures): Figure {
  const usd = sum(spent.map((day) => day.usd));
  const unpriced = sum(spent.map((day) => day.unpriced));
  const turns = sum(spent.map((day) => day.turns));
  const about =
    unpriced === 0 ? `${turns} turns` : `${turns} turns, the price of ${unpriced} is not known`;
  return [usdText(usd), about, "turns", "Spent on the model in these days"];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** "42 %", or a dash where there is nothing to share. */
function share(part: number, all: number): string {
  return all === 0 ? "–" : percent(part / all);
}

function usdText(usd: number): string {
  return `${usd.toFixed(2)} USD`;
}

const TITLES: Readonly<Record<FigureName, string>> = {
  received: "Received",
  answered: "Answered",
  "to-people": "Ended with people",
  resolved: "Resolved",
  unchanged: "Approved as drafted",
  edited: "Edited before sending",
  rejected: "Rejected",
  expired: "Not decided in time",
  stopped: "Stopped by the guard",
  actions: "Decided with an action",
  "actions-right": "Actions approved as proposed",
  good: "Rated good",
  bad: "Rated bad",
  turns: "Turns and what they cost",
  "ended-confirmed": "Confirmed by the customer",
  "ended-durable": "Answered and quiet since",
  "ended-assumed": "Assumed to be solved",
  "ended-handed-off": "Handed off to people",
  "ended-abandoned": "Abandoned by the customer",
};

/** The rows a number counted; null for a number that does not exist. */
async function figurePage(visit: Visit): Promise<PageContent | null> {
  const name = FigureName.safeParse(visit.named("figure"));
  if (!name.success) return null;
  const span = SpanOf.parse(visit.asked("days"));
  const behind = { days: spanDays(span, visit), after: visit.after };
  const { rows, next } = await visit.run((transaction) =>
    rowsBehind(transaction, name.data, behind),
  );
  return {
    title: `${TITLES[name.data]}: ${SPANS[span].toLowerCase()}`,
    tools: html`<p>${link(addressWith(PATH, { days: span }), "← Numbers")}</p>`,
    body: pagedList(visit, {
      path: `${PATH}/${name.data}`,
      query: { days: span },
      label: TITLES[name.data],
      none: "Nothing.",
      rows: rows.map(({ conversationId, channel, subject, words, at }) =>
        rowView({
          href: caseAddress(conversationId),
          what: subject === "" ? conversationId : visit.mask(subject),
          aside: visit.when(at),
          about: visit.mask(dotted([channel, words])),
        }),
      ),
      next,
    }),
  };
}

// The figures of each day as small charts: one bar a day.

const CHART = { width: 240, height: 70 };

/** Every day of the span, so that a day on which nothing came in has its place. */
function dayNames({ from, to, zone }: Days): readonly string[] {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const names = new Set<string>();
  for (let at = from.getTime(); at < to.getTime(); at += 12 * HOUR_MS) names.add(format.format(at));
  return [...names];
}

/** What came in, was answered and went to people, and what the model cost, each as a chart. */
function dayCharts({ counts, spent }: Figures, span: Days): readonly Html[] {
  const days = dayNames(span);
  const counting = (title: string, name: FigureName): Html =>
    chart(title, (day) => countIn(counts, name, day), String);
  const usdOn = (day: string): number => spent.find(({ group }) => group === day)?.usd ?? 0;
  function chart(
    title: string,
    amount: (day: string) => number,
    text: (value: number) => string,
  ): Html {
    const bars = days.map((day) => ({ name: dayText(day, span.to), value: amount(day) }));
    return html`<div class="box">
      <h3>${title}</h3>
      ${barChart(title, bars, text)}
    </div>`;
  }
  return [
    counting("Received", "received"),
    counting("Answered", "answered"),
    counting("To people", "to-people"),
    chart("Spent on the model", usdOn, usdText),
  ];
}

/** Bars side by side, with the first and the last day and the highest bar; a reader without eyes gets all as a sentence. */
function barChart(
  title: string,
  days: readonly { readonly name: string; readonly value: number }[],
  text: (value: number) => string,
): Html {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return soft("Nothing yet.");
  const most = Math.max(...days.map(({ value }) => value));
  const step = CHART.width / days.length;
  const words = days.map(({ name, value }) => `${name}: ${text(value)}`);
  const bars = days.map(({ value }, index) => {
    const height = value === 0 ? 0 : Math.max(2, (CHART.height * value) / most);
    const place = { x: (index + 0.1) * step, y: CHART.height - height, width: step * 0.8, height };
    return { ...place, words: words[index] ?? "" };
  });
  return html`${drawing("chart", CHART, bars, `${title}. ${words.join(", ")}`)}
  ${soft(`${first.name} to ${last.name}, most ${text(most)}`)}`;
}

// The scorecard: how often people agreed with the drafts of each topic.

/** Every topic that was judged. The cells say what they count, since on a phone the table has no head. */
function scorecardView(scores: readonly TopicScore[]): Html {
  const rows = scores.map((score) => {
    const { channel, topic, autonomy, agreed, wrongActions, missingFacts } = score;
    return [
      html`<b>${inWords(topic)}</b> on ${channel}, ${autonomy}`,
      `agreed with ${shareText(agreed)}`,
      {
        as: wrongActions.count === 0 ? "" : "bad",
        value: `wrong actions in ${shareText(wrongActions)}`,
      },
      `at risk: ${riskText(score)}`,
      `facts missing in ${shareText(missingFacts)}`,
      adviceText(score),
    ];
  });
  return section(
    "scorecard",
    "Drafts beside what people did, last 90 days",
    html`${
        rows.length === 0
          ? none("No draft was judged yet.")
          : html`<div class="table-box">${table(JUDGED, rows)}</div>`
      }
      <p class="soft">
        ${LEVEL_RULE} An answer that went out by itself counts a day later, of each topic’s newest
        5,000 turns. A change that is proposed waits on
        <a href="/console/policy">the page of the policy</a>.
      </p>`,
    "plain",
  );
}

const JUDGED = [
  "Topic",
  "Agreed",
  "Wrong actions",
  "Money at risk",
  "Facts missing",
  "Figures speak for",
];

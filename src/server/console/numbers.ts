/**
 * The page of numbers: what waits, how matters ended, how often people agreed with drafts, and what it cost. Each number
 * leads to the rows it counted.
 */

import { z } from "zod";
import type { ResolutionKind } from "#core/cases/resolution.ts";
import { DAY_MS, durationText } from "#core/values/moment.ts";
import { counted, percent } from "#core/values/words.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import { periodFigures, rowsBehind, type Figures } from "#store/console/figures.ts";
import {
  countIn,
  FigureName,
  resolutionRate,
  type ResolutionTotal,
  type Span,
} from "#store/reports/counted-rows.ts";
import type { PageContent, Subject } from "./frame.ts";
import { caseAddress, dotted, fold, link, pagedList, rowView, soft, tabs, tile } from "./parts.ts";
import type { Visit } from "./session.ts";

/** Five figures with all others below them, and the list behind each number. */
export const NUMBERS: Subject = {
  place: "/console/numbers",
  pages: { "/numbers": numbersPage, "/numbers/:figure": figurePage },
};

const PATH = NUMBERS.place;
const SPANS = { "1": "Last 24 hours", "7": "Last 7 days", "28": "Last 28 days" } as const;

const SpanOf = z.enum(["1", "7", "28"]).catch("7");

/** The last so many days. */
export function lastDays(days: number, now: Date): Span {
  return { from: new Date(now.getTime() - days * DAY_MS), to: new Date(now.getTime() + 1) };
}

/** What a lead reads in ten seconds: five figures, each with its list and one sentence about what to do. */
async function numbersPage(visit: Visit): Promise<PageContent> {
  const span = SpanOf.parse(visit.asked("days"));
  const figures = await visit.run(periodFigures, lastDays(Number(span), visit.now));
  const address = (days: string): string => addressWith(PATH, { days });
  const list = (rows: FigureName): string => addressWith(`${PATH}/${rows}`, { days: span });
  const figure = ([value, about, rows, title = TITLES[rows]]: Figure): Html =>
    tile(link(list(rows), title), value, about);
  const { waiting, people } = visit.counts;
  return {
    title: "Numbers",
    tools: tabs(
      "Days",
      Object.entries(SPANS).map(([days, name]) => ({ href: address(days), name })),
      address(span),
    ),
    body: html`<div class="figures">
        ${tile(link("/console/waiting", "Waiting for a decision"), waiting, toDo(waiting, DECIDE))}
        ${tile(link("/console/people", "With people"), people, toDo(people, "See that each has a teammate."))}
        ${[resolvedFigure(figures), draftFigure(figures), replyFigure(figures)].map(figure)}
      </div>
      ${fold(
        "All figures",
        html`<div class="figures">${otherFigures(figures).map(figure)}</div>
          <h2>How cases ended</h2>
          ${soft("Everything customers asked counts once, when it ended or went to people. What people have or answered never counts as resolved.")}
          <div class="figures">${resolutionFigures(figures.totals).map(figure)}</div>`,
      )}`,
  };
}

const NONE_YET = "None in these days.";
const DECIDE = "Decide on these first: customers wait for them.";

function toDo(count: number, words: string): string {
  return count === 0 ? "Nothing to do." : words;
}

/** A number, what it is about, and under which name its rows are listed. */
type Figure = readonly [value: string | number, about: HtmlValue, rows: FigureName, title?: string];

function resolvedFigure({ totals }: Figures): Figure {
  const { resolved, ended } = resolutionRate(totals);
  const lacks = link("/console/knowledge/gaps", "what the help pages lack");
  const about = html`${resolved} of ${ended} cases that ended or went to people. To raise it, write
  ${lacks}.`;
  return [share(resolved, ended), ended === 0 ? NONE_YET : about, "resolved", "Resolution rate"];
}

function draftFigure({ counts }: Figures): Figure {
  const [unchanged, edited] = [countIn(counts, "unchanged"), countIn(counts, "edited")];
  const rejected = countIn(counts, "rejected");
  const all = unchanged + edited + rejected;
  const about =
    unchanged === all
      ? html`${all === 1 ? "The only draft" : `All ${all} drafts`}. See which topics may go
        ${link("/console/policy/replies", "out by themselves")}.`
      : html`${edited} of ${all} drafts were edited and ${rejected} rejected. Read what people
        ${link("/console/lessons", "changed in them")}.`;
  return [share(unchanged, all), all === 0 ? NONE_YET : about, "unchanged"];
}

function replyFigure({ firstReplies }: Figures): Figure {
  const median = medianValue(firstReplies);
  const title = "Median first reply";
  if (median === null) return ["–", NONE_YET, "first-replies", title];
  const about = `${counted(firstReplies.length, "conversation")}. If it is too long, look at what waits in the mornings.`;
  return [durationText(median), about, "first-replies", title];
}

function otherFigures({ counts, totals, spent }: Figures): readonly Figure[] {
  const count = (name: FigureName): number => countIn(counts, name);
  const [answered, toPeople] = [count("answered"), count("to-people")];
  const [right, actions] = [count("actions-right"), count("actions")];
  const [good, bad] = [count("good"), count("bad")];
  const { resolved } = resolutionRate(totals);
  const { turns, steps, usd, unpriced } = spent;
  const each = resolved === 0 || unpriced > 0 ? "–" : `${(usd / resolved).toFixed(4)} USD`;
  const every = turns === 0 ? 0 : steps / turns;
  const priced = unpriced === 0 ? "" : `, the price of ${unpriced} is not known`;
  return [
    [count("received"), "messages that were for us", "received"],
    [answered, share(answered, answered + toPeople), "answered"],
    [toPeople, `${share(toPeople, answered + toPeople)} of messages that ended`, "to-people"],
    [right, `of ${actions} decided with an action`, "actions-right"],
    [count("edited"), "drafts", "edited"],
    [count("rejected"), "drafts", "rejected"],
    [count("expired"), "cards that expired", "expired"],
    [count("stopped"), share(count("stopped"), count("received")), "stopped"],
    [good, share(good, good + bad), "good"],
    [bad, share(bad, good + bad), "bad"],
    [usdText(usd), `${turns} turns${priced}`, "turns", "Spent on the model"],
    [each, `${every.toFixed(1)} steps a turn`, "turns", "Model cost for each resolved"],
  ];
}

/** The resolution ledger: each way to end with the rows behind it. */
function resolutionFigures(totals: readonly ResolutionTotal[]): readonly Figure[] {
  const { ended } = resolutionRate(totals);
  return ENDS.map(([kind, name]) => {
    const total = totals.find((one) => one.kind === kind);
    if (total === undefined) return [0, share(0, ended), name];
    const { count, usd, humanMinutes } = total;
    const people = humanMinutes === null ? [] : [`${Math.round(humanMinutes)} min of people`];
    return [count, [share(count, ended), usdText(usd), ...people].join(", "), name];
  });
}

const ENDS = [
  ["confirmed", "ended-confirmed"],
  ["durable", "ended-durable"],
  ["assumed", "ended-assumed"],
  ["handed_off", "ended-handed-off"],
  ["abandoned", "ended-abandoned"],
] as const satisfies readonly (readonly [ResolutionKind, FigureName])[];

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
  "first-replies": "First replies",
  "to-people": "Messages to people",
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
  turns: "Turns and their cost",
  "ended-confirmed": "Confirmed by the customer",
  "ended-durable": "Answered and quiet since",
  "ended-assumed": "Assumed to be solved",
  "ended-handed-off": "Cases that went to people",
  "ended-abandoned": "Abandoned by the customer",
};

/** The rows a number counted; null for a number that does not exist. */
async function figurePage(visit: Visit): Promise<PageContent | null> {
  const name = FigureName.safeParse(visit.named("figure"));
  if (!name.success) return null;
  const span = SpanOf.parse(visit.asked("days"));
  const behind = { days: lastDays(Number(span), visit.now), after: visit.after };
  const { rows, next } = await visit.run(rowsBehind, name.data, behind);
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

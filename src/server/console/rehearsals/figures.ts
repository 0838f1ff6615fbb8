/** What a rehearsal came to, in words and drawn: addresses, sentences, the shares as one bar, the figures, every topic. */

import { topicName } from "#core/values/vocabulary.ts";
import { durationText } from "#core/values/moment.ts";
import { moneyText, shareText, summaryDoubts, summarySentences } from "#jobs/rehearsal/summary.ts";
import type {
  Agreement,
  PersonVerdict,
  RehearsalFigures,
  RehearsalSummary,
  RehearsedRoute,
  Share,
} from "#core/values/rehearsal.ts";
import { counted } from "#core/values/words.ts";
import { costText } from "#server/console/case/trace.ts";
import {
  aside,
  link,
  number,
  section,
  soft,
  table,
  tile,
  type Cell,
} from "#server/console/parts.ts";
import { drawing, addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Rehearsal } from "#store/rehearsal/rehearsals.ts";

/** Where rehearsals are listed. */
export const PATH = "/console/rehearsals";

/** The page of one rehearsal. */
export function rehearsalPath(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** The page of one ticket of a rehearsal. Ids of sources may hold any sign, so it is part of the query. */
export function ticketPath(id: string, ticketId: string): string {
  return addressWith(`${rehearsalPath(id)}/ticket`, { id: ticketId });
}

/** What stands on top of everything that rehearsal rules played. */
export const NO_AI =
  "Replayed with the rehearsal rules, which are no AI: a fixed program that answers by patterns. The figures show how this page works, not how well a model would answer.";

/** "zendesk", or "file past.jsonl": folders of the machine say nothing to a lead. */
export function sourceText(source: string): string {
  return source.replace(/^(\w+) .*[/\\](?=[^/\\]+$)/, "$1 ");
}

/** How a draft would have gone out, in words. */
export const ROUTES: Readonly<Record<RehearsedRoute, string>> = {
  alone: "alone",
  with_person: "with a person",
  not_at_all: "not at all",
};

/** The machine's judgement in a word. */
export const AGREEMENTS: Readonly<Record<Agreement, string>> = {
  wrong: "wrong",
  differs: "differs",
  unknown: "cannot be told",
  same: "the same",
};

/** What a teammate said about a disagreement. */
export const VERDICTS: Readonly<Record<PersonVerdict["right"], string>> = {
  draft: "Deskhand was right",
  person: "The teammate was right",
  both: "Both are fine",
  neither: "Neither was right",
};

/** "35 to 49 %": where the true share lies, in 95 of 100 cases. */
function intervalText({ low, high }: Pick<Share, "low" | "high">): string {
  return `${Math.floor(100 * low)} to ${Math.ceil(100 * high)} %`;
}

/** "230 ms", "4.2 s", "12 min", "3.5 h", "2.1 days"; a dash where it is not known. */
export function timeText(ms: number | null): string {
  return ms === null ? "–" : durationText(ms);
}

// Drawn.

const LINE = { width: 100, height: 8 };

/** The verdict in words, with the bar that shows it. So many `disagreements` the list below shows first. */
export function verdictView(
  summary: RehearsalSummary,
  { isRehearsalModel }: Pick<Rehearsal, "isRehearsalModel">,
  disagreements: number,
): Html {
  const [first = "", ...rest] = summarySentences(summary);
  const doubts = summaryDoubts(summary);
  return html`${isRehearsalModel && html`<p class="notice warn" id="no-ai">${NO_AI}</p>`}
    <section class="box stack" id="verdict" aria-label="What it came to">
      <p class="headline">${first}</p>
      ${rest.map((sentence) => html`<p>${sentence}</p>`)}${routeBar(summary.overall)}
      ${
        disagreements !== 0 &&
        html`<p>${link("#tickets", `See the ${counted(disagreements, "disagreement")}`)}</p>`
      }
      ${doubts.length > 0 && soft(doubts.join(" "))}
    </section>`;
}

const PARTS = [
  ["alone", "alone", "part-alone"],
  ["with a person", "withPerson", "part-person"],
  ["not at all", "notAtAll", "part-none"],
] as const;

function routeBar(figures: RehearsalFigures): HtmlValue {
  if (figures.tickets === 0) return null;
  const parts = PARTS.map(([name, key, className]) => ({ name, className, share: figures[key] }));
  const said = parts.map(({ name, share }) => `${name} ${shareText(share)}`).join(", ");
  let x = 0;
  const bars = parts.map(({ className, share }) => {
    const width = (LINE.width * share.count) / figures.tickets;
    x += width;
    return { x: x - width, y: 0, width, height: LINE.height, className };
  });
  return html`${drawing("route-bar", LINE, bars, said)}
    <ul class="legend">
      ${parts.map(
        ({ name, className, share }) =>
          html`<li>
            ${drawing("key", KEY, [{ x: 0, y: 0, ...KEY, className }])}
            <b>${shareText(share)}</b> ${name}
            ${aside(`${share.count} of ${share.of}, ${intervalText(share)}`)}
          </li>`,
      )}
    </ul>`;
}

const KEY = { width: 10, height: 10 };

/** The figures beside the shares. */
export function figuresView({ overall }: RehearsalSummary): Html {
  const { wrongActions, wrongAlone, same, wrong, moneyAtRisk, moneyAtRiskAlone } = overall;
  const badIf = (isBad: boolean): "bad" | "" => (isBad ? "bad" : "");
  const tiles: readonly (readonly [string, string, string, ("bad" | "")?])[] = [
    [
      "Wrong actions",
      String(wrongActions.count),
      ofAll(wrongActions),
      badIf(wrongActions.count > 0),
    ],
    [
      "Wrong and alone",
      String(wrongAlone.count),
      `${ofAll(wrongAlone)}, no person would have seen it first`,
      badIf(wrongAlone.count > 0),
    ],
    [
      "Money at risk",
      moneyText(moneyAtRisk),
      `${moneyText(moneyAtRiskAlone)} of it alone; sum of what people did not give`,
      badIf(moneyAtRisk.length > 0),
    ],
    ["Same as people", shareText(same), `${ofAll(same)}; wrong: ${wrong.count}`],
    [
      "Median time to answer",
      timeText(overall.draftedAfterMs),
      `people took ${timeText(overall.answeredAfterMs)}`,
    ],
    [
      "Cost per ticket",
      costText(overall.costPerTicketUsd),
      `${costText(overall.costUsd)} for all of it, without the shop and people's time`,
    ],
  ];
  return html`<section class="figures thirds" aria-label="Figures">
    ${tiles.map(([name, value, about, kind = ""]) => tile(html`<span>${name}</span>`, value, about, kind))}
  </section>`;
}

function ofAll(share: Share): string {
  return `${share.count} of ${share.of}, 95 % interval ${intervalText(share)}`;
}

/** Every topic with its shares and intervals. `topicLink` makes the address of a topic's tickets. */
export function topicsView(
  { byTopic }: RehearsalSummary,
  topicLink: (topic: string) => string,
): HtmlValue {
  if (byTopic.length === 0) return null;
  return section(
    "topics",
    "By topic",
    html`${soft("Beside a share stands its 95 % interval: with many more tickets like these, the share would most likely lie there. Few tickets say little.")}
    ${table(
      ["Topic", "Tickets", "Could go alone", "Differs or wrong", "Wrong actions", "Money at risk"],
      byTopic.map(({ topic, figures }) => topicCells(topic, figures, topicLink(topic))),
    )}`,
  );
}

/** What a topic came to; a narrow window has no head above the cells, so they say what they count. */
function topicCells(
  topic: string,
  { tickets, alone, same, wrongActions, moneyAtRisk }: RehearsalFigures,
  href: string,
): readonly Cell[] {
  const { count, of, low, high } = same;
  const other: Share = { count: of - count, of, low: 1 - high, high: 1 - low };
  return [
    { names: link(href, topicName(topic)) },
    number(html`${tickets}${onlySmall(" tickets")}`),
    number(withInterval("could go alone", alone)),
    number(withInterval("differs or wrong", other)),
    number(withInterval("wrong actions", wrongActions)),
    number(html`${moneyText(moneyAtRisk)}${onlySmall(" at risk")}`),
  ];
}

function onlySmall(words: string): Html {
  return html`<span class="only-small">${words}</span>`;
}

/** A share with its interval, and the words that a narrow window needs. */
function withInterval(what: string, share: Share): Html {
  return share.of === 0
    ? aside(html`–${onlySmall(` ${what}`)}`)
    : html`<b>${shareText(share)}</b> ${aside(intervalText(share))}${onlySmall(` ${what}`)}`;
}

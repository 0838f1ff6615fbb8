/** What a rehearsal came to, drawn: the sentence on top, the shares as one bar, the figures, and every topic. */
import type { RehearsalFigures, RehearsalSummary, Share } from "#core/values/rehearsal.ts";
import { costText } from "#server/console/case/trace.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import {
  summarySentences,
  intervalText,
  moneyText,
  NO_AI,
  shareText,
  timeText,
  topicName,
} from "./words.ts";
import { counted } from "#core/values/words.ts";

/** With fewer tickets than this, a share says little. */
const FEW = 10;
const WIDTH = 100;

/** The verdict in words, with the bar that shows it. */
export function verdictView(
  summary: RehearsalSummary,
  {
    isRehearsalModel,
    disagreements,
  }: {
    readonly isRehearsalModel: boolean;
    /** How many tickets the list below shows first. */
    readonly disagreements: number;
  },
): Html {
  const [first = "", ...rest] = summarySentences(summary);
  return html`${isRehearsalModel && html`<p class="notice warn" id="no-ai">${NO_AI}</p>`}
    <section class="box stack" id="verdict" aria-label="What it came to">
      <p class="headline">${first}</p>
      ${rest.map((sentence) => html`<p>${sentence}</p>`)}${routeBar(summary.overall)}
      ${
        disagreements !== 0 &&
        html`<p><a href="#tickets">See the ${counted(disagreements, "disagreement")}</a></p>`
      }
      ${doubts(summary)}
    </section>`;
}

/** What the figures rest on, where it is less than it should be. */
function doubts({ accountDataToday, identityAssumed }: RehearsalSummary): HtmlValue {
  const lines = [
    accountDataToday === 0
      ? ""
      : `${counted(accountDataToday, "ticket")} read account data as it is today, since the shop cannot tell how it was.`,
    identityAssumed === 0
      ? ""
      : `For ${counted(identityAssumed, "ticket")} it is only assumed who wrote.`,
  ].filter((line) => line !== "");
  return lines.length === 0 ? null : html`<p class="soft">${lines.join(" ")}</p>`;
}

const PARTS = [
  ["alone", "alone", "part-alone"],
  ["with a person", "withPerson", "part-person"],
  ["not at all", "notAtAll", "part-none"],
] as const;

function routeBar(figures: RehearsalFigures): HtmlValue {
  if (figures.tickets === 0) return null;
  const parts = PARTS.map(([name, key, className]) => ({ name, className, share: figures[key] }));
  const widths = parts.map(({ share }) => (WIDTH * share.count) / figures.tickets);
  const said = parts.map(({ name, share }) => `${name} ${shareText(share)}`).join(", ");
  return html`<svg
      class="route-bar"
      viewBox="0 0 ${WIDTH} 8"
      preserveAspectRatio="none"
      role="img"
      aria-label="${said}"
    >
      ${parts.map(
        ({ className }, index) =>
          html`<rect
            class="${className}"
            x="${widths
              .slice(0, index)
              .reduce((sum, width) => sum + width, 0)
              .toFixed(2)}"
            y="0"
            width="${(widths[index] ?? 0).toFixed(2)}"
            height="8"
          />`,
      )}
    </svg>
    <ul class="legend">
      ${parts.map(
        ({ name, className, share }) =>
          html`<li>
            <svg class="key" viewBox="0 0 10 10" aria-hidden="true">
              <rect class="${className}" x="0" y="0" width="10" height="10" />
            </svg>
            <b>${shareText(share)}</b> ${name}
            <span class="soft">${share.count} of ${share.of}, ${intervalText(share)}</span>
          </li>`,
      )}
    </ul>`;
}

/** The figures beside the shares. */
export function figuresView({ overall }: RehearsalSummary): Html {
  const { wrongActions, wrongAlone, same, wrong } = overall;
  return html`<section class="figures thirds" aria-label="Figures">
    ${tile("Wrong actions", String(wrongActions.count), ofAll(wrongActions), wrongActions.count > 0)}
    ${tile(
      "Wrong and alone",
      String(wrongAlone.count),
      `${ofAll(wrongAlone)}, no person would have seen it first`,
      wrongAlone.count > 0,
    )}
    ${tile(
      "Money at risk",
      moneyText(overall.moneyAtRisk),
      `${moneyText(overall.moneyAtRiskAlone)} of it alone; sum of what people did not give`,
      overall.moneyAtRisk.length > 0,
    )}
    ${tile("Same as people", shareText(same), `${ofAll(same)}; wrong: ${wrong.count}`, false)}
    ${tile(
      "Time to answer",
      `${timeText(overall.draftedAfterMs)}`,
      `now; people took ${timeText(overall.answeredAfterMs)}. Half of the tickets were faster`,
      false,
    )}
    ${tile(
      "Cost per ticket",
      costText(overall.costPerTicketUsd),
      `${costText(overall.costUsd)} for all of it, without the shop and people's time`,
      false,
    )}
  </section>`;
}

function ofAll(share: Share): string {
  return `${share.count} of ${share.of}, 95 % interval ${intervalText(share)}`;
}

function tile(name: string, value: string, about: string, isBad: boolean): Html {
  return html`<div class="box figure">
    <span>${name}</span><b class="${isBad ? "bad" : ""}">${value}</b
    ><span class="soft">${about}</span>
  </div>`;
}

/** Every topic with its shares and intervals. `linkOf` makes the address of a topic's tickets; null for none. */
export function topicsView(
  { byTopic }: RehearsalSummary,
  linkOf: (topic: string) => string | null,
): HtmlValue {
  if (byTopic.length === 0) return null;
  const many = byTopic.filter(({ figures }) => figures.tickets >= FEW);
  const few = byTopic.filter(({ figures }) => figures.tickets < FEW);
  return html`<section class="box stack" id="topics">
    <h2>By topic</h2>
    <p class="soft">
      The line beside a share is its 95 % interval: with many more tickets like these, the share
      would most likely lie there.
    </p>
    ${many.length > 0 && topicTable(many, linkOf)}
    ${
      few.length > 0 &&
      html`<details>
        <summary>
          ${counted(few.length, "topic")} with fewer than ${FEW} tickets: too few to say
        </summary>
        ${topicTable(few, linkOf)}
      </details>`
    }
  </section>`;
}

function topicTable(
  topics: RehearsalSummary["byTopic"],
  linkOf: (topic: string) => string | null,
): Html {
  return html`<table class="cards topics">
    <thead>
      <tr>
        <th scope="col">Topic</th>
        <th scope="col">Tickets</th>
        <th scope="col">Could go alone</th>
        <th scope="col">Differs or wrong</th>
        <th scope="col">Wrong actions</th>
        <th scope="col">Money at risk</th>
      </tr>
    </thead>
    <tbody>
      ${topics.map(({ topic, figures }) => topicRow(topic, figures, linkOf(topic)))}
    </tbody>
  </table>`;
}

function topicRow(topic: string, figures: RehearsalFigures, link: string | null): Html {
  const { tickets, alone, same, wrongActions, moneyAtRisk } = figures;
  const other: Share = {
    count: same.of - same.count,
    of: same.of,
    low: 1 - same.high,
    high: 1 - same.low,
  };
  const name = topicName(topic);
  return html`<tr>
    <th scope="row">${link === null ? name : html`<a href="${link}">${name}</a>`}</th>
    <td class="number">${tickets}<span class="only-small"> tickets</span></td>
    <td class="number">${withInterval("could go alone", alone)}</td>
    <td class="number">${withInterval("differs or wrong", other)}</td>
    <td class="number">${withInterval("wrong actions", wrongActions)}</td>
    <td class="number">${moneyText(moneyAtRisk)}<span class="only-small"> at risk</span></td>
  </tr>`;
}

/** A share with the line of its interval, and the words that a narrow window needs. */
function withInterval(what: string, share: Share): Html {
  if (share.of === 0)
    return html`<span class="soft">–<span class="only-small"> ${what}</span></span>`;
  const [from, to] = [WIDTH * share.low, WIDTH * share.high];
  return html`<span class="with-interval"
    ><b>${shareText(share)}</b
    ><svg
      class="interval${share.of < FEW ? " few" : ""}"
      viewBox="0 0 ${WIDTH} 10"
      preserveAspectRatio="none"
      role="img"
      aria-label="${intervalText(share)}"
    >
      <rect class="ground" x="0" y="4" width="${WIDTH}" height="2" />
      <rect
        class="range"
        x="${from.toFixed(1)}"
        y="2"
        width="${Math.max(1, to - from).toFixed(1)}"
        height="6"
      />
      <rect
        class="point"
        x="${((98 * share.count) / share.of).toFixed(1)}"
        y="0"
        width="2"
        height="10"
      /></svg
    ><span class="soft">${intervalText(share)}</span><span class="only-small">${what}</span></span
  >`;
}

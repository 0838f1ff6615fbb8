/** What customers asked and the help pages did not answer, each with the way to a page about it. */
import type { Request } from "express";
import { z } from "zod";
import { momentText } from "#core/values/moment.ts";
import { gapGroups, type GapGroup } from "#jobs/gaps/list-gaps.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { tabs, type PageContent, type Visit } from "#server/console/frame.ts";
import { asked, type Desk } from "#server/console/visit.ts";
import { GAPS_PATH, knowledgeTabs, PATH } from "./words.ts";
import { counted } from "#core/values/words.ts";

const Days = z.enum(["7", "30", "90"]).catch("30");
/** More groups than a lead writes pages about; the command lists all. */
const GROUPS_MAX = 50;

/** Groups of questions that ask the same, those with the most questions first. */
export async function gapsPage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const days = Days.parse(asked(request, "days"));
  const groups = await gapGroups(parts.store, { now: visit.now, days: Number(days) });
  const shown = groups.slice(0, GROUPS_MAX);
  return {
    place: PATH,
    title: "What is missing",
    tools: html`${knowledgeTabs(GAPS_PATH)}
      ${tabs(
        "How far back",
        Days.unwrap().options.map((one) => ({
          href: addressWith(GAPS_PATH, { days: one }),
          name: `${one} days`,
          isHere: one === days,
        })),
      )}
      <p class="soft">
        Questions that no page answered, whose answer a teammate corrected, or that came back.
        Names, addresses and numbers are left out.
      </p>`,
    body:
      groups.length === 0
        ? html`<p class="box soft" id="none">
            No question of the last ${days} days shows that anything is missing.
          </p>`
        : html`<ol class="cases" id="gaps" aria-label="What is missing">
              ${shown.map((group) => row(group, visit))}
            </ol>
            ${
              groups.length > shown.length
                ? html`<p class="soft">
                    And ${groups.length - shown.length} more:
                    <code>deskhand knowledge gaps --json</code>
                  </p>`
                : ""
            }`,
  };
}

function row(group: GapGroup, visit: Visit): Html {
  const { id, title, count, example, reasons, channels, pages, newestAt } = group;
  const about = [
    ...(reasons.unanswered > 0 ? [`${reasons.unanswered} without an answer`] : []),
    ...(reasons.corrected > 0 ? [`${reasons.corrected} corrected`] : []),
    ...(reasons.reopened > 0 ? [`${reasons.reopened} reopened`] : []),
    channels.join(", "),
    `last ${momentText(newestAt, visit.zone, visit.now)}`,
    ...(pages.length === 0 ? [] : [`cited: ${pages.join(", ")}`]),
  ];
  return html`<li class="case-row">
    <b class="words">${title}</b><span class="money">${counted(count, "question")}</span
    ><span class="excerpt" dir="auto">“${example}”</span
    ><span class="meta">${about.join(" · ")}</span
    ><span class="badges"
      >${
        visit.role === "lead"
          ? html`<a class="button" href="${addressWith(`${PATH}/new`, { gap: id })}"
              >Write this page</a
            >`
          : ""
      }</span
    >
  </li>`;
}

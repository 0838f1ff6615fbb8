/**
 * Room: the console's pages about help pages.
 * In: browser requests of teammates; texts and switches of leads.
 * Out: lists, one page with its history, what a question finds; versions of written pages, entries of the audit.
 * May touch: the database, and the search of help pages.
 * This file: the addresses.
 */

import type { Router, Request } from "express";
import { z } from "zod";
import { momentText } from "#core/values/moment.ts";
import { counted } from "#core/values/words.ts";
import { gapGroups, type GapGroup } from "#jobs/gaps/list-gaps.ts";
import { tabs, type PageContent, type Visit } from "#server/console/frame.ts";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import { type Desk, asked, named } from "#server/console/visit.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { leftOutBy, listedSources, type ListedSource } from "#store/console/help-pages.ts";
import { addKnowledgeChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { knowledgePage } from "./list.ts";
import { helpPage } from "./page.ts";
import { searchPage } from "./search.ts";
import { GAPS_PATH, knowledgeTabs, PATH, kindWords, sourceName } from "./words.ts";

/** Adds the list, the page of one help page, its form, the search, and what their buttons send. */
export function addKnowledgePages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/knowledge": knowledgePage,
    "/knowledge/search": searchPage,
    "/knowledge/gaps": gapsPage,
    "/knowledge/new": newPage,
    "/knowledge/source/:name": sourcePage,
    "/knowledge/page/:slug": helpPage,
    "/knowledge/page/:slug/edit": editPage,
  });
  addKnowledgeChanges(router, desk, ownPage);
}

// What customers asked and the help pages did not answer, each with the way to a page about it.

const Days = z.enum(["7", "30", "90"]).catch("30");
/** More groups than a lead writes pages about; the command lists all. */
const GROUPS_MAX = 50;

/** Groups of questions that ask the same, those with the most questions first. */
async function gapsPage(
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

// The page of one source: how its last reading went, and every file that was left out with its reason.

/** Rows of one page; the command lists the rest. */
const SHOWN_MAX = 300;

/** Null where no source has this name. */
async function sourcePage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const name = named(request, "name");
  const { source, leftOut } = await parts.store.run(async (transaction) => ({
    source: (await listedSources(transaction)).find((one) => one.name === name) ?? null,
    leftOut: await leftOutBy(transaction, name),
  }));
  if (source === null) return null;
  return {
    place: PATH,
    title: sourceName(name),
    tools: html`<p class="row">
      <a href="${PATH}">All help pages</a
      ><a class="button" href="${addressWith(PATH, { source: name })}"
        >Its ${counted(source.pages, "page")}</a
      >
    </p>`,
    body: html`${factsView(source, visit)}${leftOutView(source, leftOut)}`,
  };
}

function factsView(source: ListedSource, { zone, now }: Visit): Html {
  const { location, addedBy, readAt, problem, kind, off } = source;
  const facts: readonly (readonly [string, string])[] = [
    ["Kind", kindWords(source)],
    ["Read from", location ?? ""],
    ["Added by", addedBy ?? ""],
    [
      "Last read",
      readAt === null ? (kind === null ? "" : "not yet") : momentText(readAt, zone, now),
    ],
    ["Switched off", off === 0 ? "" : counted(off, "page")],
  ];
  const known = facts.filter(([, value]) => value !== "");
  return html`${problem === "" ? "" : html`<p class="notice problem">${problem}</p>`}${
    known.length === 0
      ? ""
      : html`<section class="box" aria-label="About this source">
          <dl class="facts-list">
            ${known.map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd class="words">${value}</dd>`,
            )}
          </dl>
        </section>`
  }`;
}

function leftOutView(
  { name, leftOut: count, kind }: ListedSource,
  rows: Awaited<ReturnType<typeof leftOutBy>>,
): Html {
  if (kind === null) return html``;
  if (rows.length === 0) return html`<p class="box soft" id="left-out">Nothing was left out.</p>`;
  const shown = rows.slice(0, SHOWN_MAX);
  return html`<section class="box stack" aria-labelledby="left-out">
    <h2 id="left-out" tabindex="-1">${counted(count, "file")} left out</h2>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">File or address</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ id, reason }) =>
            html`<tr>
              <td>${id}</td>
              <td>${reason}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      count > shown.length
        ? html`<p class="soft">
            And ${count - shown.length} more: <code>deskhand knowledge list ${name}</code>
          </p>`
        : ""
    }
  </section>`;
}

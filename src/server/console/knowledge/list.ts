/** The list of help pages with their sources: what answers may cite, what is hidden, and what could not be read. */
import type { Request } from "express";
import { z } from "zod";
import { dayText, momentText } from "#core/values/moment.ts";
import {
  listedPages,
  listedSources,
  pageLanguages,
  type ListedPage,
  type ListedSource,
  type PageFilter,
} from "#store/console/help-pages.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { asked, type Desk } from "#server/console/visit.ts";
import {
  kindWords,
  knowledgeTabs,
  pageBadges,
  PATH,
  pathOf,
  READ_ONLY,
  sourceName,
  sourcePath,
  today,
} from "./words.ts";
import { counted } from "#core/values/words.ts";

const State = z.enum(["", "found", "off", "doubt", "past", "future"]).catch("");

/** All sources, and the pages that fit the filters. */
export async function knowledgePage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const filter: PageFilter = {
    words: asked(request, "q").trim().slice(0, 200),
    source: asked(request, "source"),
    language: asked(request, "language"),
    audience: asked(request, "audience"),
    state: State.parse(asked(request, "state")),
    today: today(visit),
    after: asked(request, "after"),
  };
  const { sources, languages, listed } = await parts.store.run(async (transaction) => ({
    sources: await listedSources(transaction),
    languages: await pageLanguages(transaction),
    listed: await listedPages(transaction, filter),
  }));
  return {
    place: PATH,
    title: "Help pages",
    tools: html`<div class="row">
        ${knowledgeTabs(PATH)}${
          visit.role === "lead"
            ? html`<a class="button" href="${PATH}/new">Write a page</a>`
            : READ_ONLY
        }
      </div>
      <p class="soft">What answers may cite. A page that is switched off is never found.</p>`,
    body: html`${sourcesView(sources, visit)}${filterForm(filter, sources, languages)}
    ${pageList(filter, listed, visit)}`,
  };
}

/** Open where something needs a look, since most visits are about pages. */
function sourcesView(sources: readonly ListedSource[], visit: Visit): Html {
  if (sources.length === 0)
    return html`<p class="box soft">
      There is no page yet. Write one, or add a help centre:
      <code>deskhand knowledge add https://help.example.com/</code>
    </p>`;
  const troubled = sources.filter(({ problem }) => problem !== "").length;
  const leftOut = sources.reduce((sum, source) => sum + source.leftOut, 0);
  return html`<details class="box" id="sources" ${troubled > 0 ? html`open=""` : ""}>
    <summary>
      <b>${counted(sources.length, "source")}</b>${
        troubled === 0 ? "" : html` · <span class="bad">${troubled} with a problem</span>`
      }${leftOut === 0 ? "" : ` · ${counted(leftOut, "file")} left out`}
    </summary>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">Pages</th>
          <th scope="col">Last reading</th>
          <th scope="col">Left out</th>
        </tr>
      </thead>
      <tbody>
        ${sources.map((source) => sourceRow(source, visit))}
      </tbody>
    </table>
  </details>`;
}

function sourceRow(source: ListedSource, { zone, now }: Visit): Html {
  const { name, pages, off, location, readAt, leftOut, problem, kind } = source;
  const about = [kindWords(source), location ?? ""].filter((part) => part !== "").join(" · ");
  return html`<tr>
    <td>
      <a href="${sourcePath(name)}">${sourceName(name)}</a>${
        about === "" ? "" : html`<br /><span class="soft">${about}</span>`
      }${problem === "" ? "" : html`<br /><span class="bad">${problem}</span>`}
    </td>
    <td class="number">
      ${counted(pages, "page")}${off === 0 ? "" : html`<br /><span class="soft">${off} switched off</span>`}
    </td>
    <td class="number">
      ${readAt === null ? (kind === null ? "" : "not read yet") : `read ${momentText(readAt, zone, now)}`}
    </td>
    <td class="number">
      ${
        leftOut === 0
          ? ""
          : html`<a href="${sourcePath(name)}#left-out">${counted(leftOut, "file")} left out</a>`
      }
    </td>
  </tr>`;
}

function filterForm(
  filter: PageFilter,
  sources: readonly ListedSource[],
  languages: readonly string[],
): Html {
  return html`<form class="filters" method="get" action="${PATH}" data-filters="" role="search">
    <label class="grow"
      >Words of the title or the text<input
        type="search"
        name="q"
        value="${filter.words}"
        maxlength="200"
        autocomplete="off"
    /></label>
    ${choice("source", "Source", filter.source, [
      ["", "all"],
      ...sources.map(({ name }) => [name, sourceName(name)] as const),
    ])}
    ${
      languages.length === 0
        ? ""
        : choice("language", "Language", filter.language, [
            ["", "all"],
            ...languages.map((language) => [language, language] as const),
          ])
    }
    ${choice("audience", "For", filter.audience, [
      ["", "everybody"],
      ["customers", "customers"],
      ["team", "the team only"],
    ])}
    ${choice("state", "State", filter.state, [
      ["", "all"],
      ["found", "found by questions"],
      ["off", "switched off"],
      ["doubt", "held back or in doubt"],
      ["past", "ended"],
      ["future", "not begun"],
    ])}
    <button type="submit">Show</button>
  </form>`;
}

function choice(
  name: string,
  label: string,
  chosen: string,
  options: readonly (readonly [value: string, words: string])[],
): Html {
  return html`<label
    >${label}<select name="${name}">
      ${options.map(
        ([value, words]) =>
          html`<option value="${value}" ${value === chosen ? html`selected=""` : ""}>
            ${words}
          </option>`,
      )}
    </select></label
  >`;
}

function pageList(
  filter: PageFilter,
  { pages, count, more }: Awaited<ReturnType<typeof listedPages>>,
  visit: Visit,
): HtmlValue {
  if (pages.length === 0)
    return html`<p class="box soft" id="none">No page fits. <a href="${PATH}">Show all</a></p>`;
  const { words: q, source, language, audience, state, after } = filter;
  const here = { q, source, language, audience, state };
  return html`<p class="soft" id="count">${counted(count, "page")}</p>
    <ol class="cases" id="pages" aria-label="Help pages">
      ${pages.map((page) => pageRow(page, visit))}
    </ol>
    ${pager({
      first: after === "" ? null : addressWith(PATH, here),
      next: more ? addressWith(PATH, { ...here, after: pages.at(-1)?.slug ?? "" }) : null,
    })}`;
}

function pageRow(page: ListedPage, visit: Visit): Html {
  const { slug, title, source, language, updated, owner } = page;
  const about = [
    sourceName(source),
    language,
    `changed ${dayText(updated, visit.now)}`,
    owner,
  ].filter((part) => part !== "");
  return html`<li class="case-row">
    <a class="what" href="${pathOf(slug)}">${title}</a
    ><span class="badges-beside">${pageBadges(page, visit)}</span
    ><span class="meta">${about.join(" · ")}</span>
  </li>`;
}

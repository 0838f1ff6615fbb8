/** The list of help pages with their sources: what answers may cite, what is hidden, and what could not be read. */

import { z } from "zod";
import { dayText, utcDay } from "#core/values/moment.ts";
import { counted } from "#core/values/words.ts";
import {
  choice,
  dataForm,
  field,
  filterForm,
  type Option,
  sendButton,
} from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import {
  andMore,
  aside,
  badge,
  dotted,
  facts,
  fold,
  link,
  listView,
  none,
  number,
  pager,
  row,
  rowView,
  section,
  soft,
  table,
  tabs,
} from "#server/console/parts.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import {
  leftOutBy,
  listedPages,
  listedSources,
  pageLanguages,
  type ListedPage,
  type ListedSource,
  type PageFilter,
} from "#store/console/help-pages.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import type { Visit } from "#server/console/session.ts";

const Reading = z.strictObject({ agreed: z.boolean() });

/** The list, and the page of one source with what its buttons send. */
export const KNOWLEDGE: Subject = {
  place: "/console/knowledge",
  pages: {
    "/knowledge": knowledgePage,
    "/knowledge/source/:name": sourceDetails,
  },
  presses: {
    "/knowledge/source/:name/read": sends(Reading, ({ options, named }, { agreed }) =>
      options.pages.readAgain(named("name"), agreed),
    ),
    "/knowledge/source/:name/remove": async ({ options, named }) => {
      await options.pages.removeSource(named("name"));
      return { address: PATH };
    },
  },
  leadsOnly: "only a lead can change sources of help pages",
};

/** Where help pages are listed. */
export const PATH = KNOWLEDGE.place;
/** Where a lead tries a question. */
export const SEARCH_PATH = `${PATH}/search`;
/** What customers asked and no page answered. */
export const GAPS_PATH = `${PATH}/gaps`;
/** What a lead should mend in the pages. */
export const CHECKS_PATH = `${PATH}/checks`;

/** The page about one help page. */
export function helpPagePath(slug: string): string {
  return `${PATH}/page/${encodeURIComponent(slug)}`;
}

/** The page about one source. */
export function sourcePath(name: string): string {
  return `${PATH}/source/${encodeURIComponent(name)}`;
}

/** The places of help pages, as tabs. */
export function knowledgeTabs(here: string): Html {
  const places = [
    { href: PATH, name: "Pages" },
    { href: SEARCH_PATH, name: "Try a question" },
    { href: GAPS_PATH, name: "What is missing" },
    { href: CHECKS_PATH, name: "Checks" },
  ];
  return tabs("Help pages", places, here);
}

/** What a source is called for people. */
export function sourceName(name: string): string {
  if (name === WRITTEN) return "Written here";
  return name === "file" ? "Built-in pages" : name;
}

const KINDS: Readonly<Record<string, string>> = {
  folder: "folder",
  site: "site",
  "zendesk-guide": "Zendesk help centre",
};

/** What kind of place a source is, in a word. */
function kindWords({ name, kind }: Pick<ListedSource, "name" | "kind">): string {
  if (kind !== null) return KINDS[kind] ?? kind;
  return name === WRITTEN || name === "file" ? "" : "connected";
}

/** Why a page is not found, or not by everybody, each as a badge. */
export function pageBadges(page: ListedPage, visit: Visit): readonly HtmlValue[] {
  const { isOff, isWithheld, isDoubted, audience, validFrom, validUntil, brands } = page;
  const day = utcDay(visit.now);
  const warnings = [
    isOff ? "switched off" : "",
    isWithheld ? "held back" : "",
    isDoubted ? "in doubt" : "",
    validUntil !== null && validUntil < day ? `ended ${dayText(validUntil, visit.now)}` : "",
    validFrom !== null && validFrom > day ? `begins ${dayText(validFrom, visit.now)}` : "",
  ].filter((words) => words !== "");
  const marks = audience === "team" ? ["team only", ...brands] : brands;
  return [...warnings.map((words) => badge(words, "warn")), ...marks.map((words) => badge(words))];
}

/** What a page of the knowledge says to a teammate who may only read. */
export const READ_ONLY = aside("A lead can write and switch pages.");

const State = z.enum(["", "found", "off", "doubt", "past", "future"]).catch("");

/** All sources, and the pages that fit the filters. */
async function knowledgePage(visit: Visit): Promise<PageContent> {
  const filter: PageFilter = {
    words: visit.asked("q").trim().slice(0, 200),
    source: visit.asked("source"),
    language: visit.asked("language"),
    audience: visit.asked("audience"),
    state: State.parse(visit.asked("state")),
    today: utcDay(visit.now),
    after: visit.asked("after"),
  };
  const { sources, languages, listed } = await visit.run(async (transaction) => ({
    sources: await listedSources(transaction),
    languages: await pageLanguages(transaction),
    listed: await listedPages(transaction, filter),
  }));
  return {
    title: "Help pages",
    tools: html`${row(
      knowledgeTabs(PATH),
      visit.isLead ? link(`${PATH}/new`, "Write a page", "button") : READ_ONLY,
    )}
    ${soft("What answers may cite. A page that is switched off is never found.")}`,
    body: html`${sourcesView(sources, visit)}${visit.isLead && fold("Upload a document", UPLOAD, { id: "upload", class: "box" })}${filters(filter, sources, languages)}
    ${pageList(filter, listed, visit)}`,
  };
}

const UPLOAD = dataForm(
  `${PATH}/upload`,
  { press: "Upload" },
  html`${field("file", "PDF, Word, Markdown, HTML or plain text, up to 5 MB", "", html`type="file" required="" accept=".pdf,.docx,.md,.html,.htm,.txt"`)}
  ${soft("It becomes a page that you can edit here. Questions find it at once.")}`,
);

/** Open where something needs a look, since most visits are about pages. */
function sourcesView(sources: readonly ListedSource[], visit: Visit): Html {
  if (sources.length === 0)
    return none(
      html`There is no page yet. Write one, or add a help centre:
        <code>deskhand knowledge add https://help.example.com/</code>`,
    );
  const troubled = sources.filter(({ problem }) => problem !== "").length;
  const leftOut = sources.reduce((sum, source) => sum + source.leftOut, 0);
  return fold(
    html`<b>${counted(sources.length, "source")}</b>${
        troubled !== 0 && html` · <span class="bad">${troubled} with a problem</span>`
      }${leftOut === 0 ? "" : ` · ${counted(leftOut, "file")} left out`}`,
    table(
      ["Source", "Pages", "Last reading", "Left out"],
      sources.map((source) => sourceCells(source, visit)),
    ),
    { id: "sources", class: "box", open: troubled > 0 },
  );
}

function sourceCells(source: ListedSource, { when }: Visit) {
  const { name, pages, off, location, readAt, leftOut, problem, kind } = source;
  const about = dotted([kindWords(source), location]);
  return [
    html`${link(sourcePath(name), sourceName(name))}${
      about !== "" && html`<br />${aside(about)}`
    }${problem !== "" && html`<br /><span class="bad">${problem}</span>`}`,
    number(
      html`${counted(pages, "page")}${off !== 0 && html`<br />${aside(`${off} switched off`)}`}`,
    ),
    number(readAt === null ? (kind === null ? "" : "not read yet") : `read ${when(readAt)}`),
    number(
      leftOut === 0
        ? ""
        : link(`${sourcePath(name)}#left-out`, `${counted(leftOut, "file")} left out`),
    ),
  ];
}

function filters(
  filter: PageFilter,
  sources: readonly ListedSource[],
  languages: readonly string[],
): Html {
  const all: Option = ["", "all"];
  const names = sources.map(({ name }): Option => [name, sourceName(name)]);
  const spoken = languages.map((one): Option => [one, one]);
  const typed = html`type="search" maxlength="200" autocomplete="off"`;
  return filterForm(
    PATH,
    html`${field("q", "Words of the title or the text", filter.words, typed, "grow")}
    ${choice("source", "Source", [all, ...names], filter.source)}
    ${spoken.length > 0 && choice("language", "Language", [all, ...spoken], filter.language)}
    ${choice("audience", "For", [["", "everybody"], ...AUDIENCES], filter.audience)}
    ${choice("state", "State", STATES, filter.state)}`,
    { isLive: true, isSearch: true },
  );
}

/** Whom a page may be for. */
export const AUDIENCES: readonly Option[] = [
  ["customers", "customers"],
  ["team", "the team only"],
];

const STATES: readonly Option[] = [
  ["", "all"],
  ["found", "found by questions"],
  ["off", "switched off"],
  ["doubt", "held back or in doubt"],
  ["past", "ended"],
  ["future", "not begun"],
];

function pageList(
  filter: PageFilter,
  { pages, count, more }: Awaited<ReturnType<typeof listedPages>>,
  visit: Visit,
): HtmlValue {
  if (pages.length === 0) return none(html`No page matches. ${link(PATH, "Show all")}`, "none");
  const { words: q, source, language, audience, state, after } = filter;
  return html`<p class="soft" id="count">${counted(count, "page")}</p>
    ${listView({ id: "pages", label: "Help pages", rows: pages.map((page) => pageRow(page, visit)) })}
    ${pager({
      path: PATH,
      query: { q, source, language, audience, state },
      isFirst: after === "",
      next: more ? { after: pages.at(-1)?.slug ?? "" } : null,
    })}`;
}

function pageRow(page: ListedPage, visit: Visit): Html {
  const { slug, title, source, language, updated, owner } = page;
  return rowView({
    href: helpPagePath(slug),
    what: title,
    marks: pageBadges(page, visit),
    about: dotted([sourceName(source), language, `changed ${dayText(updated, visit.now)}`, owner]),
  });
}

// The page of one source: how its last reading went, and every file that was left out with its reason.

/** Rows of one page: a source with more of them has another trouble than each of these. */
const SHOWN_MAX = 300;

/** Null where no source has this name. */
async function sourceDetails(visit: Visit): Promise<PageContent | null> {
  const name = visit.named("name");
  const { source, leftOut } = await visit.run(async (transaction) => ({
    source: (await listedSources(transaction)).find((one) => one.name === name) ?? null,
    leftOut: await leftOutBy(transaction, name),
  }));
  if (source === null) return null;
  return {
    title: sourceName(name),
    tools: row(
      link(PATH, "All help pages"),
      link(addressWith(PATH, { source: name }), `Its ${counted(source.pages, "page")}`, "button"),
    ),
    body: html`${sourceFacts(source, visit)}${sourceButtons(source, visit)}${leftOutView(source, leftOut)}`,
  };
}

function sourceFacts(source: ListedSource, { when }: Visit): Html {
  const { location, addedBy, readAt, problem, kind, off } = source;
  const pairs = [
    ["Kind", kindWords(source)],
    ["Read from", location],
    ["Added by", addedBy],
    ["Last read", readAt === null ? (kind === null ? "" : "not yet") : when(readAt)],
    ["Switched off", off === 0 ? "" : counted(off, "page")],
  ] as const;
  const isKnown = pairs.some(([, value]) => value !== null && value !== "");
  return html`${problem !== "" && html`<p class="notice problem">${problem}</p>`}${
    isKnown && html`<section class="box" aria-label="About this source">${facts(pairs)}</section>`
  }`;
}

/** Only what a lead added is read again and removed here. */
function sourceButtons({ name, problem, location }: ListedSource, { isLead }: Visit): HtmlValue {
  if (location === null || location === "" || !isLead) return null;
  const to = `${sourcePath(name)}/read`;
  return row(
    sendButton("Read it again", { to, body: { agreed: false } }),
    problem !== "" &&
      sendButton("Read it again, even if many pages disappear", {
        to,
        body: { agreed: true },
        asks: "Read it again, and remove the pages it no longer has, however many?",
      }),
    sendButton("Remove it", {
      to: `${sourcePath(name)}/remove`,
      asks: `Remove ${sourceName(name)} with all its pages? The files themselves stay.`,
    }),
  );
}

function leftOutView(
  { leftOut: count, kind }: ListedSource,
  rows: Awaited<ReturnType<typeof leftOutBy>>,
): HtmlValue {
  if (kind === null) return null;
  if (rows.length === 0) return none("Nothing was left out.", "left-out");
  const shown = rows.slice(0, SHOWN_MAX);
  return section(
    "left-out",
    `${counted(count, "file")} left out`,
    html`${table(
      ["File or address", "Why"],
      shown.map(({ id, reason }) => [id, reason]),
    )}
    ${andMore(count - shown.length)}`,
  );
}

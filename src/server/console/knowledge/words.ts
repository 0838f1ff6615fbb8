/** Addresses, words and marks that the pages about help pages share. */
import { dayText } from "#core/values/moment.ts";
import type { ListedPage, ListedSource } from "#store/console/help-pages.ts";
import { WRITTEN } from "#store/knowledge/written-pages.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { tabs, type Visit } from "#server/console/frame.ts";

/** Where help pages are listed. */
export const PATH = "/console/knowledge";
/** Where a lead tries a question. */
export const SEARCH_PATH = `${PATH}/search`;
/** What customers asked and no page answered. */
export const GAPS_PATH = `${PATH}/gaps`;

/** The page about one help page. */
export function pathOf(slug: string): string {
  return `${PATH}/page/${encodeURIComponent(slug)}`;
}

/** The page about one source. */
export function sourcePath(name: string): string {
  return `${PATH}/source/${encodeURIComponent(name)}`;
}

/** The places of help pages, as tabs. */
export function knowledgeTabs(here: string): Html {
  return tabs("Help pages", [
    { href: PATH, name: "Pages", isHere: here === PATH },
    { href: SEARCH_PATH, name: "Try a question", isHere: here === SEARCH_PATH },
    { href: GAPS_PATH, name: "What is missing", isHere: here === GAPS_PATH },
  ]);
}

/** What a source is called for people. */
export function sourceName(name: string): string {
  if (name === WRITTEN) return "Written here";
  return name === "file" ? "The program's own pages" : name;
}

const KINDS: Readonly<Record<string, string>> = {
  folder: "folder",
  site: "site",
  "zendesk-guide": "Zendesk help centre",
};

/** What kind of place a source is, in a word. */
export function kindWords({ name, kind }: Pick<ListedSource, "name" | "kind">): string {
  if (kind !== null) return KINDS[kind] ?? kind;
  return name === WRITTEN || name === "file" ? "" : "connected";
}

/** The day it is for everything that holds for days: UTC, as for pages. */
export function today({ now }: Visit): string {
  return now.toISOString().slice(0, 10);
}

/** Why a page is not found, or not by everybody, each as a badge. */
export function pageBadges(page: ListedPage, visit: Visit): readonly HtmlValue[] {
  const { isOff, isWithheld, isDoubted, audience, validFrom, validUntil, brands } = page;
  const day = today(visit);
  return [
    isOff ? html`<span class="badge warn">switched off</span>` : null,
    isWithheld ? html`<span class="badge warn">held back</span>` : null,
    isDoubted ? html`<span class="badge warn">in doubt</span>` : null,
    validUntil !== null && validUntil < day
      ? html`<span class="badge warn">ended ${dayText(validUntil, visit.now)}</span>`
      : null,
    validFrom !== null && validFrom > day
      ? html`<span class="badge warn">begins ${dayText(validFrom, visit.now)}</span>`
      : null,
    audience === "team" ? html`<span class="badge">team only</span>` : null,
    ...brands.map((brand) => html`<span class="badge">${brand}</span>`),
  ];
}

/** What a page of the knowledge says to a teammate who may only read. */
export const READ_ONLY = html`<span class="soft">A lead can write and switch pages.</span>`;

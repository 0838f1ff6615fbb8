/** The form in which a lead writes a help page, anew, as a copy of another source's, or as the next version. */
import type { Request } from "express";
import { z } from "zod";
import { gapGroups, pageDraft } from "#jobs/gaps/list-gaps.ts";
import { nameOfWritten, type PageText } from "#jobs/knowledge/pages.ts";
import { markdownOf, wholePage } from "#store/console/help-pages.ts";
import { writtenVersions } from "#store/knowledge/written-pages.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { PATH, pathOf, sourceName } from "./words.ts";
import { counted } from "#core/values/words.ts";

/** A page before anything of it is written. */
export const EMPTY: PageText = {
  title: "",
  url: "",
  body: "",
  language: "",
  brands: [],
  audience: "customers",
  validFrom: null,
  validUntil: null,
  labels: [],
  owner: "",
  note: "",
};

const TITLE_MAX = 200;
/** Questions are kept no longer, so that every link to a draft leads to it. */
const GAP_DAYS = 90;

const NOT_YOURS = html`<p class="box soft">Only a lead can write help pages.</p>`;

/** What a writer begins with, and what saving it does. */
interface Draft {
  readonly text: PageText;
  /** The page it becomes the next version of; empty for a new page. */
  readonly slug: string;
  /** The version the writer begins with; 0 for a new page. */
  readonly basis: number;
  /** The page of another source that is switched off when this one is saved; empty for none. */
  readonly replaces: string;
}

/** What a new page begins with, in words for its writer. */
interface Beginning {
  readonly text: PageText;
  readonly heading: string;
  readonly back: string;
  /** The page of another source that is switched off when this one is saved; empty for none. */
  readonly replaces: string;
  readonly notice: HtmlValue;
}

/** A new page: empty, a copy of another source's page, or the draft for questions that no page answered. */
export async function newPage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const copied = asked(request, "copy");
  const gap = asked(request, "gap");
  const beginning =
    copied !== ""
      ? await copyOf(desk, copied)
      : gap !== ""
        ? await draftFor(desk, visit, gap)
        : emptyPage(visit, asked(request, "title"));
  if (beginning === null) return null;
  const { text, heading, back, replaces, notice } = beginning;
  return {
    place: PATH,
    title: heading,
    isNarrow: true,
    tools: html`<p class="row"><a href="${back}">Back</a></p>
      ${notice === null ? "" : html`<p class="notice">${notice}</p>`}`,
    body: visit.role === "lead" ? form({ text, slug: "", basis: 0, replaces }) : NOT_YOURS,
  };
}

function emptyPage(visit: Visit, title: string): Beginning {
  const text = { ...EMPTY, title: title.slice(0, TITLE_MAX), owner: visit.email };
  return { text, heading: "A new help page", back: PATH, replaces: "", notice: null };
}

/** Null where no page has this name. */
async function copyOf({ options: { parts } }: Desk, slug: string): Promise<Beginning | null> {
  const whole = await parts.store.run((transaction) => wholePage(transaction, slug));
  if (whole === null) return null;
  const { page, passages } = whole;
  return {
    text: { ...EMPTY, ...page, body: markdownOf(passages), note: "" },
    heading: `A copy of “${page.title}”`,
    back: pathOf(slug),
    replaces: slug,
    notice: html`The page comes from ${sourceName(page.source)} and is not changed there. Saving
    switches it off here, so that answers cite your copy instead.`,
  };
}

/** Null where no question of the last days has this number. */
async function draftFor(
  { options: { parts } }: Desk,
  visit: Visit,
  gap: string,
): Promise<Beginning | null> {
  const id = z.coerce.number().int().min(1).safeParse(gap).data ?? null;
  const groups = await gapGroups(parts.store, { now: visit.now, days: GAP_DAYS });
  const group = groups.find(({ gaps }) => gaps.some((one) => one.id === id));
  if (group === undefined) return null;
  const { title, text } = await pageDraft(parts.store, group);
  return {
    text: { ...EMPTY, title: title.slice(0, TITLE_MAX), body: text, owner: visit.email },
    heading: "A new help page",
    back: PATH,
    replaces: "",
    notice: html`A draft from what teammates answered to ${counted(group.count, "question")}. Check
    every sentence: answers will cite it as it stands here.`,
  };
}

/** The next version of a page that was written here. Null for any other page. */
export async function editPage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const slug = named(request, "slug");
  const name = nameOfWritten(slug);
  if (name === null) return null;
  const [newest] = await parts.store.run((transaction) => writtenVersions(transaction, name));
  if (newest === undefined) return null;
  const text: PageText = { ...newest, note: "" };
  return {
    place: PATH,
    title: `Edit “${newest.title}”`,
    isNarrow: true,
    tools: html`<p class="row">
      <a href="${pathOf(slug)}">Back to the page</a
      ><span class="soft"
        >Saving makes version ${newest.version + 1}; questions find it at once.</span
      >
    </p>`,
    body:
      visit.role === "lead" ? form({ text, slug, basis: newest.version, replaces: "" }) : NOT_YOURS,
  };
}

/** The form of a page. The script sends it as data, so that it can only come from a page of ours. */
export function form({ text, slug, basis, replaces }: Draft): Html {
  const { title, body, note } = text;
  return html`<form
    class="box stack"
    id="write-page"
    data-form="${slug === "" ? `${PATH}/new` : `${pathOf(slug)}/edit`}"
    data-guarded=""
    autocomplete="off"
  >
    <input type="hidden" name="basis" value="${basis}" />
    <input type="hidden" name="replaces" value="${replaces}" />
    <label
      >Title, as customers would ask<input
        name="title"
        required=""
        maxlength="200"
        value="${title}"
    /></label>
    <label
      >Text, in Markdown: ## before a heading, - before a line of a list<textarea
        name="body"
        rows="18"
        required=""
        spellcheck="true"
        dir="auto"
      >
${`\n${body}`}</textarea>
    </label>
    ${attributeFields(text)}
    ${
      slug === ""
        ? html`<input type="hidden" name="note" value="${note}" />`
        : html`<label
            >What changed? (optional, for the team)<input
              name="note"
              maxlength="300"
              value="${note}"
          /></label>`
    }
    <p class="error" role="alert"></p>
    <div class="row">
      <button type="submit" class="main">Save</button
      ><a class="button" href="${slug === "" ? PATH : pathOf(slug)}">Cancel</a>
    </div>
  </form>`;
}

function attributeFields(text: PageText): Html {
  const { url, language, brands, audience, validFrom, validUntil, owner, labels } = text;
  return html`<fieldset class="stack">
    <legend>For whom, and how long</legend>
    <div class="filters">
      <label
        >For<select name="audience">
          <option value="customers" ${audience === "customers" ? html`selected=""` : ""}>
            customers
          </option>
          <option value="team" ${audience === "team" ? html`selected=""` : ""}>
            the team only
          </option>
        </select></label
      >
      ${field("language", "Language, as in en", language, html`maxlength="12"`)}
      ${field("brands", "Brands, with commas", brands.join(", "), html`maxlength="300"`)}
      ${field("validFrom", "Holds from", validFrom ?? "", html`type="date"`)}
      ${field("validUntil", "Holds until", validUntil ?? "", html`type="date"`)}
      ${field("owner", "Kept right by", owner, html`maxlength="120"`)}
    </div>
    ${field("labels", "Labels: other words customers use for it, in any language, with commas", labels.join(", "), html`maxlength="2000"`)}
    ${field("url", "Where customers can read it (optional, https)", url, html`type="url" maxlength="500" placeholder="https://"`)}
  </fieldset>`;
}

function field(name: string, label: string, value: string, more: HtmlValue): Html {
  return html`<label>${label}<input name="${name}" value="${value}" ${more} /></label>`;
}

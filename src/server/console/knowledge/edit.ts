/** Writing help pages, which leads may: the form, anew, as a copy of another source's, or as the next version; and what it sends. */

import { pageDraft, gapGroups } from "#jobs/gaps/list-gaps.ts";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { counted } from "#core/values/words.ts";
import {
  nameOfWritten,
  rewritePage,
  slugOfWritten,
  writePage,
  type PageText,
} from "#jobs/knowledge/pages.ts";
import { choice, dataForm, field, hidden, textArea } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import { aside, link, none, row } from "#server/console/parts.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { pageMarkdown, wholePage } from "#store/console/help-pages.ts";
import { SAVED_REPLY, writtenVersions } from "#store/knowledge/page-notes.ts";
import { AUDIENCES, PATH, helpPagePath, sourceName } from "./list.ts";
import { wholeNumber, type Caller, type Visit } from "#server/console/session.ts";

const TITLE_MAX = 200;

/** About eighty printed pages, as some handbooks have: longer ones belong into several. */
const BODY_MAX = 250_000;

const Line = (most: number): z.ZodString => z.string().trim().max(most);
const Day = z
  .union([z.iso.date(), z.literal("")])
  .transform((day): string | null => (day === "" ? null : day));
/** Different words between commas. */
const Words = (most: number) =>
  Line(most).transform((text) => {
    const words = text.split(",").map((word) => word.trim());
    return [...new Set(words)].filter((word) => word !== "");
  });

/** A form's fields, as text. */
export const Written = z.strictObject({
  title: Line(TITLE_MAX).min(1),
  body: z.string().trim().min(1).max(BODY_MAX),
  url: z.union([z.url({ protocol: /^https$/ }).max(500), z.literal("")]),
  language: z
    .union([z.string().regex(/^[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*$/), z.literal("")])
    .transform((language) => language.toLowerCase()),
  brands: Words(300),
  labels: Words(2_000),
  audience: z.enum(["customers", "team"]),
  validFrom: Day,
  validUntil: Day,
  owner: Line(120),
  note: Line(300),
  /** The version the writer began with; 0 for a new page. */
  basis: z.coerce.number().int().min(0),
  /** The page that this one replaces; empty for none. */
  replaces: z.string().max(600),
});
type Written = z.infer<typeof Written>;

/** The pages of the form, and what it sends. */
export const KNOWLEDGE_EDITING: Subject = {
  place: PATH,
  pages: { "/knowledge/new": newPage, "/knowledge/page/:slug/edit": editPage },
  presses: {
    "/knowledge/new": sends(Written, create),
    "/knowledge/page/:slug/edit": sends(Written, rewrite),
  },
  instead: { title: "Help pages", body: none("Only a lead can write help pages.") },
  uploads: { "/knowledge/upload": uploaded },
  leadsOnly: "only a lead can change help pages",
};

/** What a writer begins with, and what saving it does. */
export interface PageDraft {
  readonly text: PageText;
  /** The page it becomes the next version of; empty for a new page. */
  readonly slug: string;
  /** The version the writer begins with; 0 for a new page. */
  readonly basis: number;
  /** The page of another source that is switched off when this one is saved; empty for none. */
  readonly replaces: string;
}

/** A new page of which this much is written. */
export function newPageDraft({ title = "", ...written }: Partial<PageText>): PageDraft {
  const text: PageText = {
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
    ...written,
    title: title.slice(0, TITLE_MAX),
  };
  return { text, slug: "", basis: 0, replaces: "" };
}

/** The next version of a page that was written here, or a copy of another source's; null where there is no such page. */
export async function beginningOfPage(visit: Visit, slug: string): Promise<PageDraft | null> {
  return (await nextVersion(visit, slug)) ?? (await pageCopy(visit, slug))?.draft ?? null;
}

async function nextVersion({ run }: Visit, slug: string): Promise<PageDraft | null> {
  const name = nameOfWritten(slug);
  if (name === null) return null;
  const [newest] = await run(writtenVersions, name);
  if (newest === undefined) return null;
  return { text: { ...newest, note: "" }, slug, basis: newest.version, replaces: "" };
}

async function pageCopy(
  { run }: Visit,
  slug: string,
): Promise<{ readonly draft: PageDraft; readonly source: string } | null> {
  const whole = await run(wholePage, slug);
  if (whole === null) return null;
  const { page, passages } = whole;
  const copy = newPageDraft({ ...page, body: pageMarkdown(passages) });
  return { draft: { ...copy, replaces: slug }, source: page.source };
}

/** What a new page begins with, in words for its writer; another one of pages than the list leads back. */
interface Beginning {
  readonly draft: PageDraft;
  readonly heading?: string;
  readonly back?: string;
  readonly notice?: HtmlValue;
}

/** A new page: empty, a copy of another source's page, or the draft for questions that no page answered. */
async function newPage(visit: Visit): Promise<PageContent | null> {
  const [copied, gap] = [visit.asked("copy"), visit.asked("gap")];
  const beginning =
    copied !== ""
      ? await copyBeginning(visit, copied)
      : gap !== ""
        ? await gapBeginning(visit, gap)
        : visit.asked("reply") !== ""
          ? replyBeginning(visit)
          : { draft: newPageDraft({ title: visit.asked("title"), owner: visit.email }) };
  if (beginning === null) return null;
  const { draft, heading = "A new help page", back = PATH, notice = null } = beginning;
  return {
    title: heading,
    isNarrow: true,
    tools: html`${row(link(back, "Back"))}
    ${notice !== null && html`<p class="notice">${notice}</p>`}`,
    body: pageForm(draft),
  };
}

/** A saved reply is a page for the team with a label, so that it is written, kept and shown as every other page. */
function replyBeginning({ email: owner }: Visit): Beginning {
  return {
    draft: newPageDraft({ audience: "team", labels: [SAVED_REPLY], owner }),
    heading: "A new saved reply",
    notice: html`Teammates put its text into an answer of their own. No draft rests on it.`,
  };
}

/** Null where no page has this name. */
async function copyBeginning(visit: Visit, slug: string): Promise<Beginning | null> {
  const copy = await pageCopy(visit, slug);
  if (copy === null) return null;
  const { draft, source } = copy;
  return {
    draft,
    heading: `A copy of “${draft.text.title}”`,
    back: helpPagePath(slug),
    notice: html`The page comes from ${sourceName(source)} and is not changed there. Saving switches
    it off here, so that answers cite your copy instead.`,
  };
}

/** Null where no question of the last days has this number. */
async function gapBeginning(
  { parts, now, email: owner, options: { vectors } }: Visit,
  gap: string,
): Promise<Beginning | null> {
  const id = wholeNumber(gap);
  const groups = await gapGroups(parts.store, { now, vectors });
  const group = groups.find(({ gaps }) => gaps.some((one) => one.id === id));
  if (group === undefined) return null;
  const { title, text: body } = await pageDraft(parts.store, group);
  return {
    draft: newPageDraft({ title, body, owner }),
    notice: html`A draft from what teammates answered to ${counted(group.count, "question")}. Check
    every sentence: answers will cite it as it stands here.`,
  };
}

/** The next version of a page that was written here. Null for any other page. */
async function editPage(visit: Visit): Promise<PageContent | null> {
  const draft = await nextVersion(visit, visit.named("slug"));
  if (draft === null) return null;
  return {
    title: `Edit “${draft.text.title}”`,
    isNarrow: true,
    tools: row(
      link(helpPagePath(draft.slug), "Back to the page"),
      aside(`Saving makes version ${draft.basis + 1}; questions find it at once.`),
    ),
    body: pageForm(draft),
  };
}

/** The form of a page. */
export function pageForm({ text, slug, basis, replaces }: PageDraft): Html {
  const { title, body, note } = text;
  const isNew = slug === "";
  const page = isNew ? PATH : helpPagePath(slug);
  const asked = html`required="" maxlength="${TITLE_MAX}"`;
  const form = {
    id: "write-page",
    className: "box stack",
    press: "Save",
    aside: link(page, "Cancel", "button"),
    isGuarded: true,
  };
  return dataForm(
    isNew ? `${PATH}/new` : `${page}/edit`,
    form,
    html`${hidden({ basis, replaces, ...(isNew && { note }) })}
    ${field("title", "Title, as customers would ask", title, asked)}
    ${textArea("body", "Text, in Markdown: ## before a heading, - before a line of a list", body, BODY)}
    ${attributeFields(text)}
    ${!isNew && field("note", "What changed? (optional, for the team)", note, html`maxlength="300"`)}
    ${aside("Pages that contradict it stand under Checks minutes later, if a reading model is set: the built-in rules find only sentences that are nearly the same.")}`,
  );
}

const BODY = html`rows="18" required="" spellcheck="true" dir="auto"`;

function attributeFields(text: PageText): Html {
  const { url, language, brands, audience, validFrom, validUntil, owner, labels } = text;
  return html`<fieldset class="stack">
    <legend>Who it is for, and for how long</legend>
    <div class="filters">
      ${choice("audience", "For", AUDIENCES, audience)}
      ${field("language", "Language, such as en", language, html`maxlength="12"`)}
      ${field("brands", "Brands, separated by commas", brands.join(", "), html`maxlength="300"`)}
      ${field("validFrom", "Valid from", validFrom ?? "", html`type="date"`)}
      ${field("validUntil", "Valid until", validUntil ?? "", html`type="date"`)}
      ${field("owner", "Owner", owner, html`maxlength="120"`)}
    </div>
    ${field("labels", "Labels: other words customers use for it, in any language, separated by commas", labels.join(", "), html`maxlength="2000"`)}
    ${field("url", "Where customers can read it (optional, https)", url, html`type="url" maxlength="500" placeholder="https://"`)}
  </fieldset>`;
}

// What the form sends.

/** The first line of a drafted page; with it, no lead has read the text yet. */
const DRAFT_LINE = /^> \*\*Draft/m;

/** The text, unless it is a page that no lead can have meant. Throws `input.invalid`. */
export function checkedText(text: PageText): PageText {
  const { validFrom, validUntil } = text;
  if (validFrom !== null && validUntil !== null && validFrom > validUntil)
    throw invalidInput("the page would end before it begins");
  if (DRAFT_LINE.test(text.body))
    throw invalidInput(
      "the line that begins with > **Draft is for you; remove it once you have checked the text",
    );
  return text;
}

async function create(
  press: Caller,
  { basis: _basis, replaces: replaced, ...sent }: Written,
): Promise<object> {
  const text = checkedText(sent);
  const replaces = replaced === "" ? null : replaced;
  if (replaces !== null) await requirePage(press, replaces);
  const name = await writePage(press.options.pages, text, { by: press, replaces });
  return { address: helpPagePath(slugOfWritten(name)) };
}

/** A document becomes a page that is written here, with what it says of itself. */
async function uploaded(press: Caller, bytes: Uint8Array): Promise<object> {
  const { pages } = press.options;
  const file = press.asked("name");
  const {
    title,
    text: body,
    brands = [],
    labels = [],
    ...page
  } = await pages.readUpload(file, bytes);
  if (body.length > BODY_MAX)
    throw invalidInput(`${file} has more than ${BODY_MAX} characters; split it into several`);
  const { url = "", language = "", audience = "customers", owner = "" } = page;
  const { validFrom = null, validUntil = null } = page;
  const about = { url, language, audience, owner, validFrom, validUntil };
  const text = { ...about, title, body, brands: [...brands], labels: [...labels] };
  const noted = { ...text, note: `Uploaded: ${file}`.slice(0, 300) };
  const name = await writePage(pages, noted, { by: press, replaces: null });
  return { address: helpPagePath(slugOfWritten(name)) };
}

async function rewrite(
  press: Caller,
  { basis, replaces: _replaces, ...sent }: Written,
): Promise<object> {
  const name = writtenName(press);
  await rewritePage(press.options.pages, checkedText(sent), { name, basis, by: press });
  return { address: helpPagePath(slugOfWritten(name)) };
}

/** The name of the page of an address. Pages of other sources are changed where they come from. */
export function writtenName({ named }: Caller): string {
  const name = nameOfWritten(named("slug"));
  if (name === null) throw invalidInput("this page comes from another source; copy it to edit it");
  return name;
}

/** Throws `input.invalid` where no page has this name. */
export async function requirePage({ run }: Pick<Caller, "run">, slug: string): Promise<void> {
  const whole = await run(wholePage, slug);
  if (whole === null) throw invalidInput("this page no longer exists");
}

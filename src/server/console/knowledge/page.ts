/** The page of one help page: its text as answers cite it, where it comes from, and who changed or switched it. */
import type { Request } from "express";
import { dayText, momentText } from "#core/values/moment.ts";
import { nameOfWritten } from "#jobs/knowledge/pages.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { wholePage, type PagePassage, type WholePage } from "#store/console/help-pages.ts";
import { doubtsOf, type PageDoubt } from "#store/knowledge/page-doubts.ts";
import { offPeriods, type OffPeriod, writtenVersions } from "#store/knowledge/written-pages.ts";
import { historyView } from "./history.ts";
import { pageBadges, PATH, pathOf, READ_ONLY, sourceName, sourcePath } from "./words.ts";

/** Null where no page has this name. */
export async function helpPage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const slug = named(request, "slug");
  const name = nameOfWritten(slug);
  const { whole, doubts, periods, versions } = await parts.store.run(async (transaction) => ({
    whole: await wholePage(transaction, slug),
    doubts: await doubtsOf(transaction, slug),
    periods: await offPeriods(transaction, slug),
    versions: name === null ? [] : await writtenVersions(transaction, name),
  }));
  if (whole === null) return null;
  const off = periods.find(({ onAt }) => onAt === null) ?? null;
  return {
    place: PATH,
    title: whole.page.title,
    isNarrow: true,
    tools: html`<p class="row">
      <a href="${PATH}">All help pages</a>${
        visit.role === "lead" ? changeLinks(slug, name !== null) : READ_ONLY
      }<span class="badges">${pageBadges(whole.page, visit)}</span>
    </p>`,
    body: html`${off === null ? "" : offView(off, visit)}${doubts.map((doubt) => doubtView(doubt, visit))}${textView(whole)}${factsView(whole, visit)}
    ${off === null && visit.role === "lead" ? offForm(slug) : ""}
    ${historyView(slug, versions, periods, {
      visit,
      from: asked(request, "from"),
      to: asked(request, "to"),
    })}`,
  };
}

function changeLinks(slug: string, isWritten: boolean): Html {
  return isWritten
    ? html`<a class="button" href="${pathOf(slug)}/edit">Edit</a>`
    : html`<a class="button" href="${addressWith(`${PATH}/new`, { copy: slug })}">Copy to edit</a>`;
}

function offView({ slug, reason, offBy, offAt }: OffPeriod, visit: Visit): Html {
  return html`<section class="notice warn stack" id="off" aria-label="Switched off">
    <p>
      Switched off by ${offBy}, ${momentText(offAt, visit.zone, visit.now)}:
      <span class="words">${reason}</span>. No question finds it.
    </p>
    ${
      visit.role === "lead"
        ? html`<p class="row">
            <button type="button" data-send="${pathOf(slug)}/on">Switch it on again</button>
          </p>`
        : ""
    }
  </section>`;
}

/** What is done about each kind of doubt. */
const CONSEQUENCES: Readonly<Record<PageDoubt["kind"], string>> = {
  instructions: "No answer to a customer rests on it.",
  contradiction: "A person decides on every answer that rests on this passage.",
  "source gone": "A person decides on every answer that rests on it.",
};

function doubtView({ kind, slug, passage, reason, allowedBy }: PageDoubt, visit: Visit): Html {
  if (allowedBy !== "")
    return html`<p class="notice words">
      ${sentenceOf(reason)} ${allowedBy} allowed answers to rest on it as it is now.
    </p>`;
  return html`<section class="notice warn stack" aria-label="In doubt">
    <p>
      <span class="words"
        >${passage === "" ? "" : `${passage.slice(passage.lastIndexOf("#"))}: `}${sentenceOf(reason)}</span
      >
      ${CONSEQUENCES[kind]}
    </p>
    ${
      kind === "instructions" && visit.role === "lead"
        ? html`<p class="row">
            <button type="button" data-send="${pathOf(slug)}/allow">Let answers rest on it</button
            ><span class="soft">When its text changes, it is looked at anew.</span>
          </p>`
        : ""
    }
  </section>`;
}

function sentenceOf(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

/** What is known of a page besides its text. */
function factsView({ page, passages }: WholePage, { now }: Visit): Html {
  const { url, source, slug, language, audience, validFrom, validUntil, brands, owner } = page;
  const facts: readonly (readonly [string, HtmlValue])[] = [
    ["From", html`<a href="${sourcePath(source)}">${sourceName(source)}</a>`],
    ["Cited as", slug],
    ["Customers read it at", url === "" ? "nowhere; answers name its title alone" : linkTo(url)],
    ["For", audience === "team" ? "the team only" : "customers"],
    ["Language", language === "" ? null : language],
    ["Brands", brands.length === 0 ? null : brands.join(", ")],
    ["Holds from", validFrom === null ? null : dayText(validFrom, now)],
    ["Holds until", validUntil === null ? null : dayText(validUntil, now)],
    ["Kept right by", owner === "" ? null : owner],
    ["Changed", dayText(page.updated, now)],
    ["Passages", passages.length],
  ];
  return html`<section class="box stack" aria-labelledby="facts-title">
    <h2 id="facts-title">About this page</h2>
    <dl class="facts-list">
      ${facts
        .filter(([, value]) => value !== null)
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd class="words">${value}</dd>`,
        )}
    </dl>
  </section>`;
}

/** An address of a source's own making is a link only where it leads to the web. */
function linkTo(url: string): HtmlValue {
  return /^https?:\/\//.test(url)
    ? html`<a href="${url}" rel="noopener noreferrer">${url}</a>`
    : url;
}

/** A page of a hundred passages is longer than a lead reads here; the rest stays where the page comes from. */
const CHARACTERS_MAX = 60_000;

function textView({ page, passages }: WholePage): Html {
  const shown: PagePassage[] = [];
  let characters = 0;
  for (const passage of passages) {
    characters += passage.body.length;
    if (characters > CHARACTERS_MAX && shown.length > 0) break;
    shown.push(passage);
  }
  const left = passages.length - shown.length;
  return html`<article class="box page-text" aria-label="${page.title}">
    ${shown.map((passage, index) => passageView(passage, shown[index - 1]?.heading ?? ""))}
    ${passages.length === 0 ? html`<p class="soft">It has no text.</p>` : ""}
    ${left > 0 ? html`<p class="soft">And ${left} more passages.</p>` : ""}
  </article>`;
}

/** A passage is what an answer cites, so each says by which name. */
function passageView({ id, heading, body }: PagePassage, before: string): Html {
  const path = heading.split(" › ");
  return html`<section class="passage" id="${id}" tabindex="-1">
    ${heading === "" || heading === before ? "" : html`<h2>${path.at(-1) ?? ""}</h2>`}
    ${markdownView(body)}
    <p class="soft cited">${id.slice(id.lastIndexOf("#"))}</p>
  </section>`;
}

function offForm(slug: string): Html {
  return html`<details class="box" id="switch-off">
    <summary>Switch it off…</summary>
    <form class="stack" data-form="${pathOf(slug)}/off" autocomplete="off">
      <label>Why? The team reads this<input name="reason" required="" maxlength="300" /></label>
      <p class="error" role="alert"></p>
      <div class="row">
        <button type="submit" class="main">Switch it off</button
        ><span class="soft">No question finds it from then on. You can switch it on again.</span>
      </div>
    </form>
  </details>`;
}

// The Markdown of help pages as people read it; what it says is text and never becomes markup of its own.

/** A line's part in a text. */
interface Block {
  readonly kind: "words" | "item" | "code";
  readonly lines: string[];
}

const FENCE = /^\s*(?:```|~~~)/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s+/;

/** Paragraphs, lists, code, links to the web, bold words; anything else stays as it was written. */
function markdownView(text: string): Html {
  const blocks = blocksOf(text);
  const drawn: HtmlValue[] = [];
  for (let at = 0; at < blocks.length; at += 1) {
    const block = blocks[at];
    if (block === undefined) break;
    if (block.kind !== "item") {
      drawn.push(plainBlock(block));
      continue;
    }
    const end = blocks.findIndex(({ kind }, index) => index > at && kind !== "item");
    const items = blocks.slice(at, end < 0 ? blocks.length : end);
    drawn.push(listOf(items));
    at += items.length - 1;
  }
  return html`${drawn}`;
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const open: { block: Block | null; isCode: boolean } = { block: null, isCode: false };
  const begin = (kind: Block["kind"], line: string): void => {
    open.block = { kind, lines: [line] };
    blocks.push(open.block);
  };
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) {
      open.isCode = !open.isCode;
      open.block = null;
      if (open.isCode) {
        open.block = { kind: "code", lines: [] };
        blocks.push(open.block);
      }
    } else if (open.isCode) open.block?.lines.push(line);
    else if (line.trim() === "") open.block = null;
    else if (ITEM.test(line)) begin("item", line);
    else if (open.block === null) begin("words", line.trimEnd());
    else open.block.lines.push(open.block.kind === "item" ? line.trim() : line.trimEnd());
  }
  return blocks.filter(({ lines }) => lines.length > 0);
}

function plainBlock({ kind, lines }: Block): Html {
  if (kind === "code") return html`<pre class="trace" tabindex="0">${lines.join("\n")}</pre>`;
  const [first = ""] = lines;
  const heading = /^#{1,6}\s(?<words>.*)$/s.exec(first)?.groups?.["words"];
  return heading !== undefined && lines.length === 1
    ? html`<p dir="auto"><b>${inline(heading.replace(/(?<!#)#+$/, "").trim())}</b></p>`
    : html`<p class="words" dir="auto">${inline(lines.join("\n"))}</p>`;
}

function listOf(items: readonly Block[]): Html {
  const isNumbered = items.every(({ lines }) => /^\s*\d/.test(lines[0] ?? ""));
  const drawn = items.map(
    ({ lines }) =>
      html`<li>
        <span class="words" dir="auto"
          >${inline(lines.map((line, index) => (index === 0 ? line.replace(ITEM, "") : line)).join("\n"))}</span
        >
      </li>`,
  );
  return isNumbered
    ? html`<ol>
        ${drawn}
      </ol>`
    : html`<ul>
        ${drawn}
      </ul>`;
}

/** Bounded, so that a text with one mark a thousand times takes no longer than its length. */
const INLINE =
  /`(?<code>[^`\n]{1,300})`|\*\*(?<bold>[^*\n]{1,300})\*\*|(?<!!)\[(?<words>[^[\]\n]{1,300})\]\((?<address>https?:\/\/[^()\s]{1,1000})\)/g;

function inline(text: string): readonly HtmlValue[] {
  const parts: HtmlValue[] = [];
  let done = 0;
  for (const { 0: whole, index, groups } of text.matchAll(INLINE)) {
    parts.push(text.slice(done, index), marked(groups ?? {}));
    done = index + whole.length;
  }
  return [...parts, text.slice(done)];
}

function marked({
  code,
  bold,
  words,
  address,
}: Readonly<Record<string, string | undefined>>): HtmlValue {
  if (code !== undefined) return html`<code>${code}</code>`;
  if (bold !== undefined) return html`<b>${bold}</b>`;
  return html`<a href="${address ?? ""}" rel="noopener noreferrer">${words ?? ""}</a>`;
}

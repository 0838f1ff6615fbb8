/** The text of a help page as people read it: its passages, and the Markdown in them, which never becomes markup of its own. */

import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PagePassage, WholePage } from "#store/console/help-pages.ts";

/** A page of a hundred passages is longer than a lead reads here; the rest stays where the page comes from. */
const CHARACTERS_MAX = 60_000;

/** The text with its passages, as answers cite them. */
export function textView({ page, passages }: WholePage): Html {
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
    ${passages.length === 0 && html`<p class="soft">It has no text.</p>`}
    ${left > 0 && html`<p class="soft">And ${left} more passages.</p>`}
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

// Markdown.

/** A line's part in a text. */
interface Block {
  readonly kind: "words" | "item" | "code";
  readonly lines: string[];
}

const FENCE = /^\s*(?:```|~~~)/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s+/;

/** Paragraphs, lists, code, links to the web, bold words; anything else stays as it was written. */
function markdownView(text: string): Html {
  const blocks = textBlocks(text);
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
    drawn.push(itemList(items));
    at += items.length - 1;
  }
  return html`${drawn}`;
}

function textBlocks(text: string): readonly Block[] {
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

function itemList(items: readonly Block[]): Html {
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

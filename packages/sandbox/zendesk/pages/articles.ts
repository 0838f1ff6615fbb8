/** The help center's articles: the sample company's help pages, which answers name and link to. */
import { readdirSync, readFileSync } from "node:fs";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { html, type Markup } from "./html.ts";

/** The folder the sample company writes its help pages in; Deskhand reads the same files as its knowledge. */
const FOLDER = new URL("../../../../src/knowledge/pages/", import.meta.url);
/** The host in the pages' own addresses. It exists nowhere but here. */
const PUBLISHED_AT = "https://help.ourshop.test/";

/** One help page. */
interface Article {
  /** The last part of its address. */
  readonly slug: string;
  readonly title: string;
  readonly updated: string;
  readonly body: readonly Block[];
}

/** What a help page is made of. */
type Block =
  | { readonly kind: "heading" | "paragraph"; readonly text: string }
  | { readonly kind: "list" | "numbered"; readonly items: readonly string[] };

/** The address here of a help page's published address; any other address as it is. */
export function sandboxAddress(address: string): string {
  return address.startsWith(PUBLISHED_AT)
    ? `/hc/articles/${address.slice(PUBLISHED_AT.length)}`
    : address;
}

/** All help pages, by title. */
export function articleList(): Markup {
  const articles = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".md"))
    .map((name) => articleOf(name.slice(0, -".md".length)))
    .toSorted((left, right) => left.title.localeCompare(right.title));
  return html`<div class="head"><h1>Help</h1></div>
    <div class="card">
      <ul>
        ${articles.map(
          ({ slug, title }) => html`<li><a href="/hc/articles/${slug}">${title}</a></li>`,
        )}
      </ul>
    </div>
    <p><a href="/hc/en-us">Help center</a></p>`;
}

/** One help page with its title. Throws a 404 when there is none of this name. */
export function articlePage(slug: string): { readonly title: string; readonly content: Markup } {
  const { title, updated, body } = articleOf(slug);
  const content = html`<div class="head">
      <div>
        <h1>${title}</h1>
        <span class="soft">Updated ${updated}</span>
      </div>
    </div>
    <div class="card">${body.map(blockMarkup)}</div>
    <p><a href="/hc/articles">All help pages</a></p>`;
  return { title, content };
}

function articleOf(slug: string): Article {
  if (!/^[a-z0-9-]{1,80}$/u.test(slug)) throw recordNotFound();
  const [, fields = "", text = ""] = /^---\n([^]*?)\n---\n([^]*)$/u.exec(read(slug)) ?? [];
  const field = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, "mu").exec(fields)?.[1]?.replace(/^["']|["']$/gu, "") ?? "";
  return { slug, title: field("title"), updated: field("updated"), body: blocksOf(text) };
}

function read(slug: string): string {
  try {
    return readFileSync(new URL(`${slug}.md`, FOLDER), "utf8");
  } catch {
    throw recordNotFound();
  }
}

/** The pages are headings, paragraphs and lists; anything else is shown as it is written. */
function blocksOf(text: string): readonly Block[] {
  return text
    .trim()
    .split(/\n{2,}/u)
    .map((block): Block => {
      if (block.startsWith("#"))
        return { kind: "heading", text: block.replace(/^#+\s*/u, "").trim() };
      const lines = block.split("\n");
      const items = lines.map((line) => line.replace(/^(?:[-*]|\d+\.) /u, ""));
      if (lines.every((line) => /^[-*] /u.test(line))) return { kind: "list", items };
      if (lines.every((line) => /^\d+\. /u.test(line))) return { kind: "numbered", items };
      return { kind: "paragraph", text: lines.join(" ") };
    });
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case "heading":
      return html`<h2>${block.text}</h2>`;
    case "paragraph":
      return html`<p>${block.text}</p>`;
    case "list":
      return html`<ul>
        ${block.items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
    case "numbered":
      return html`<ol>
        ${block.items.map((item) => html`<li>${item}</li>`)}
      </ol>`;
    default:
      throw new Error(`unknown block ${JSON.stringify(block satisfies never)}`);
  }
}

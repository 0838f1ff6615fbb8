/** The HTML of comments: from plain text, from Markdown and from what a caller sent, and the text that is left of it. */

/** Escapes text for HTML, for content and quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Plain text as Zendesk renders it for `html_body`: paragraphs at blank lines, breaks at line ends. */
export function htmlFromText(text: string): string {
  const paragraphs = text.replaceAll("\r\n", "\n").split(/\n{2,}/u);
  const inner = paragraphs.map(
    (paragraph) => `<p dir="auto">${escapeHtml(paragraph).replaceAll("\n", "<br>")}</p>`,
  );
  return wrap(inner.join(""));
}

const SCRIPTS = /<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu;

/** HTML a caller sent as `html_body`: scripts are dropped, hidden text is kept, as Zendesk does. */
export function storedHtml(html: string): string {
  return wrap(html.replaceAll(SCRIPTS, ""));
}

/** The text of an HTML body. Text hidden by CSS appears here as ordinary prose, as in Zendesk's own bodies. */
export function textFromHtml(html: string): string {
  return html
    .replaceAll(SCRIPTS, "")
    .replaceAll(/<br\s*\/?>/giu, "\n")
    .replaceAll(/<\/p>/giu, "\n\n")
    .replaceAll(/<\/(div|li|tr|h[1-6]|pre)>/giu, "\n")
    .replaceAll(/<[^<>]*>/gu, "")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .trim();
}

function wrap(html: string): string {
  return `<div class="zd-comment" dir="auto">${html}</div>`;
}

// Markdown, as Zendesk renders the `body` of a comment that comes by its API.

/** What begins a line of each kind of block; the first that matches decides. */
const BLOCKS: readonly (readonly [RegExp, (rest: string) => string])[] = [
  [/^(?:-{3,}|\*{3,}|_{3,})\s*$/u, () => "<hr>"],
  [/^#{1,6}\s*(?=\S)/u, (rest) => `<h2>${inlineHtml(rest)}</h2>`],
  [/^>\s?/u, (rest) => `<blockquote>${inlineHtml(rest)}</blockquote>`],
  [/^[-*+]\s+/u, (rest) => `<ul><li>${inlineHtml(rest)}</li></ul>`],
  [/^\d+[.)]\s+/u, (rest) => `<ol><li>${inlineHtml(rest)}</li></ol>`],
  [/^(?: {4}|\t)/u, (rest) => `<pre>${escapeHtml(rest)}</pre>`],
];

const INLINE: readonly (readonly [RegExp, string])[] = [
  [/!\[([^[\]]*)\]\(([^()\s]+)\)/gu, '<img alt="$1" src="$2">'],
  [/\[([^[\]]+)\]\(([^()\s]+)\)/gu, '<a href="$2">$1</a>'],
  [/(\*\*|__)(?=\S)(.+?)\1/gu, "<strong>$2</strong>"],
  [/([*_])(?=\S)(.+?)\1/gu, "<em>$2</em>"],
];

function inlineHtml(text: string): string {
  return text
    .split(/(`[^`]+`)/u)
    .map((part) => {
      if (/^`[^`]+`$/u.test(part)) return `<code>${escapeHtml(part.slice(1, -1))}</code>`;
      return INLINE.reduce((html, [sign, tag]) => html.replaceAll(sign, tag), escapeHtml(part));
    })
    .join("");
}

/** Blocks line by line; lines between them are paragraphs whose line ends stay. */
export function htmlFromMarkdown(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const parts = lines.map((line) => {
    const [sign, render] = BLOCKS.find(([begin]) => begin.test(line)) ?? [];
    return sign === undefined || render === undefined
      ? { isBlock: false, html: inlineHtml(line.trim()) }
      : { isBlock: true, html: render(line.replace(sign, "")) };
  });
  const html: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    if (paragraph.length > 0) html.push(`<p dir="auto">${paragraph.join("<br>")}</p>`);
    paragraph = [];
  };
  for (const part of parts) {
    if (part.isBlock || part.html === "") endParagraph();
    if (part.isBlock) html.push(part.html);
    else if (part.html !== "") paragraph.push(part.html);
  }
  endParagraph();
  return wrap(html.join(""));
}

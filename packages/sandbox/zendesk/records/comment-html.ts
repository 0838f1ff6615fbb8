/** Converts between plain text and the HTML of comments. */

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

/** HTML a caller sent as `html_body`: scripts are dropped, hidden text is kept, as Zendesk does. */
export function storedHtml(html: string): string {
  return wrap(html.replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu, ""));
}

/** The text of an HTML body. Text hidden by CSS appears here as ordinary prose, as in Zendesk's own bodies. */
export function textFromHtml(html: string): string {
  return html
    .replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu, "")
    .replaceAll(/<br\s*\/?>/giu, "\n")
    .replaceAll(/<\/(p|div|li|tr|h[1-6])>/giu, "\n")
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

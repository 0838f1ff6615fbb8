/** Reads a comment's HTML with the shared reader, and tells the quotations and signatures that Zendesk passes on. */
import type { Segment } from "#core/values/message.ts";
import { type HtmlOptions, visibleText } from "#text/visible-html.ts";

const QUOTE_CLASS =
  /\s(gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|zd-quote|zmail_extra|protonmail_quote|tutanota_quote|OutlookMessageHeader)\s/i;
/** Outlook puts the message it replies to below an element with this id, and closes that at once. */
const HISTORY_ID =
  /^(x_)*(divRplyFwdMsg|appendonsend|reply-intro|mail-editor-reference-message-container)$/i;
const SIGNATURE_CLASS = /\s(gmail_signature|moz-signature|signature)\s/;

/**
 * The text of a comment as a person sees it. Zendesk's `body` and `plain_body` keep hidden text as ordinary prose;
 * only `html_body` shows that it was hidden. What is hidden, quoted or a signature comes apart as segments, so that the
 * guard looks at it and it is not taken for the request.
 */
export function readCommentHtml(
  html: string,
  options: Pick<HtmlOptions, "withAddresses"> = {},
): {
  readonly text: string;
  readonly segments: Segment[];
} {
  const read = visibleText(html, { ...options, partOf: elementPart });
  const kinds = ["hidden", "quoted", "signature"] as const;
  return {
    text: read.visible,
    segments: kinds.map((kind) => ({ kind, text: read[kind] })).filter(({ text }) => text !== ""),
  };
}

function elementPart(name: string, attributes: ReadonlyMap<string, string>) {
  if (HISTORY_ID.test(attributes.get("id") ?? "")) return "history";
  const classes = ` ${attributes.get("class") ?? ""} `;
  if (name === "blockquote" || QUOTE_CLASS.test(classes)) return "quoted";
  return SIGNATURE_CLASS.test(classes) ? "signature" : null;
}

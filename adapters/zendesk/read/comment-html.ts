/** Turns a comment's HTML into the text a person sees. */
import type { Segment } from "#core/values/message.ts";
import { decodeEntities } from "#text/html-entities.ts";
import { type Concealment, concealmentOf, isConcealed, NOT_CONCEALED } from "#text/hidden-style.ts";

type TextKind = "visible" | Extract<Segment["kind"], "hidden" | "quoted" | "signature">;

interface Element {
  readonly name: string;
  readonly kind: TextKind;
  readonly concealment: Concealment;
  readonly preformatted: boolean;
}

interface HtmlPage {
  readonly html: string;
  readonly stack: Element[];
  readonly texts: Readonly<Record<TextKind, TextBuilder>>;
  /** True once all that follows is an earlier message. */
  readonly state: { history: boolean };
}

const ROOT: Element = {
  name: "",
  kind: "visible",
  concealment: NOT_CONCEALED,
  preformatted: false,
};
/** Deeper nesting is treated as if it were at this depth. */
const DEPTH_MAX = 500;

const VOID_ELEMENTS = wordSet(
  "area base br col embed hr img input link meta param source track wbr",
);
/** Their content is no text. */
const RAW_ELEMENTS = wordSet("script style textarea title noscript iframe xmp noembed noframes");
const PARAGRAPH_ELEMENTS = wordSet("p h1 h2 h3 h4 h5 h6");
const BLOCK_ELEMENTS = wordSet(
  "address article aside blockquote center dd div dl dt fieldset figure footer form header hr li main nav ol pre section table tr ul",
);
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
 *
 * One pass, linear in the length for any input: an unclosed tag or comment swallows the rest, as it does in a browser.
 */
export function visibleText(html: string): {
  readonly text: string;
  readonly segments: Segment[];
} {
  const texts = {
    visible: textBuilder(),
    hidden: textBuilder(),
    quoted: textBuilder(),
    signature: textBuilder(),
  };
  const page: HtmlPage = { html, stack: [], texts, state: { history: false } };
  let position = 0;
  while (position < html.length) {
    const open = html.indexOf("<", position);
    const end = open === -1 ? html.length : open;
    if (end > position) addText(page, html.slice(position, end));
    position = open === -1 ? html.length : parseMarkup(page, open);
  }
  const kinds = ["hidden", "quoted", "signature"] as const;
  return {
    text: texts.visible.toText(),
    segments: kinds
      .map((kind) => ({ kind, text: texts[kind].toText() }))
      .filter(({ text }) => text !== ""),
  };
}

/** Handles what begins at a `<` and returns where text goes on. */
function parseMarkup(page: HtmlPage, open: number): number {
  const { html } = page;
  if (html.startsWith("<!--", open)) return indexAfter(html, "-->", open + 4);
  if (html.startsWith("<!", open) || html.startsWith("<?", open))
    return indexAfter(html, ">", open);
  const closing = html[open + 1] === "/";
  const nameStart = open + (closing ? 2 : 1);
  if (!/[a-z]/i.test(html[nameStart] ?? "")) {
    addText(page, "<");
    return open + 1;
  }
  const end = tagEnd(html, nameStart);
  const inside = html.slice(nameStart, end);
  const name = (/^[^\s/>]+/.exec(inside)?.[0] ?? "").toLowerCase();
  if (closing) closeElement(page, name);
  else if (RAW_ELEMENTS.has(name)) return skipRawElement(html, name, end + 1);
  else openElement(page, name, attributesOf(inside.slice(name.length)));
  return end + 1;
}

function indexAfter(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at === -1 ? html.length : at + mark.length;
}

/** Where a tag's `>` is, past those inside quoted values. A quote opens a value only after an equals sign. */
function tagEnd(html: string, from: number): number {
  let quote = "";
  let afterEquals = false;
  for (let at = from; at < html.length; at += 1) {
    const character = html[at] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === ">") return at;
    else if (afterEquals && (character === '"' || character === "'")) quote = character;
    afterEquals = character === "=" || (afterEquals && /\s/.test(character));
  }
  return html.length;
}

function skipRawElement(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}[\\s/>]`, "gi");
  closing.lastIndex = from;
  const found = closing.exec(html);
  return found === null ? html.length : indexAfter(html, ">", found.index);
}

function openElement(page: HtmlPage, name: string, attributes: ReadonlyMap<string, string>): void {
  const parent = page.stack.at(-1) ?? ROOT;
  addLineBreaks(page, name);
  if (VOID_ELEMENTS.has(name) || page.stack.length >= DEPTH_MAX) return;
  if (HISTORY_ID.test(attributes.get("id") ?? "")) page.state.history = true;
  const concealment = concealmentOf(name, attributes, parent.concealment);
  const kind = isConcealed(concealment) ? "hidden" : kindOf(name, attributes, page);
  const preformatted = parent.preformatted || name === "pre";
  page.stack.push({ name, kind, concealment, preformatted });
  if (name === "li") addText(page, "- ");
}

/** A visible element inside a hidden one takes its kind from the nearest ancestor that is not hidden. */
function kindOf(
  name: string,
  attributes: ReadonlyMap<string, string>,
  { stack, state: { history: isHistory } }: HtmlPage,
): TextKind {
  const parent = stack.findLast(({ kind }) => kind !== "hidden")?.kind ?? "visible";
  const classes = ` ${attributes.get("class") ?? ""} `;
  if (isHistory || parent === "quoted" || name === "blockquote" || QUOTE_CLASS.test(classes))
    return "quoted";
  return parent === "signature" || SIGNATURE_CLASS.test(classes) ? "signature" : "visible";
}

function closeElement(page: HtmlPage, name: string): void {
  const at = page.stack.findLastIndex((element) => element.name === name);
  if (at === -1) return;
  addLineBreaks(page, name);
  page.stack.length = at;
}

function addLineBreaks(page: HtmlPage, name: string): void {
  const all = Object.values(page.texts);
  if (name === "br") for (const text of all) text.newLine();
  else if (PARAGRAPH_ELEMENTS.has(name)) for (const text of all) text.ensureBreak(2);
  else if (BLOCK_ELEMENTS.has(name)) for (const text of all) text.ensureBreak(1);
  else if (name === "td" || name === "th") addText(page, " ");
}

function addText(page: HtmlPage, raw: string): void {
  const { kind: own, preformatted } = page.stack.at(-1) ?? ROOT;
  const kind = page.state.history && own !== "hidden" ? "quoted" : own;
  const text = preformatted ? raw.replaceAll("\r\n", "\n") : raw.replaceAll(/[ \t\r\n\f]+/g, " ");
  page.texts[kind].add(decodeEntities(text), preformatted);
}

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  const pattern = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
  // Attributes beyond this length do not matter, and the limit keeps the pattern cheap.
  for (const [, name = "", double, single, bare] of text.slice(0, 4_000).matchAll(pattern)) {
    const key = name.toLowerCase();
    // The first of two attributes of one name counts, as in a browser.
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ""));
  }
  return attributes;
}

/** Puts text together piece by piece, collapsing white space between pieces as a browser's layout would. */
interface TextBuilder {
  add(text: string, preformatted: boolean): void;
  newLine(): void;
  /** At least this many line ends between the text before and the text after. */
  ensureBreak(lines: 1 | 2): void;
  toText(): string;
}

function textBuilder(): TextBuilder {
  const parts: string[] = [];
  let lineEnds = 0;
  let endsInSpace = true;
  const addLines = (count: number): void => {
    if (parts.length === 0 || count <= 0) return;
    parts.push("\n".repeat(count));
    lineEnds += count;
    endsInSpace = true;
  };
  return {
    add(text, preformatted) {
      const piece = endsInSpace && !preformatted ? text.replace(/^ /, "") : text;
      if (piece === "") return;
      parts.push(piece);
      endsInSpace = piece.endsWith(" ") || piece.endsWith("\n");
      if (piece.trim() !== "") lineEnds = 0;
    },
    newLine: () => addLines(1),
    ensureBreak: (lines) => addLines(lines - lineEnds),
    toText() {
      const lines = parts.join("").replaceAll("\u00A0", " ").split("\n");
      return lines
        .map((line) => line.trimEnd())
        .join("\n")
        .replaceAll(/\n{3,}/g, "\n\n")
        .trim();
    },
  };
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

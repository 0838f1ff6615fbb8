/**
 * Splits HTML into text and tags where a browser does (HTML 13.2.5), in one pass over any input. The tokenizer of parse5
 * compares each attribute of a tag with all before it: eight seconds for a hostile tag of 200 KB.
 */

import { decodeHTML, decodeHTMLAttribute } from "entities";

export type Attributes = ReadonlyMap<string, string>;

/** `sheet` is the content of a `style` element. Text and attribute values have their entities decoded. */
export type Token =
  | { readonly kind: "text" | "sheet"; readonly text: string }
  | { readonly kind: "start"; readonly name: string; readonly attributes: Attributes }
  | { readonly kind: "end"; readonly name: string };

/** Elements without inner markup, none of which holds words of a message: no mail program shows what is in them. */
const RAW = new Set("script style title textarea xmp iframe noembed noframes".split(" "));

/** After white space: the end of a tag, or a name with its value. A quote that is never closed takes all that follows. */
const ATTRIBUTE =
  /[\s/]*(?:(>)|(=?[^\s/>=]+|=)(?:\s*=\s*(?:"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\s"'>][^\s>]*)?))?)/y;

/** An unclosed tag, comment or script takes the rest of the text with it, as in a browser. */
export function* tokensOf(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const open = indexOrEnd(html, "<", at);
    if (open > at) yield { kind: "text", text: decodeHTML(html.slice(at, open)) };
    const { token, end } = markupAt(html, open);
    if (token !== null) yield token;
    at = end;
  }
}

/** What a `<` begins, and where text goes on. */
function markupAt(html: string, open: number): { token: Token | null; end: number } {
  const next = html.charAt(open + 1);
  const nameFrom = open + (next === "/" ? 2 : 1);
  const name = nameAt(html, nameFrom);
  if (name !== "") return tagAt(html, name, nameFrom);
  if (["/", "!", "?"].includes(next)) return { token: null, end: commentEnd(html, open) };
  // Brackets in a row are one text, which keeps a page of nothing else cheap.
  const brackets = /<*(?![a-z/!?])/iy;
  brackets.lastIndex = open;
  const text = brackets.exec(html)?.[0] ?? "";
  return {
    token: text === "" ? null : { kind: "text", text },
    end: open + Math.max(text.length, 1),
  };
}

function tagAt(html: string, name: string, nameFrom: number) {
  const { attributes, end, isClosed } = attributesFrom(html, nameFrom + name.length);
  if (!isClosed) return { token: null, end };
  if (html.charAt(nameFrom - 1) === "/") return { token: { kind: "end", name } as const, end };
  if (!RAW.has(name)) return { token: { kind: "start", name, attributes } as const, end };
  const close = rawEnd(html, name, end);
  const sheet = { kind: "sheet", text: html.slice(end, close) } as const;
  return { token: name === "style" ? sheet : null, end: close };
}

function indexOrEnd(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found === -1 ? html.length : found;
}

/** In lower case; empty where no name begins. */
function nameAt(html: string, at: number): string {
  const name = /[a-z][^\s/>]*/iy;
  name.lastIndex = at;
  return name.exec(html)?.[0].toLowerCase() ?? "";
}

function attributesFrom(html: string, from: number) {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  for (let found = ATTRIBUTE.exec(html); found !== null; found = ATTRIBUTE.exec(html)) {
    const [, close, name = "", double, single, bare] = found;
    if (close !== undefined) return { attributes, end: ATTRIBUTE.lastIndex, isClosed: true };
    const key = name.toLowerCase();
    // The first of two attributes of one name counts.
    if (!attributes.has(key))
      attributes.set(key, decodeHTMLAttribute(double ?? single ?? bare ?? ""));
  }
  return { attributes, end: html.length, isClosed: false };
}

/** `<!-->` is a whole comment; whatever else begins with `<!`, `<?` or `</` and is no tag ends at the next `>`. */
function commentEnd(html: string, open: number): number {
  if (!html.startsWith("<!--", open)) return indexOrEnd(html, ">", open) + 1;
  const mark = /--!?>/g;
  mark.lastIndex = open + 2;
  return mark.exec(html) === null ? html.length : mark.lastIndex;
}

function rawEnd(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  close.lastIndex = from;
  return close.exec(html)?.index ?? html.length;
}

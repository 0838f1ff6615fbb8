/**
 * The one reader of HTML, for every channel: the text a person sees, and apart from it what is hidden, because
 * instructions to a model are often hidden. One pass without recursion, linear in the length of any input.
 */
import { decodeHTML, decodeHTMLAttribute } from "entities";
import {
  type Concealment,
  elementConcealment,
  hiddenSelectors,
  isConcealed,
  isSelected,
  NOT_CONCEALED,
} from "./hidden-style.ts";

// Puts text together piece by piece, with white space as a browser's layout would show it.

/** A byte order mark takes no room, so words on both sides of it are one word. */
const WHITE_SPACE = /[^\S\uFEFF]+/g;

class TextLayout {
  readonly #pieces: string[] = [];
  /** Since the last words. */
  #lineEnds = 0;
  #isSpaceDue = false;
  #isItemDue = false;

  /** In pieces; only grows. */
  get size(): number {
    return this.#pieces.length;
  }

  /** White space counts as one space; no-break spaces, which mail programs use for layout, as well. */
  addWords(text: string, lineMark: string): void {
    const words = text.replace(WHITE_SPACE, " ");
    if (words.startsWith(" ")) this.#isSpaceDue = true;
    const core = words.trim();
    if (core === "") return;
    this.#put(core, lineMark);
    this.#isSpaceDue = words.endsWith(" ");
  }

  /** Preformatted text keeps its lines and spaces. */
  addLines(text: string, lineMark: string): void {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) this.newLine();
      if (line !== "") this.#put(line, lineMark);
    }
  }

  addSpace(): void {
    this.#isSpaceDue = true;
  }

  newLine(): void {
    this.#isSpaceDue = false;
    if (this.#pieces.length === 0) return;
    this.#pieces.push("\n");
    this.#lineEnds += 1;
  }

  /** At least this many line ends between the words before and the words after. */
  ensureBreak(lines: 1 | 2): void {
    while (this.#lineEnds < lines && this.#pieces.length > 0) this.newLine();
    this.#isSpaceDue = false;
  }

  /** The next words are an item of a list. */
  beginItem(): void {
    this.#isItemDue = true;
  }

  endItem(): void {
    this.#isItemDue = false;
  }

  addAddress({ address, from }: { readonly address: string; readonly from: number }): void {
    const words = this.#pieces.slice(from).join("");
    // "www.example.com" says it already.
    if (words.includes(address.replaceAll(/^https?:\/\/|\/$/gi, ""))) return;
    if (words.trim() === "") this.addWords(address, "");
    else this.#pieces.push(` (${address})`);
  }

  toText(): string {
    const lines = this.#pieces.join("").replaceAll("\u00A0", " ").split("\n");
    return lines
      .map((line) => line.trimEnd())
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
  }

  #put(text: string, lineMark: string): void {
    if (this.#lineEnds > 0 || this.#pieces.length === 0) this.#pieces.push(lineMark);
    else if (this.#isSpaceDue) this.#pieces.push(" ");
    if (this.#isItemDue) this.#pieces.push("- ");
    this.#pieces.push(text);
    this.#lineEnds = 0;
    this.#isSpaceDue = false;
    this.#isItemDue = false;
  }
}

/** What a page says, by what its reader makes of it. */
interface VisibleText {
  readonly visible: string;
  readonly hidden: string;
  /** Both are empty unless the caller tells them from the visible text. */
  readonly quoted: string;
  readonly signature: string;
}

type PartTeller = (
  name: string,
  attributes: Attributes,
) => "quoted" | "signature" | "history" | null;

/** How channels differ. */
export interface HtmlOptions {
  /** The rest of a longer page is not read. */
  readonly lengthMax?: number;
  /**
   * Tells which elements hold a quotation or a signature; `history` begins a quotation that ends with the page. Without
   * it, a `blockquote` stays in the visible text, each line behind ">" as in a plain mail.
   */
  readonly partOf?: PartTeller;
  /** Puts the address of a link in parentheses after its words. */
  readonly withAddresses?: boolean;
}

type Kind = keyof VisibleText;

interface Element {
  readonly name: string;
  /** Why its text cannot be seen, with what it inherits. */
  readonly concealment: Concealment;
  readonly isHidden: boolean;
  readonly part: Exclude<Kind, "hidden">;
  readonly quoteDepth: number;
  readonly isPreformatted: boolean;
  /** Of a link whose address is to be shown, and how long the text was before it. */
  readonly link: { readonly address: string; readonly from: number } | null;
}

const ROOT: Element = {
  name: "",
  concealment: NOT_CONCEALED,
  isHidden: false,
  part: "visible",
  quoteDepth: 0,
  isPreformatted: false,
  link: null,
};

const LENGTH_MAX = 1_000_000;
const QUOTE_MARKS_MAX = 10;

const VOID = wordSet("area base br col embed hr img input link meta param source track wbr");
/** Set off by an empty line; other blocks only begin a line. */
const PARAGRAPHS = wordSet("p h1 h2 h3 h4 h5 h6");
const BLOCKS = wordSet(
  "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form header hr legend li main nav ol option pre section summary table tr ul",
);

/** What a person sees of a page, and what not. Total: any text is HTML. */
export function visibleText(html: string, options: HtmlOptions = {}): VisibleText {
  const read = html.slice(0, options.lengthMax ?? LENGTH_MAX);
  const reader = new HtmlReader(options, selectorsIn(read));
  for (const token of tokensOf(read)) reader.take(token);
  return reader.result();
}

/** A style sheet hides elements above it too. */
function selectorsIn(html: string): ReadonlySet<string> {
  const found = new Set<string>();
  if (!/<style/i.test(html)) return found;
  for (const token of tokensOf(html))
    if (token.kind === "sheet")
      for (const selector of hiddenSelectors(token.text)) found.add(selector);
  return found;
}

class HtmlReader {
  readonly #options: HtmlOptions;
  readonly #hiddenSelectors: ReadonlySet<string>;
  readonly #open: Element[] = [];
  readonly #openNames = new Map<string, number>();
  readonly #texts: Readonly<Record<Kind, TextLayout>> = {
    visible: new TextLayout(),
    hidden: new TextLayout(),
    quoted: new TextLayout(),
    signature: new TextLayout(),
  };
  #isHistory = false;

  constructor(options: HtmlOptions, selectors: ReadonlySet<string>) {
    this.#options = options;
    this.#hiddenSelectors = selectors;
  }

  take(token: Token): void {
    if (token.kind === "text") this.#text(token.text);
    else if (token.kind === "start") this.#start(token.name, token.attributes);
    else if (token.kind === "end") this.#end(token.name);
  }

  result(): VisibleText {
    const { visible, hidden, quoted, signature } = this.#texts;
    return {
      visible: visible.toText(),
      hidden: hidden.toText(),
      quoted: quoted.toText(),
      signature: signature.toText(),
    };
  }

  #start(name: string, attributes: Attributes): void {
    this.#break(name);
    if (VOID.has(name)) return;
    const opened = this.#elementOf(name, attributes);
    const opens = this.#openNames.get(name) ?? 0;
    // A link has no link inside; only the outer one of two counts.
    const isLink = this.#options.withAddresses === true && name === "a" && opens === 0;
    const text = this.#textOf(opened);
    this.#open.push(isLink ? { ...opened, link: elementLink(attributes, text) } : opened);
    this.#openNames.set(name, opens + 1);
    if (name === "li") text.beginItem();
  }

  #elementOf(name: string, attributes: Attributes): Element {
    const parent = this.#open.at(-1) ?? ROOT;
    const own = elementConcealment(name, attributes, parent.concealment);
    const isGone = isSelected(this.#hiddenSelectors, name, attributes);
    const concealment = isGone ? { ...own, gone: true } : own;
    const quotes = this.#options.partOf === undefined && name === "blockquote" ? 1 : 0;
    return {
      name,
      concealment,
      isHidden: concealment === parent.concealment ? parent.isHidden : isConcealed(concealment),
      part: this.#partOf(name, attributes, parent),
      quoteDepth: Math.min(parent.quoteDepth + quotes, QUOTE_MARKS_MAX),
      isPreformatted: parent.isPreformatted || name === "pre",
      link: null,
    };
  }

  #partOf(name: string, attributes: Attributes, { part }: Element): Element["part"] {
    const own = this.#options.partOf?.(name, attributes) ?? null;
    if (own === "history") this.#isHistory = true;
    if (this.#isHistory || own === "quoted") return "quoted";
    return own === "signature" && part === "visible" ? own : part;
  }

  #end(name: string): void {
    this.#break(name);
    // A closing tag without an open element is ignored without a search; otherwise many of them would be slow.
    if ((this.#openNames.get(name) ?? 0) === 0) return;
    for (let closed = this.#open.pop(); closed !== undefined; closed = this.#open.pop()) {
      this.#openNames.set(closed.name, (this.#openNames.get(closed.name) ?? 1) - 1);
      if (closed.link !== null) this.#textOf(closed).addAddress(closed.link);
      if (closed.name === "li") this.#textOf(closed).endItem();
      if (closed.name === name) return;
    }
  }

  #break(name: string): void {
    const lines = PARAGRAPHS.has(name) ? 2 : 1;
    const isBlock = lines === 2 || BLOCKS.has(name);
    for (const text of Object.values(this.#texts)) {
      if (name === "br") text.newLine();
      else if (name === "td" || name === "th") text.addSpace();
      else if (isBlock) text.ensureBreak(lines);
    }
  }

  #text(words: string): void {
    const inside = this.#open.at(-1) ?? ROOT;
    const { quoteDepth, isPreformatted } = inside;
    const text = this.#textOf(inside);
    const mark =
      quoteDepth === 0 || text !== this.#texts.visible ? "" : `${">".repeat(quoteDepth)} `;
    if (isPreformatted) text.addLines(words, mark);
    else text.addWords(words, mark);
  }

  /** What shows again inside something hidden is seen. */
  #textOf({ isHidden, part }: Element): TextLayout {
    if (isHidden) return this.#texts.hidden;
    return this.#texts[this.#isHistory ? "quoted" : part];
  }
}

function elementLink(attributes: Attributes, text: TextLayout): Element["link"] {
  const address = attributes.get("href")?.trim() ?? "";
  return /^https?:/i.test(address) ? { address, from: text.size } : null;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

type Attributes = ReadonlyMap<string, string>;

/** `sheet` is the content of a `style` element. Text and attribute values have their entities decoded. */
type Token =
  | { readonly kind: "text" | "sheet"; readonly text: string }
  | { readonly kind: "start"; readonly name: string; readonly attributes: Attributes }
  | { readonly kind: "end"; readonly name: string };

/** Elements without inner markup, none of which holds words of a message: no mail program shows what is in them. */
const RAW = new Set("script style title textarea xmp iframe noembed noframes".split(" "));

/** After white space: the end of a tag, or a name with its value. A quote that is never closed takes all that follows. */
const ATTRIBUTE =
  /[\s/]*(?:(>)|(=?[^\s/>=]+|=)(?:\s*=\s*(?:"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\s"'>][^\s>]*)?))?)/y;

/** An unclosed tag, comment or script takes the rest of the text with it, as in a browser. */
function* tokensOf(html: string): Generator<Token> {
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

/**
 * Converts HTML to the text a person sees, and keeps hidden text apart: instructions to a model are often hidden. One
 * pass, no recursion, no regular expression over more than one tag, so no input can make it slow.
 */

import { decodeEntities } from "./html-entities.ts";
import {
  type Concealment,
  concealmentOf,
  hiddenSelectors,
  isConcealed,
  isSelected,
  NOT_CONCEALED,
} from "./hidden-style.ts";

/** The text of an HTML part. */
export interface VisibleText {
  readonly visible: string;
  readonly hidden: string;
}

const VOID = new Set(
  "area base br col embed hr img input link meta param source track wbr".split(" "),
);
const BLOCKS = new Set(
  "address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);
/** Elements whose content is no visible text; mail readers do not show `title` in the body. */
const RAW = new Set(["script", "style", "title", "textarea", "noscript", "template"]);
const TAG_LENGTH_MAX = 20_000;

interface Open {
  readonly name: string;
  readonly hidden: boolean;
  readonly quote: boolean;
  readonly pre: boolean;
  /** Why its text cannot be seen, with what it inherits. */
  readonly concealment: Concealment;
}

/** Reads at most `lengthMax` characters. */
export function visibleText(html: string, lengthMax: number): VisibleText {
  const reader = new HtmlReader(html.slice(0, lengthMax));
  return reader.read();
}

class HtmlReader {
  readonly #html: string;
  readonly #open: Open[] = [];
  readonly #openNames = new Map<string, number>();
  readonly #hiddenSelectors = new Set<string>();
  readonly #visible: string[] = [];
  readonly #hidden: string[] = [];
  #quoteDepth = 0;
  #preDepth = 0;
  #lineStart = true;
  #spacePending = false;

  constructor(html: string) {
    this.#html = html;
  }

  read(): VisibleText {
    let at = 0;
    while (at < this.#html.length) {
      const next = this.#html.indexOf("<", at);
      if (next === -1) {
        this.#text(this.#html.slice(at));
        break;
      }
      if (next > at) this.#text(this.#html.slice(at, next));
      at = this.#markup(next);
    }
    return {
      visible: tidy(this.#visible.join("")),
      hidden: tidy(this.#hidden.join("")),
    };
  }

  /** Handles the markup that starts at this `<` and returns its end. */
  #markup(at: number): number {
    const html = this.#html;
    if (html.startsWith("<!--", at)) return endOf(html, "-->", at + 4);
    const second = html.charAt(at + 1);
    if (second === "!" || second === "?") return endOf(html, ">", at + 2);
    if (!/[a-z/]/i.test(second)) {
      this.#text("<");
      return at + 1;
    }
    const end = tagEnd(html, at + 1);
    const tag = html.slice(at + 1, Math.min(end - 1, at + TAG_LENGTH_MAX));
    if (second === "/") {
      this.#close(tagName(tag.slice(1)));
      return end;
    }
    return this.#start(tag, end);
  }

  #start(tag: string, end: number): number {
    const name = tagName(tag);
    if (RAW.has(name)) return this.#raw(name, end);
    if (BLOCKS.has(name) || name === "br") this.#newLine(name);
    if (name === "td" || name === "th") this.#spacePending = true;
    if (VOID.has(name) || tag.endsWith("/")) return end;
    const parent = this.#open.at(-1)?.concealment ?? NOT_CONCEALED;
    const concealment = lookOf(name, tag, this.#hiddenSelectors, parent);
    const opened = {
      name,
      concealment,
      hidden: isConcealed(concealment),
      quote: name === "blockquote",
      pre: name === "pre",
    };
    this.#open.push(opened);
    this.#openNames.set(name, (this.#openNames.get(name) ?? 0) + 1);
    this.#count(opened, 1);
    return end;
  }

  /** Skips content that is no text, and records what a style sheet hides. */
  #raw(name: string, from: number): number {
    const close = indexOfClose(this.#html, name, from);
    if (name === "style")
      for (const selector of hiddenSelectors(this.#html.slice(from, close)))
        this.#hiddenSelectors.add(selector);
    return endOf(this.#html, ">", close);
  }

  #close(name: string): void {
    if (BLOCKS.has(name)) this.#newLine(name);
    // A closing tag without an open element is ignored without a search; otherwise many of them would be slow.
    if ((this.#openNames.get(name) ?? 0) === 0) return;
    for (let opened = this.#open.pop(); opened !== undefined; opened = this.#open.pop()) {
      this.#openNames.set(opened.name, (this.#openNames.get(opened.name) ?? 1) - 1);
      this.#count(opened, -1);
      if (opened.name === name) return;
    }
  }

  #count(opened: Open, step: 1 | -1): void {
    if (opened.quote) this.#quoteDepth += step;
    if (opened.pre) this.#preDepth += step;
  }

  /** What shows again inside something hidden is seen. */
  #isHidden(): boolean {
    return this.#open.at(-1)?.hidden ?? false;
  }

  #newLine(name: string): void {
    this.#spacePending = false;
    const out = this.#isHidden() ? this.#hidden : this.#visible;
    // A paragraph is set off by an empty line, any other block only starts a new one.
    if (this.#lineStart && name !== "br" && name !== "p") return;
    out.push("\n");
    this.#lineStart = true;
  }

  #text(raw: string): void {
    const decoded = decodeEntities(raw);
    if (this.#preDepth > 0) {
      for (const [index, line] of decoded.split(/\r?\n/).entries()) {
        if (index > 0) this.#newLine("br");
        this.#put(line);
      }
      return;
    }
    // No-break spaces are layout in mail, so they collapse like others.
    const words = decoded.replace(/[\s\u00a0]+/g, " ");
    if (words.startsWith(" ")) this.#spacePending = true;
    const core = words.trim();
    if (core === "") return;
    this.#put(this.#spacePending && !this.#lineStart ? ` ${core}` : core);
    this.#spacePending = words.endsWith(" ");
  }

  #put(text: string): void {
    if (text === "") return;
    if (this.#isHidden()) {
      this.#hidden.push(text);
      return;
    }
    if (this.#lineStart && this.#quoteDepth > 0)
      this.#visible.push(`${">".repeat(Math.min(this.#quoteDepth, 10))} `);
    this.#visible.push(text);
    this.#lineStart = false;
  }
}

/** Why what a tag opens cannot be seen, if so. */
function lookOf(
  name: string,
  tag: string,
  selectors: ReadonlySet<string>,
  parent: Concealment,
): Concealment {
  const attributes = tag.length === name.length ? NONE : attributesOf(tag);
  const own = concealmentOf(name, attributes, parent);
  return isSelected(selectors, name, attributes) ? { ...own, gone: true } : own;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Name and value pairs of a tag; an unquoted value ends at white space. */
function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const pattern = /([a-z-]{1,40})(?:\s{0,10}=\s{0,10}(?:"([^"]*)"|'([^']*)'|([^\s"'>]*)))?/gi;
  const rest = tag.slice(tagName(tag).length);
  for (const [, name = "", double, single, bare] of rest.matchAll(pattern)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, decodeEntities(double ?? single ?? bare ?? ""));
    if (found.size >= 50) break;
  }
  return found;
}

function tagName(tag: string): string {
  return /^[a-z][a-z0-9:-]{0,40}/i.exec(tag)?.[0].toLowerCase() ?? "";
}

/** The end of a tag: a `>` inside quotes belongs to the value, unless the quote is never closed. */
function tagEnd(html: string, at: number): number {
  let quote = "";
  const limit = Math.min(html.length, at + TAG_LENGTH_MAX);
  for (let index = at; index < limit; index += 1) {
    const character = html.charAt(index);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === ">") return index + 1;
    else if ((character === '"' || character === "'") && html.charAt(index - 1) === "=")
      quote = character;
  }
  return endOf(html, ">", at);
}

function endOf(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found === -1 ? html.length : found + mark.length;
}

function indexOfClose(html: string, name: string, from: number): number {
  for (let at = html.indexOf("</", from); at !== -1; at = html.indexOf("</", at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at;
  }
  return html.length;
}

function tidy(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

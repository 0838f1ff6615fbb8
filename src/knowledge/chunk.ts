/** Cuts help pages into passages. */
import type { Page } from "./pages.ts";

/** A passage before it is stored: one section of a page, short enough to be cited as a whole. */
export interface Chunk {
  /** Page and heading, such as `refund-policy#partial-refunds`; stable while both keep their names. */
  readonly id: string;
  /** The headings above the text, outermost first, without the page's title; empty before the first heading. */
  readonly headings: readonly string[];
  /** Markdown. */
  readonly text: string;
}

/** As much as a person reads at once, and an embedding still represents well. */
const WORDS_MAX = 250;

/**
 * Cuts a page at its headings. Sections are never joined, so that a passage has one topic and its id names it; a
 * section of more than 250 words is cut between paragraphs, a long paragraph between sentences.
 */
export function pageChunks(page: Page): readonly Chunk[] {
  const taken = new Map<string, number>();
  return textSections(page.text).flatMap(({ headings, text }) =>
    sectionParts(text).map((part) => {
      const name = headingSlug(headings.at(-1) ?? "") || "top";
      const count = (taken.get(name) ?? 0) + 1;
      taken.set(name, count);
      const id = `${page.slug}#${name}${count === 1 ? "" : `-${count}`}`;
      return { id, headings, text: part };
    }),
  );
}

interface Section {
  readonly headings: readonly string[];
  readonly text: string;
}

function textSections(text: string): readonly Section[] {
  const sections: { readonly headings: readonly string[]; readonly lines: string[] }[] = [
    { headings: [], lines: [] },
  ];
  const path: Heading[] = [];
  let fenced = false;
  for (const line of text.split(/\r?\n/)) {
    // A "#" inside a fenced block is a comment in code, not a heading.
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : lineHeading(line);
    if (heading === null) {
      sections.at(-1)?.lines.push(line);
      continue;
    }
    const above = path.findIndex(({ level }) => level >= heading.level);
    path.splice(above < 0 ? path.length : above, path.length, heading);
    sections.push({ headings: path.map(({ name }) => name), lines: [] });
  }
  return sections
    .map(({ headings, lines }) => ({ headings, text: lines.join("\n").trim() }))
    .filter((section) => section.text !== "");
}

interface Heading {
  readonly level: number;
  readonly name: string;
}

function lineHeading(line: string): Heading | null {
  const { marks, name } = /^(?<marks>#{1,6})\s(?<name>.*)$/s.exec(line)?.groups ?? {};
  if (marks === undefined || name === undefined) return null;
  return { level: marks.length, name: name.replace(/(?<!#)#+$/, "").trim() };
}

function sectionParts(text: string): readonly string[] {
  if (wordsIn(text) <= WORDS_MAX) return [text];
  const pieces = text.split(/\n{2,}/).flatMap((paragraph) =>
    wordsIn(paragraph) <= WORDS_MAX
      ? [{ piece: paragraph, glue: "\n\n" }]
      : boundedSentences(paragraph).map((piece, at) => ({
          piece,
          glue: at === 0 ? "\n\n" : " ",
        })),
  );
  const parts: string[] = [];
  for (const { piece, glue } of pieces) {
    const last = parts.at(-1);
    if (last !== undefined && wordsIn(last) + wordsIn(piece) <= WORDS_MAX)
      parts[parts.length - 1] = `${last}${glue}${piece}`;
    else parts.push(piece);
  }
  return parts;
}

/** An extremely long "sentence", such as a table in one line, is cut between words. */
function boundedSentences(paragraph: string): readonly string[] {
  return paragraph.split(/(?<=[.!?])\s+/).flatMap((sentence) => {
    const words = sentence.split(/\s+/);
    const cuts = Math.ceil(words.length / WORDS_MAX);
    return Array.from({ length: cuts }, (_, at) =>
      words.slice(at * WORDS_MAX, (at + 1) * WORDS_MAX).join(" "),
    );
  });
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

function headingSlug(heading: string): string {
  return heading
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
}

/** Puts third-party text into Slack blocks so that nothing in it can mention, format or link. */

import type { types } from "@slack/bolt";
import { clip, cut, SECTION_MAX, visible } from "./text.ts";

/**
 * How text may be shown. `literal`: plain text objects only. `inert`: also as mrkdwn where mrkdwn shows exactly the
 * same characters, since some clients drop line breaks from plain text. `linked`: the same, and web addresses become
 * links.
 */
type Manner = "literal" | "inert" | "linked";

/** Characters and patterns on which mrkdwn acts (api.slack.com, formatting); `_` acts only at the edge of a word. */
const FORMATTING = /[&<>*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:[A-Za-z0-9_+-]+:/;
const WEB_ADDRESS = /https?:\/\//i;
/** With these, Slack's automatic parsing could find a channel or a person (text object reference, `verbatim`). */
const NAMES = /[@#]/;

/**
 * Third-party text as sections that joined give exactly the same text. A paragraph that markup could act on goes into a
 * plain text object, so that nothing in it can mention, format or link.
 */
export function sectionsOf(
  text: string,
  options: { readonly manner: Manner; readonly sectionsMax: number },
): readonly types.SectionBlock[] {
  const paragraphs = mergePieces(paragraphsOf(text).flatMap(sectionPieces), options.manner);
  const shown = paragraphs.length <= options.sectionsMax ? paragraphs : sectionPieces(text);
  return shown.map((piece) => ({ type: "section", text: textObject(piece, options.manner) }));
}

/** A heading is one line. */
const HEADING_MAX = 150;

/** A section with only a heading, in bold where that is safe. */
export function titleSection(heading: string): types.SectionBlock {
  const words = clip(visible(heading), HEADING_MAX);
  const shown = textObject(words, "inert");
  return {
    type: "section",
    text: shown.type === "mrkdwn" ? { ...shown, text: `*${words}*` } : shown,
  };
}

/** One text object, as mrkdwn only where that shows the same characters. */
export function textObject(
  text: string,
  manner: Manner,
): types.PlainTextElement | types.MrkdwnElement {
  if (!mayBeMarkup(text, manner)) return { type: "plain_text", text, emoji: false };
  const verbatim = manner !== "linked" || NAMES.test(text);
  return { type: "mrkdwn", text, verbatim };
}

function mayBeMarkup(text: string, manner: Manner): boolean {
  if (manner === "literal" || FORMATTING.test(text)) return false;
  return manner === "linked" || !WEB_ADDRESS.test(text);
}

/** Pieces that fit into a section; the separator between two of them stays with the first. */
function sectionPieces(text: string): readonly string[] {
  return cut(text, SECTION_MAX)
    .map((piece) => piece.text + piece.joint)
    .filter((piece) => piece !== "");
}

/** Merges neighbouring pieces that markup cannot harm, as long as they fit into one section. */
function mergePieces(pieces: readonly string[], manner: Manner): readonly string[] {
  const sections: string[] = [];
  for (const piece of pieces) {
    const last = sections.at(-1);
    const together = (last ?? "") + piece;
    if (last !== undefined && together.length <= SECTION_MAX && mayBeMarkup(together, manner))
      sections[sections.length - 1] = together;
    else sections.push(piece);
  }
  return sections;
}

/** Paragraphs with the empty lines after them; joined they are the text. */
function paragraphsOf(text: string): readonly string[] {
  const paragraphs: string[] = [];
  for (const part of text.split(/(?<=\n[^\S\n]*\n)(?=[^\n])/)) {
    const last = paragraphs.at(-1);
    // A section must not be empty, so leading blank lines go with the paragraph that follows.
    if (last !== undefined && last.trim() === "") paragraphs[paragraphs.length - 1] = last + part;
    else paragraphs.push(part);
  }
  return paragraphs;
}

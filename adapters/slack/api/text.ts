/** Text for Slack: escaped, cut, made readable, and as the blocks in which nothing of third parties can mention, format or link. */

import type { types } from "@slack/bolt";
import { oneLine, withNamedOverrides } from "#core/values/words.ts";

/**
 * Most characters Deskhand puts into one text object. Slack allows 3000 in a section and in an input (docs.slack.dev,
 * Block Kit reference); the rest is room for a remark such as "full text in the console".
 */
export const SECTION_MAX = 2_900;

/** Control characters other than line breaks and tabs show nothing and distort the length that Slack counts. */
// oxlint-disable-next-line no-control-regex -- naming them is the point.
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

/** Escapes only the three characters with which Slack builds mentions and links (api.slack.com, formatting). */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** At most `max` code units, cut between characters, with an ellipsis when something is missing. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, safeEnd(text, max - 1))}…`;
}

/** Third-party text without invisible characters: line ends are uniform, controls dropped, overrides named. */
export function visible(text: string): string {
  return withNamedOverrides(text.toWellFormed().replaceAll("\r\n", "\n").replace(CONTROLS, ""));
}

/** Third-party text as one line of at most so many characters. */
export function shortLine(text: string, max: number): string {
  return clip(oneLine(visible(text)), max);
}

/**
 * Third-party text as written: a plain text object is never parsed for mentions, links, formatting or emoji names. It
 * must not be empty, so empty text becomes a dash.
 */
export function literal(text: string, max: number): types.PlainTextElement {
  const shown = visible(text);
  return { type: "plain_text", text: clip(shown.trim() === "" ? "–" : shown, max), emoji: false };
}

/** One piece of a long text and the separator to the next, so that joining gives the same bytes again. */
export interface Piece {
  readonly text: string;
  readonly joint: "\n" | " " | "";
}

/** Cuts a text into pieces of at most `max` code units, at a line end or a space where there is one late enough. */
export function cut(text: string, max: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  while (text.length - from > max) {
    const joint = (["\n", " "] as const).find(
      (mark) => text.lastIndexOf(mark, from + max) > from + max / 2,
    );
    const end =
      joint === undefined
        ? from + safeEnd(text.slice(from), max)
        : text.lastIndexOf(joint, from + max);
    pieces.push({ text: text.slice(from, end), joint: joint ?? "" });
    from = end + (joint?.length ?? 0);
  }
  return [...pieces, { text: text.slice(from), joint: "" }];
}

/** Where to cut so that a surrogate pair stays whole. */
function safeEnd(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

/** The names that replace ids in Slack's angle brackets. */
export interface Names {
  /** Our own user id, whose mentions are dropped from the text. */
  readonly self: string;
  /** Display names by user id, as far as they are known. */
  readonly users: ReadonlyMap<string, string>;
}

const USER_MENTION = /<@([UW][A-Z0-9]+)(?:\|([^<>]*))?>/g;

/** User ids mentioned in a message, ours included. */
export function mentionedUsers(text: string): readonly string[] {
  return [...text.matchAll(USER_MENTION)].flatMap(([, id]) => (id === undefined ? [] : [id]));
}

/** A message as its writer saw it: mentions by name, links with their address, the three escapes undone. */
export function readableText(text: string, names: Names): string {
  return text
    .replaceAll(new RegExp(`[ \\t]*<@${names.self}(?:\\|[^>]*)?>`, "g"), "")
    .replace(USER_MENTION, (_, id: string, label?: string) => {
      return `@${names.users.get(id) ?? label ?? id}`;
    })
    .replace(/<#([A-Z0-9]+)(?:\|([^<>]*))?>/g, (_, id: string, label?: string) => {
      return `#${label === undefined || label === "" ? id : label}`;
    })
    .replace(/<!([^<>|]+)(?:\|([^<>]*))?>/g, (_, kind: string, label?: string) => {
      return label ?? `@${kind.split("^", 1)[0] ?? ""}`;
    })
    .replace(/<([^<>|\s]+)(?:\|([^<>]*))?>/g, (_, url: string, label?: string) => {
      const address = url.replace(/^(?:mailto|tel):/, "");
      return label === undefined || label === address || label === url
        ? address
        : `${label} (${address})`;
    })
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}

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
export function sectionBlocks(
  text: string,
  options: { readonly manner: Manner; readonly sectionsMax: number },
): readonly types.SectionBlock[] {
  const paragraphs = mergePieces(textParagraphs(text).flatMap(sectionPieces), options.manner);
  const shown = paragraphs.length <= options.sectionsMax ? paragraphs : sectionPieces(text);
  return shown.map((piece) => ({ type: "section", text: textObject(piece, options.manner) }));
}

/** A heading is one line. */
const HEADING_MAX = 150;

/** A section with only a heading, in bold where that is safe. */
export function titleSection(heading: string): types.SectionBlock {
  return { type: "section", text: bold(clip(visible(heading), HEADING_MAX)) };
}

/** The words in bold where that is safe, and `rest` behind them; text that markup could act on stays plain. */
export function bold(words: string, rest = ""): types.PlainTextElement | types.MrkdwnElement {
  const shown = textObject(`${words}${rest}`, "inert");
  return shown.type === "mrkdwn" ? { ...shown, text: `*${words}*${rest}` } : shown;
}

/** A text of at most so many characters as one section. */
export function section(words: string, max = SECTION_MAX): types.SectionBlock {
  return { type: "section", text: textObject(clip(visible(words), max), "inert") };
}

/** The same as written, never as markup. */
export function literalSection(words: string): types.SectionBlock {
  return { type: "section", text: literal(words, SECTION_MAX) };
}

/** A remark in small type. */
export function note(words: string, max = SECTION_MAX): types.ContextBlock {
  return { type: "context", elements: [literal(words, max)] };
}

/** Words of our own, which hold no markup. */
export function plainText(text: string): types.PlainTextElement {
  return { type: "plain_text", text };
}

/**
 * Lines in one text object where markup shows exactly these characters, else in one each: some clients drop the line
 * breaks of a plain text object.
 */
export function lineElements(
  lines: readonly string[],
): readonly (types.PlainTextElement | types.MrkdwnElement)[] {
  if (lines.length === 0) return [];
  const together = textObject(lines.join("\n"), "inert");
  return together.type === "mrkdwn" ? [together] : lines.map((line) => textObject(line, "inert"));
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
function textParagraphs(text: string): readonly string[] {
  const paragraphs: string[] = [];
  for (const part of text.split(/(?<=\n[^\S\n]*\n)(?=[^\n])/)) {
    const last = paragraphs.at(-1);
    // A section must not be empty, so leading blank lines go with the paragraph that follows.
    if (last !== undefined && last.trim() === "") paragraphs[paragraphs.length - 1] = last + part;
    else paragraphs.push(part);
  }
  return paragraphs;
}

/** Prefix of action ids of buttons that only open a link; Slack reports a click on one, and we ignore it. */
export const LINK_PREFIX = "link:";

/** A link may have 3000 characters, a button's text 75 (button element reference). */
const LINK_MAX = 3_000;

const LABEL_MAX = 75;

/** An address that a button may open; null for anything else. */
export function webLink(address: string): string | null {
  return /^https?:\/\//.test(address) && address.length <= LINK_MAX ? address : null;
}

/** A button with words of our own; what it means is in its action id and value. */
export function button(
  actionId: string,
  label: string,
  { value, ...more }: { readonly value: string } & Pick<types.Button, "style" | "confirm">,
): types.Button {
  return { type: "button", action_id: actionId, value, text: plainText(label), ...more };
}

/** A button with this label; `name` tells it from the other link buttons of a message. */
export function linkButton(label: string, url: string, name: string): types.Button {
  return {
    type: "button",
    action_id: `${LINK_PREFIX}${name}`,
    text: { type: "plain_text", text: label.slice(0, LABEL_MAX), emoji: false },
    url,
  };
}

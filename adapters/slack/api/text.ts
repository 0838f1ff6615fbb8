/** Text helpers for Slack: escaping, cutting, and making messages readable. */

import type { types } from "@slack/bolt";
import { oneLine } from "#core/values/words.ts";

/**
 * Most characters Deskhand puts into one text object. Slack allows 3000 in a section and in an input (docs.slack.dev,
 * Block Kit reference); the rest is room for a remark such as "full text in the console".
 */
export const SECTION_MAX = 2_900;

/** Overrides and isolates can make a text read differently from what it says; a card shows them by name. */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;

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
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(CONTROLS, "")
    .replace(BIDI_CONTROLS, (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase()}]`);
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

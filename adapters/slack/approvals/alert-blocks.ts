/** Renders an alert: what happened, to whom, in their words, what they were told, and where to go on. */

import type { types } from "@slack/bolt";
import type { AlertedCase, AlertedJunk } from "#core/values/alert.ts";
import type { Post } from "#slack/api/post-once.ts";
import type { AlertArguments } from "#slack/api/schema.ts";
import { textObject } from "#slack/api/mrkdwn.ts";
import { clip, escapeMarkup, literal, SECTION_MAX, visible } from "#slack/api/text.ts";
import { caseButton } from "./case-buttons.ts";
import { linkButton, webLink } from "./links.ts";

const NOTIFICATION_MAX = 300;
const LINE_MAX = 600;

/** A link at the end of our own text, which a button shows instead. */
const LAST_LINK = /(?:^|(?<!\s)\s+)(?<url>https?:\/\/\S+)$/;

type Block = types.KnownBlock;

/**
 * The alert as a message. The notification holds our own text alone, so a locked phone shows no customer's name; every
 * word of the customer is shown literally. `to` is the mentions, as markup of our own.
 */
export function renderAlert(
  alert: AlertArguments,
  to: string,
  marker: string,
): Pick<Post, "marker" | "text" | "blocks"> {
  const { text, case: about, junk } = alert;
  const mentions: readonly Block[] =
    to === "" ? [] : [{ type: "section", text: { type: "mrkdwn", text: to.trim() } }];
  return {
    marker,
    text: `${to}${escapeMarkup(clip(text, NOTIFICATION_MAX))}`,
    blocks: [
      ...mentions,
      ...(about === undefined
        ? [{ type: "section" as const, block_id: marker, text: literal(text, SECTION_MAX) }]
        : caseBlocks(about, text, marker)),
      ...(junk === undefined ? [] : junkBlocks(junk)),
    ],
  };
}

/** Who and about what first, then why the team is told, the customer's words, and what they know. */
function caseBlocks(about: AlertedCase, text: string, marker: string): readonly Block[] {
  const words = text.replace(LAST_LINK, "");
  const subject = about.subject === "" ? "" : `“${about.subject}”`;
  const who = [about.name, subject].filter((part) => part !== "").join(" · ");
  return [
    { type: "section", block_id: marker, text: emphasised(who) },
    section(words),
    ...(about.words === "" ? [] : [section(`“${about.words}”`)]),
    note(`${about.channel} · ${about.since}`),
    note(`${about.told} ${about.expects}`),
    { type: "actions", elements: buttonsOf(about, text) },
  ];
}

function buttonsOf(about: AlertedCase, text: string): types.Button[] {
  const place = webLink(about.link.url);
  const trace = webLink(LAST_LINK.exec(text)?.groups?.["url"] ?? "");
  return [
    ...(about.canBeTaken ? [caseButton("take_over", about.conversationId)] : []),
    ...(place === null ? [] : [linkButton(about.link.label, place, "case")]),
    ...(trace === null || trace === place ? [] : [linkButton("Why?", trace, "why")]),
  ];
}

/** In bold where that is safe; text that markup could act on stays plain. */
function emphasised(words: string): types.PlainTextElement | types.MrkdwnElement {
  const line = clip(visible(words), LINE_MAX);
  const shown = textObject(line, "inert");
  return shown.type === "mrkdwn" ? { ...shown, text: `*${line}*` } : shown;
}

function section(words: string): types.SectionBlock {
  return { type: "section", text: textObject(clip(visible(words), SECTION_MAX), "inert") };
}

function note(words: string): types.ContextBlock {
  return { type: "context", elements: [literal(words, LINE_MAX)] };
}

// Renders the daily list of what was set aside as junk.

/** A message holds 50 blocks; the alert itself needs a few. */
const SHOWN_MAX = 40;
const JUNK_LINE_MAX = 400;

/** One line each, with a button that puts it back to work; nothing here can be answered or sent. */
function junkBlocks(junk: readonly AlertedJunk[]): readonly types.KnownBlock[] {
  const shown = junk.slice(0, SHOWN_MAX);
  const more = junk.length - shown.length;
  return [
    ...shown.map(lineOf),
    ...(more === 0 ? [] : [junkSection(`… and ${more} more in the console`)]),
  ];
}

function lineOf({
  conversationId,
  from,
  subject,
  kind,
  why,
  isAside,
}: AlertedJunk): types.SectionBlock {
  const named = [from, subject === "" ? "" : `“${subject}”`].filter((part) => part !== "");
  const words = `${named.join(" · ")} · ${kind}: ${why}`;
  return isAside
    ? { ...junkSection(words), accessory: caseButton("not_junk", conversationId) }
    : junkSection(`${words} · put back to work`);
}

function junkSection(words: string): types.SectionBlock {
  const line = clip(visible(words).replaceAll(/\s+/g, " "), JUNK_LINE_MAX);
  return { type: "section", text: textObject(line, "inert") };
}

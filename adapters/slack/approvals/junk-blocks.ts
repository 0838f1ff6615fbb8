/** Renders the daily list of what was set aside as junk. */

import type { types } from "@slack/bolt";
import type { AlertedJunk } from "#core/values/alert.ts";
import { textObject } from "#slack/api/mrkdwn.ts";
import { clip, visible } from "#slack/api/text.ts";
import { caseButton } from "./case-buttons.ts";

/** A message holds 50 blocks; the alert itself needs a few. */
const SHOWN_MAX = 40;
const LINE_MAX = 400;

/** One line each, with a button that puts it back to work; nothing here can be answered or sent. */
export function junkBlocks(junk: readonly AlertedJunk[]): readonly types.KnownBlock[] {
  const shown = junk.slice(0, SHOWN_MAX);
  const more = junk.length - shown.length;
  return [
    ...shown.map(lineOf),
    ...(more === 0 ? [] : [section(`… and ${more} more in the console`)]),
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
    ? { ...section(words), accessory: caseButton("not_junk", conversationId) }
    : section(`${words} · put back to work`);
}

function section(words: string): types.SectionBlock {
  const line = clip(visible(words).replaceAll(/\s+/g, " "), LINE_MAX);
  return { type: "section", text: textObject(line, "inert") };
}

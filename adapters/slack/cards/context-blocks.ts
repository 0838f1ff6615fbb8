/** Blocks for the context of a card: attached files and short lines in small type. */

import type { types } from "@slack/bolt";
import type { Card } from "#core/contracts/approval-desk.ts";
import { LINK_PREFIX } from "#slack/approvals/links.ts";
import { clip, literal, visible } from "#slack/api/text.ts";
import { textObject } from "#slack/api/mrkdwn.ts";

type Block = types.KnownBlock;

const LINE_MAX = 200;

/** The files that came with the message, with a link: third-party files are opened in the console only. */
export function fileBlocks({ context: { files, link } }: Card): readonly Block[] {
  if (files === "") return [];
  return [
    {
      type: "section",
      text: literal(`📎 ${files}`, LINE_MAX),
      ...(isWebAddress(link) ? { accessory: openFiles(link) } : {}),
    },
  ];
}

function openFiles(url: string): types.Button {
  return {
    type: "button",
    action_id: `${LINK_PREFIX}files`,
    text: { type: "plain_text", text: "Open files" },
    url,
  };
}

/** A button's address must be one a browser opens. We build it; it never comes from a customer or a model. */
function isWebAddress(link: string): boolean {
  return URL.canParse(link) && /^https?:$/.test(new URL(link).protocol);
}

/** Lines in small type, together where markup shows exactly these characters, else each in a block of its own. */
export function contextBlocks(list: readonly string[]): readonly Block[] {
  const lines = list.map((line) => clip(visible(line).replaceAll(/\s+/g, " ").trim(), LINE_MAX));
  if (lines.length === 0) return [];
  const together = textObject(lines.join("\n"), "inert");
  if (together.type === "mrkdwn") return [{ type: "context", elements: [together] }];
  return lines.map((line) => ({ type: "context", elements: [textObject(line, "inert")] }));
}

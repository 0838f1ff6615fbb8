/** Shows a trace as a Slack modal. */

import type { types } from "@slack/bolt";
import type { Explanation } from "#core/values/desk-overview.ts";
import { LINK_PREFIX } from "./home-tab.ts";
import { webLink } from "./publish-home.ts";
import { clip, visible } from "#slack/api/text.ts";
import { textObject, titleSection } from "#slack/api/mrkdwn.ts";

/** A view holds 100 blocks and 250 kB (views.open reference); room is left for the link at the end. */
const BLOCKS_MAX = 95;
const BYTES_MAX = 200_000;
const LINE_MAX = 400;

/**
 * The trace as a modal. Lines may hold third-party text and are shown so that nothing in them can mention, link or
 * format. Of a trace that is too long the beginning is shown, with a link to the console for the rest.
 */
export function traceView({ sections, link }: Explanation): types.ModalView {
  const blocks = sections.flatMap(({ heading, lines }) => [
    ...(heading === "" ? [] : [titleSection(heading)]),
    ...lines.map(lineOf),
  ]);
  const shown = blocks.slice(0, fittingCount(blocks));
  const isCut = shown.length < blocks.length;
  return {
    type: "modal",
    title: { type: "plain_text", text: "Why?" },
    close: { type: "plain_text", text: "Close" },
    blocks: [...shown, ...lastBlocks(link, isCut ? blocks.length - shown.length : 0)],
  };
}

function fittingCount(blocks: readonly types.KnownBlock[]): number {
  let bytes = 0;
  for (const [index, block] of blocks.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(block));
    if (index >= BLOCKS_MAX || bytes > BYTES_MAX) return index;
  }
  return blocks.length;
}

/** The link to the full trace, and how many lines are missing here. */
function lastBlocks(link: string, missing: number): readonly types.KnownBlock[] {
  const address = webLink(link);
  const rest: types.KnownBlock[] =
    missing === 0
      ? []
      : [
          lineOf(
            `… ${missing} more lines. All of it is in the console${address === null ? "" : ":"}`,
          ),
        ];
  if (address === null) return rest;
  return [
    ...rest,
    {
      type: "actions",
      elements: [
        {
          type: "button",
          action_id: `${LINK_PREFIX}why`,
          text: { type: "plain_text", text: "Open in the console" },
          url: address,
        },
      ],
    },
  ];
}

function lineOf(line: string): types.KnownBlock {
  const words = clip(visible(line).replaceAll(/\s+/g, " ").trim(), LINE_MAX) || "–";
  return { type: "context", elements: [textObject(words, "inert")] };
}

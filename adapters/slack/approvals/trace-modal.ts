/** Shows the explanation of a card as a Slack modal. */

import type { types } from "@slack/bolt";
import type { Explanation } from "#core/values/desk-overview.ts";
import { LINK_PREFIX, webLink } from "./links.ts";
import { FIGURES } from "./parse-interaction.ts";
import { clip, visible } from "#slack/api/text.ts";
import { textObject, titleSection } from "#slack/api/mrkdwn.ts";

/** A view holds 100 blocks and 250 kB (views.open reference); room is left for the link at the end. */
const BLOCKS_MAX = 95;
const BYTES_MAX = 200_000;
const LINE_MAX = 400;

/** What a view of a trace shows: what support asks for, or the figures behind it. */
export type TracePart = "why" | "figures";

/**
 * The explanation of a card as a modal: first the sentences, with a button to the figures behind them. Lines may hold third-party text and are shown so that nothing in them can mention, link or
 * format. Of a trace that is too long the beginning is shown, with a link to the console for the rest.
 */
export function traceView(
  { sections, figures, link }: Explanation,
  { part, card }: { readonly part: TracePart; readonly card: string },
): types.ModalView {
  const blocks = (part === "why" ? sections : figures).flatMap(({ heading, lines }) => [
    ...(heading === "" ? [] : [titleSection(heading)]),
    ...lines.map(lineOf),
  ]);
  const shown = blocks.slice(0, fittingCount(blocks));
  const isCut = shown.length < blocks.length;
  return {
    type: "modal",
    title: { type: "plain_text", text: part === "why" ? "Why?" : "Figures and steps" },
    close: { type: "plain_text", text: part === "why" ? "Close" : "Back" },
    blocks: [
      ...shown,
      ...lastBlocks(link, {
        missing: isCut ? blocks.length - shown.length : 0,
        figuresOf: part === "why" && figures.length > 0 ? card : null,
      }),
    ],
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

/** The buttons to the figures and to the console, and how many lines are missing here. */
function lastBlocks(
  link: string,
  { missing, figuresOf }: { readonly missing: number; readonly figuresOf: string | null },
): readonly types.KnownBlock[] {
  const address = webLink(link);
  const rest: types.KnownBlock[] =
    missing === 0
      ? []
      : [
          lineOf(
            `… ${missing} more lines. All of it is in the console${address === null ? "" : ":"}`,
          ),
        ];
  const buttons: types.Button[] = [
    ...(figuresOf === null
      ? []
      : [
          {
            type: "button" as const,
            action_id: FIGURES,
            value: figuresOf,
            text: { type: "plain_text" as const, text: "Tokens, times and steps" },
          },
        ]),
    ...(address === null
      ? []
      : [
          {
            type: "button" as const,
            action_id: `${LINK_PREFIX}why`,
            text: { type: "plain_text" as const, text: "Open in the console" },
            url: address,
          },
        ]),
  ];
  return buttons.length === 0 ? rest : [...rest, { type: "actions", elements: buttons }];
}

function lineOf(line: string): types.KnownBlock {
  const words = clip(visible(line).replaceAll(/\s+/g, " ").trim(), LINE_MAX) || "–";
  return { type: "context", elements: [textObject(words, "inert")] };
}

/** Shows quoted text on a card. */

import type { types } from "@slack/bolt";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Share } from "./length-budget.ts";
import { clip, literal, SECTION_MAX, visible } from "#slack/api/text.ts";
import { sectionsOf, textObject } from "#slack/api/mrkdwn.ts";
import { oneLine } from "#core/values/words.ts";

/** A title is one line. */
const TITLE_MAX = 300;

type Block = types.KnownBlock;

/** The remark below a cut text, by where the full text is. */
const REST = {
  console: "The full text is in the console.",
  thread: "The full text is attached in the thread.",
} as const;

/** How much a card shows of its texts, and where the full texts are. */
export type TextBudget = Share & { readonly rest: FullTextPlace };

/** Where the full text is. */
export type FullTextPlace = keyof typeof REST;

/** A translation below its original, labelled so that it is not mistaken for it. */
export function translationBlocks(
  heading: string,
  text: string | undefined,
  { translation }: Card,
  room: TextBudget,
): readonly Block[] {
  if (text === undefined || translation === null) return [];
  const called = `${heading} ${translation.into}, for the team: translated by ${translation.by}, never sent`;
  return quoteBlocks(called, text, "inert", room.translated, room);
}

/** Third-party text under a title, in as many sections as it needs. */
export function quoteBlocks(
  heading: string,
  text: string,
  manner: "literal" | "inert",
  max: number,
  room: TextBudget,
): readonly Block[] {
  if (text.trim() === "") return [];
  const shown = visible(text);
  return [
    title(heading),
    ...sectionsOf(clip(shown, max), { manner, sectionsMax: room.sections }),
    ...(shown.length > max ? [noteBlock(REST[room.rest])] : []),
  ];
}

/** In bold where that is safe: a name with markup in it stays plain. */
export function title(heading: string): Block {
  const words = clip(oneLine(visible(heading)), TITLE_MAX);
  const plain = textObject(words, "inert");
  const element = plain.type === "mrkdwn" ? { ...plain, text: `*${words}*` } : plain;
  return { type: "context", elements: [element] };
}

/** A remark in small type. */
export function noteBlock(text: string): Block {
  return { type: "context", elements: [literal(text, SECTION_MAX)] };
}

/** Removes characters that a person does not see. */
import type { Segment } from "#core/values/message.ts";

/** Letters that take no place: they only break words apart for text searches. Joiners belong to scripts and stay. */
const ZERO_WIDTH =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u2060-\u2064\u206A-\u206F\uFEFF]|\u034F|\u115F|\u1160|\u3164|\uFFA0/g;
/** Embeddings and isolates: needed where two writing directions meet, and without meaning for the text. */
const DIRECTION_MARKS = /[\u202A\u202B\u202C\u2066-\u2069]/g;
/** Text under a direction override is displayed in another order than stored, up to its end or that of the line. */
const DIRECTION_OVERRIDE = /[\u202D\u202E]([^\u202C\n]*)\u202C?/g;

/**
 * The text as a person sees it: what takes no place is dropped, and what is shown turned around is taken out and kept
 * as hidden, because a person does not read there what a program would.
 */
export function removeInvisible(words: {
  readonly text: string;
  readonly segments: readonly Segment[];
}): {
  readonly text: string;
  readonly segments: readonly Segment[];
} {
  const turned: string[] = [];
  const text = words.text.replaceAll(DIRECTION_OVERRIDE, (_whole, inside: string) => {
    turned.push(inside);
    return "";
  });
  const plain = (some: string): string =>
    some.replaceAll(ZERO_WIDTH, "").replaceAll(DIRECTION_MARKS, "");
  const hidden = plain(turned.join("\n")).trim();
  return {
    text: plain(text).trim(),
    segments: [
      ...words.segments.map((segment) => ({ ...segment, text: plain(segment.text) })),
      ...(hidden === "" ? [] : [{ kind: "hidden" as const, text: hidden }]),
    ],
  };
}

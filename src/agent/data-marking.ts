/** Marks text from outside as data, so that the model does not take it for instructions. */

import type { Ids } from "#core/contracts/ports.ts";

/**
 * Spotlighting (Hines et al. 2024, arXiv 2403.14720): text from outside stands between delimiters with a nonce its
 * writer cannot know, and this mark replaces its spaces, so that every line reads as data.
 */
export const MARK = "^";

/** Who wrote a block of data, as the prompt names them. */
export type BlockSource =
  | "subject"
  | "customer"
  | "customer, still open"
  | "other person"
  | "you"
  | "teammate"
  | "system"
  | "team note"
  | "your draft"
  | "attached text"
  | "quoted text"
  | "attached file names"
  | "action"
  | `tool ${string}`;

/** What delimits the data of one request. */
export function nextNonce({ ids }: { readonly ids: Ids }): string {
  return ids.next("data").replaceAll(/[^\w-]/g, "");
}

/** Replaces spaces by marks. Line ends stay, so that the text keeps its shape; marks the writer used are dropped. */
function datamark(text: string): string {
  return text.replaceAll(MARK, "").replaceAll(/[^\S\n]+/g, MARK);
}

/** Removes the marks. Also applied to what a model writes, because models sometimes copy them. */
export function unmark(text: string): string {
  return text.replaceAll(MARK, " ");
}

/** One block of data. The nonce is cut out of the text, so that no text can end its own block. */
export function block(nonce: string, source: BlockSource, text: string): string {
  return [
    `<<data ${nonce} from ${source}>>`,
    datamark(text.replaceAll(nonce, "")),
    `<<end ${nonce}>>`,
  ].join("\n");
}

/** A block parsed from a transcript. */
export interface ReadBlock {
  readonly source: string;
  readonly text: string;
}

/** The blocks of a text in order, without marks. The rehearsal model reads its transcript with this. */
export function readBlocks(text: string): readonly ReadBlock[] {
  const pattern = /<<data (\S+) from ([^>\n]{1,300})>>\n([\s\S]*?)\n<<end \1>>/g;
  return [...text.matchAll(pattern)].map(([, , source = "", marked = ""]) => ({
    source,
    text: unmark(marked),
  }));
}

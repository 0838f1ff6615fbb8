/**
 * Spotlighting (Hines et al. 2024, arXiv 2403.14720): whatever others wrote stands between delimiters with a nonce
 * they cannot know, and its spaces are replaced by a mark, so that it reads as data in every line.
 */
export const MARK = "^";

/** Who wrote a block of data, in the words of the prompt. */
export type BlockSource =
  | "subject"
  | "customer"
  | "other person"
  | "you"
  | "teammate"
  | "system"
  | "team note"
  | "your draft"
  | "attached text"
  | "attached file names"
  | `tool ${string}`;

/** Replaces the spaces by marks; line ends stay, so that the text keeps its shape. Marks of the writer's own are dropped. */
function datamark(text: string): string {
  return text.replaceAll(MARK, "").replaceAll(/[^\S\n]+/g, MARK);
}

/** Takes the marks out again. Applied to what a model writes as well, because models copy them now and then. */
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

/** A block as it is read back out of a transcript. */
export interface ReadBlock {
  readonly source: string;
  readonly text: string;
}

/** The blocks of a text in their order, without marks; the rehearsal model reads its transcript by this. */
export function readBlocks(text: string): readonly ReadBlock[] {
  const pattern = /<<data (\S+) from ([^>]+)>>\n([\s\S]*?)\n<<end \1>>/g;
  return [...text.matchAll(pattern)].map(([, , source = "", marked = ""]) => ({
    source,
    text: unmark(marked),
  }));
}

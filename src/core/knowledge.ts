import { z } from "zod";

/** A piece of a help page that an answer may cite. */
export const Passage = z.strictObject({
  /** Stable while the text is: page and heading. */
  id: z.string(),
  title: z.string(),
  url: z.string(),
  text: z.string(),
  /** 0 to 1; how well it fits the question, for the confidence of the turn. */
  score: z.number().min(0).max(1),
});
export type Passage = z.infer<typeof Passage>;

/** Searches the help pages. Never throws for "nothing found": that is an empty list. */
export interface Knowledge {
  /** Pages about some brands only are found for one of these and for nobody else. */
  search(
    query: string,
    limit: number,
    signal: AbortSignal,
    brand?: string,
  ): Promise<readonly Passage[]>;
}

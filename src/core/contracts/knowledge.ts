import { z } from "zod";

/** A piece of a help page that an answer may cite. */
export const Passage = z.strictObject({
  /** Stable while the text is: page and heading. */
  id: z.string(),
  title: z.string(),
  /** Empty for what the team has written for itself: no customer can open it. */
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

/** A text the team keeps elsewhere and lets the agent use, as its source has it now. */
export interface SourcePage {
  /** Under which the source knows it, for as long as it is there; at most 200 characters. */
  readonly id: string;
  /** Words by which the team finds it again; answers and cards name it by these. */
  readonly title: string;
  /** A day, such as 2026-09-14. */
  readonly updated: string;
  /** Markdown. */
  readonly text: string;
}

/** Everything a source has at one moment. */
export interface SourceReading {
  readonly pages: readonly SourcePage[];
  /** What cannot be used, each with the reason in words for operators. */
  readonly leftOut: readonly {
    readonly id: string;
    readonly title: string;
    readonly reason: string;
  }[];
}

/** Where passages come from beside the help pages. */
export interface PassageSource {
  /** Part of the ids of its passages: small letters and dashes, the same for as long as it is meant to be the same. */
  readonly name: string;
  /** All of it, or a named error: half a list would look like deletions. */
  read(signal: AbortSignal): Promise<SourceReading>;
}

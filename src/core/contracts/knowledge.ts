/** The contracts of the help-page search and of the sources its passages come from. */
import { z } from "zod";

/** A section of a help page that an answer may cite. */
export const Passage = z.strictObject({
  /** Stable while the text is unchanged: page and heading. */
  id: z.string(),
  title: z.string(),
  /** Empty for the team's internal text, which no customer can open. */
  url: z.string(),
  text: z.string(),
  /** 0 to 1: how well it matches the question, for the confidence of the turn. */
  score: z.number().min(0).max(1),
});
export type Passage = z.infer<typeof Passage>;

/** Searches the help pages. Never throws when nothing is found: that is an empty list. */
export interface Knowledge {
  /** Pages about certain brands are found for those brands only. */
  search(
    query: string,
    limit: number,
    signal: AbortSignal,
    brand?: string,
  ): Promise<readonly Passage[]>;
}

/** A text the team keeps elsewhere and lets the agent use, as its source has it now. */
export interface SourcePage {
  /** The source's id for it, stable while the page exists; at most 200 characters. */
  readonly id: string;
  /** The title the team finds it by; answers and cards use it. */
  readonly title: string;
  /** A date, such as 2026-09-14. */
  readonly updated: string;
  /** Where a customer can open it; left out where they cannot. */
  readonly url?: string;
  /** Markdown. */
  readonly text: string;
}

/** Everything a source has at one moment. */
export interface SourceReading {
  readonly pages: readonly SourcePage[];
  /** What cannot be used, each with the reason for operators. */
  readonly leftOut: readonly {
    readonly id: string;
    readonly title: string;
    readonly reason: string;
  }[];
}

/** A source of passages besides the help pages. */
export interface PassageSource {
  /** Part of the ids of its passages: lower-case letters and dashes; it stays the same as long as the source does. */
  readonly name: string;
  /** Returns everything or throws a named error: a partial list would look like deletions. */
  read(signal: AbortSignal): Promise<SourceReading>;
}

/** The contracts of the help-page search, of the sources its passages come from, a help centre among them, and of procedures in use. */
import { z } from "zod";
import type { ChannelName } from "#core/values/vocabulary.ts";

/** A section of a help page that an answer may cite. */
export const Passage = z.strictObject({
  /** Stable while the text is unchanged: page and heading. */
  id: z.string(),
  title: z.string(),
  /** Empty for the team's internal text, which no customer can open. */
  url: z.string(),
  text: z.string(),
  /** The day its page was last changed, such as 2026-09-14, as its source says; left out where nothing is known. */
  updated: z.iso.date().optional(),
  /** 0 to 1: of questions with evidence like this, the share that its page answers. Confidence rests on it. */
  score: z.number().min(0).max(1),
  /**
   * Why a customer's reply must not rest on it, in words for a teammate, such as "for the team alone". Only searches for
   * a teammate return passages with a caution.
   */
  caution: z.string().optional(),
  /**
   * Why a person decides on a reply that rests on it, in words for a teammate: another page says otherwise, or its source
   * is gone.
   */
  doubt: z.string().optional(),
});
export type Passage = z.infer<typeof Passage>;

/** The page a passage belongs to; the id of a passage is its page's name and its heading's. */
export function passagePage(passageId: string): string {
  return passageId.slice(0, passageId.lastIndexOf("#"));
}

/** The first passage of each page, in their order. */
export function firstOfPages<Found extends { readonly id: string }>(found: readonly Found[]) {
  return [...Map.groupBy(found, ({ id }) => passagePage(id)).values()].flatMap(
    ([one]) => one ?? [],
  );
}

/** Who asks the help pages. */
export interface Asking {
  /** Our name of the brand the question is about. Pages about certain brands are found for those brands only. */
  readonly brand?: string;
  /**
   * For a reply to a customer, as when left out, pages for the team alone and pages that do not hold today are not found.
   * A teammate finds the pages of all brands, each with the caution that is due.
   */
  readonly reader?: "customer" | "teammate";
  /**
   * For an answer: of each page only the best passage is found, and so many characters may stand around these: the rest
   * of the first one's page, and what stands beside the others. It follows the passages found and is not counted by the
   * limit. When left out, passages are found whatever their page, and nothing stands around them.
   */
  readonly around?: number;
}

/**
 * Searches the help pages by one or more wordings of one question, best first. Never throws when nothing is found: that is
 * an empty list, which only words that no page has come to.
 */
export interface Knowledge {
  search(
    queries: string | readonly string[],
    limit: number,
    signal: AbortSignal,
    asking?: Asking,
  ): Promise<readonly Passage[]>;
}

/** A passage with what found it, for a teammate. */
export interface ExplainedPassage {
  readonly passage: Passage;
  /** 0 to 1: the share of the question's words that it has; rare ones count for more. */
  readonly words: number;
  /** 0 to 1: how near it is to the question's meaning. Null where words alone were compared. */
  readonly meaning: number | null;
}

/** The search of a teammate who wants to know why. */
export interface ExplainingSearch {
  /** The passages that `search` gives a teammate, in the same order. Rejects on the signal. */
  explain(query: string, limit: number, signal: AbortSignal): Promise<readonly ExplainedPassage[]>;
}

/** For whom a page is, and how long it holds. Each is left out where nothing is known. */
export interface PageAttributes {
  /** A language tag in small letters, such as `de` or `pt-br`. */
  readonly language?: string;
  /** Our names of the brands it is about; all brands when left out. */
  readonly brands?: readonly string[];
  /** `team` keeps it out of every reply to a customer. Customers when left out. */
  readonly audience?: "customers" | "team";
  /** The first day it holds, such as 2026-09-14 (UTC). */
  readonly validFrom?: string;
  /** The last day it holds. */
  readonly validUntil?: string;
  /** Words customers use for what it is about, in any language; they find the page and are never shown. */
  readonly labels?: readonly string[];
  /** How customers ask for what a section says, by its heading; found by these words too, and never shown. */
  readonly asked?: Readonly<Record<string, readonly string[]>>;
  /** What customers ask near its subject and no page says: a question like these is hardly answered. Never shown. */
  readonly unanswered?: readonly string[];
  /** Who keeps it right: a name, a team or an address. */
  readonly owner?: string;
}

/** A text the team keeps elsewhere and lets the agent use, as its source has it now. */
export interface SourcePage extends PageAttributes {
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
  /**
   * Text of the page that its readers do not see. It is never cited, but read for instructions to the bot. Left out by
   * sources that have none, and for a page that was not sent again.
   */
  readonly hidden?: string;
}

/** Says why a page holds instructions to the bot, in words for a lead; null when it holds none. Never throws. */
export type PageInspector = (page: Pick<SourcePage, "title" | "text" | "hidden">) => string | null;

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

/** One language of an article, as the help centre has it now. */
export interface HelpArticle {
  /** The help centre's number of the article; the same in all languages. */
  readonly article: string;
  readonly title: string;
  /** A language tag in small letters, such as `en-us`. */
  readonly language: string;
  /** Where a reader opens it. */
  readonly url: string;
  /** The names of the category and the sections above it, outermost first. */
  readonly sections: readonly string[];
  /** Words the team has put on it so that it is found. */
  readonly labels: readonly string[];
  readonly html: string;
  /** True where only some people may read it, signed in or by what they belong to. */
  readonly isRestricted: boolean;
  /** When its text or anything around it last changed. */
  readonly changedAt: Date;
  /** Why it is no page for answers, in words for a person; null when it is one. */
  readonly leftOut: string | null;
}

/** Reads a helpdesk's help centre. */
export interface HelpCenter {
  /**
   * Every article in every language; or, since a moment, the whole of each article that changed after it. Articles that
   * are gone are missing in a reading of everything, and are not told by one since a moment. Throws a named error rather
   * than returning a part, which would look like deletions.
   */
  read(since: Date | null, signal: AbortSignal): Promise<readonly HelpArticle[]>;
}

/** Where a procedure may hold. */
export interface CasePlace {
  readonly channel: ChannelName;
  readonly brand: string;
  /** ISO 639-1 code of the customer's language; null when it cannot be detected. */
  readonly language: string | null;
}

/** A version of a procedure that a turn may follow. */
export interface FollowedProcedure {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  /** For which conversations it is. */
  readonly when: string;
  /** The steps as written. */
  readonly body: string;
  /** The same one by one, under their numbers. */
  readonly steps: readonly { readonly number: number; readonly text: string }[];
}

/** Procedures in use. */
export interface Procedures {
  /** All that hold there, by name. */
  held(place: CasePlace, signal: AbortSignal): Promise<readonly FollowedProcedure[]>;
}

/** The contract of a helpdesk's own help centre. */

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

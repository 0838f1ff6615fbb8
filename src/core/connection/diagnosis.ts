/** What a look at one thing found, in words for whoever set this up. */
export interface Finding {
  /** The part it is about, such as `zendesk` or `database`. */
  readonly part: string;
  /** What was looked at, in a few words. */
  readonly check: string;
  /** `unknown` is what cannot be found out from here. */
  readonly state: "ok" | "warning" | "problem" | "unknown";
  /** What was found; one sentence. */
  readonly found: string;
  /** What to do; null when there is nothing to do. */
  readonly remedy: string | null;
}

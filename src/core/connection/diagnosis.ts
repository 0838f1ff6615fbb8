/** What a check of the setup found, as data. */

/** The result of checking one part of the setup, in text for the operator. */
export interface Finding {
  /** The checked part, such as `zendesk` or `database`. */
  readonly part: string;
  /** What was checked, in a few words. */
  readonly check: string;
  /** `unknown`: it cannot be determined from here. */
  readonly state: "ok" | "warning" | "problem" | "unknown";
  /** What was found; one sentence. */
  readonly found: string;
  /** What to do; null when there is nothing to do. */
  readonly remedy: string | null;
}

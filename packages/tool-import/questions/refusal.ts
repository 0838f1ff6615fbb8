/** What keeps one tool from being made: lines for the lead, each with the question it is about. */

/** One thing to answer or to change. */
export interface Gap {
  /** The id of the question, such as `get_invoices.belongs`. */
  readonly question: string;
  /** What is missing or wrong, and what to do. */
  readonly says: string;
  /** An answer that the document suggests, as it would stand in the file; null where there is none. */
  readonly suggestion: string | null;
}

/** Collects gaps, so that all of them are told at once. */
export function gaps(operation: string) {
  const found: Gap[] = [];
  return {
    found: found as readonly Gap[],
    add(topic: string, says: string, suggestion: string | null = null): void {
      if (found.some((gap) => gap.says === says)) return;
      found.push({ question: `${operation}.${topic}`, says, suggestion });
    },
  };
}

export type Gaps = ReturnType<typeof gaps>;

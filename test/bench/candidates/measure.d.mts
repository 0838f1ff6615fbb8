/** The types of measure.mjs, which our own loop shares with the candidates. */
/** Runs conversations, prints what they cost this process, and ends it. */
export declare function measure(
  converse: () => Promise<string>,
  load: { readonly conversations: number; readonly atOnce: number },
): Promise<void>;

/** The contract of a model that describes a customer's picture for the team. */

/** Why there is no description: the model cannot be asked now, or asking again would not help. */
export type PictureProblem = "model.unavailable" | "model.invalid_answer";

/** What became of one request, and what it cost. */
export interface PictureAnswer {
  /** Plain words, masked and cut, which no person has checked. */
  readonly told: { readonly words: string } | { readonly problem: PictureProblem };
  readonly spent: {
    readonly startedAt: Date;
    readonly ms: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Null where the model's price is unknown. */
    readonly costUsd: number | null;
  };
}

/** Describes pictures with the configured model, by its name in traces. */
export interface PictureDescriber {
  readonly model: string;
  /** Asks once about a picture, given as a data URL. A failure of the model is an answer, too. */
  describe(dataUrl: string): Promise<PictureAnswer>;
}

/** List prices of models, and what a turn's tokens cost. */

/** US dollars per million tokens. */
interface Price {
  readonly inputUsd: number;
  readonly outputUsd: number;
}

/** List prices by model name as of one day. A model that is not listed has no known price. */
export interface PriceTable {
  /** The day they were read, as 2026-01-31. */
  readonly asOf: string;
  /** The page they were read from. */
  readonly source: string;
  readonly models: Readonly<Record<string, Price>>;
}

/** Public list prices of the provider's own models without discounts; the rehearsal model costs nothing. */
export const PRICES: PriceTable = {
  asOf: "2026-06-21",
  source: "https://platform.openai.com/docs/pricing",
  models: {
    rehearsal: { inputUsd: 0, outputUsd: 0 },
    "gpt-4o": { inputUsd: 2.5, outputUsd: 10 },
    "gpt-4o-mini": { inputUsd: 0.15, outputUsd: 0.6 },
    "gpt-4.1": { inputUsd: 2, outputUsd: 8 },
    "gpt-4.1-mini": { inputUsd: 0.4, outputUsd: 1.6 },
    "gpt-4.1-nano": { inputUsd: 0.1, outputUsd: 0.4 },
    "gpt-5": { inputUsd: 1.25, outputUsd: 10 },
    "gpt-5-mini": { inputUsd: 0.25, outputUsd: 2 },
    "gpt-5-nano": { inputUsd: 0.05, outputUsd: 0.4 },
  },
};

/**
 * What the tokens cost in US dollars; null when the model's price is unknown, so that a guess is never shown as a fact.
 */
export function costOf(
  prices: PriceTable,
  model: string,
  tokens: { readonly input: number; readonly output: number },
): number | null {
  const price = Object.hasOwn(prices.models, model) ? prices.models[model] : undefined;
  if (price === undefined) return null;
  return (tokens.input * price.inputUsd + tokens.output * price.outputUsd) / 1_000_000;
}

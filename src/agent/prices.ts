/** List prices of models, and what a turn's tokens cost. */
import { profileFor } from "./wire/request-body.ts";

/** US dollars per million tokens. */
interface Price {
  readonly inputUsd: number;
  /** For input tokens the provider had kept from an earlier call; left out where it takes the full price. */
  readonly cachedInputUsd?: number;
  readonly outputUsd: number;
  /** The day its provider ends it, as 2026-01-31; left out while none is known. */
  readonly endsOn?: string;
}

/** List prices by model name. A model that is not listed has no known price. */
export type PriceTable = Readonly<Record<string, Price>>;

/**
 * Public list prices of the provider's own models without discounts but that for kept input, read on 2026-11-24 from
 * https://developers.openai.com/api/docs/pricing; the rehearsal model costs nothing.
 */
export const PRICES: PriceTable = {
  rehearsal: { inputUsd: 0, outputUsd: 0 },
  "gpt-6-astra": { inputUsd: 10, cachedInputUsd: 1, outputUsd: 50 },
  "gpt-6.1-sol": { inputUsd: 2, cachedInputUsd: 0.1, outputUsd: 10 },
  "gpt-6.1-terra": { inputUsd: 1, cachedInputUsd: 0.05, outputUsd: 5 },
  "gpt-6-luna": { inputUsd: 0.1, cachedInputUsd: 0.01, outputUsd: 0.5 },
  "gpt-4o": { inputUsd: 2.5, cachedInputUsd: 1.25, outputUsd: 10, endsOn: "2027-01-14" },
  "gpt-4o-mini": { inputUsd: 0.15, cachedInputUsd: 0.075, outputUsd: 0.6, endsOn: "2027-01-14" },
  "gpt-4.1": { inputUsd: 2, cachedInputUsd: 0.5, outputUsd: 8, endsOn: "2027-01-14" },
  "gpt-4.1-mini": { inputUsd: 0.4, cachedInputUsd: 0.1, outputUsd: 1.6, endsOn: "2027-01-14" },
  "gpt-4.1-nano": { inputUsd: 0.1, cachedInputUsd: 0.025, outputUsd: 0.4, endsOn: "2026-10-23" },
  "gpt-5": { inputUsd: 1.25, cachedInputUsd: 0.125, outputUsd: 10, endsOn: "2026-12-11" },
  "gpt-5-mini": { inputUsd: 0.25, cachedInputUsd: 0.025, outputUsd: 2, endsOn: "2026-12-11" },
  "gpt-5-nano": { inputUsd: 0.05, cachedInputUsd: 0.005, outputUsd: 0.4, endsOn: "2026-12-11" },
  "text-embedding-3-small": { inputUsd: 0.02, outputUsd: 0 },
  "text-embedding-3-large": { inputUsd: 0.13, outputUsd: 0 },
};

/** A snapshot's day at the end of its name, with or without hyphens. */
const SNAPSHOT = /-\d{4}-?\d{2}-?\d{2}$/;

/** The entry of a model, also by the name of a dated snapshot or as a router writes it (`openai/…`). */
export function modelPrice(prices: PriceTable, model: string): Price | undefined {
  const plain = model.replace(/^.*\//, "");
  const name = [model, plain, plain.replace(SNAPSHOT, "")].find((one) =>
    Object.hasOwn(prices, one),
  );
  return name === undefined ? undefined : prices[name];
}

/** True while it is not known what this model costs: it is not listed, has no price of its own, and its server sends no bill. */
export function lacksPrice(at: {
  readonly model: string;
  readonly baseUrl: string;
  readonly price?: string | undefined;
}): boolean {
  return (
    at.price === undefined &&
    modelPrice(PRICES, at.model) === undefined &&
    !profileFor(at.baseUrl).bills
  );
}

/** The list prices with the operator's own, each as three numbers with commas between; of two for one name the first holds. */
export function pricesWith(
  own: readonly { readonly model: string; readonly price?: string | undefined }[],
): PriceTable {
  const models = own.toReversed().flatMap(({ model, price }) => {
    if (price === undefined) return [];
    const [inputUsd = 0, cachedInputUsd = inputUsd, outputUsd = 0] = price.split(",").map(Number);
    return [
      [model, { ...modelPrice(PRICES, model), inputUsd, cachedInputUsd, outputUsd }] as const,
    ];
  });
  return { ...PRICES, ...Object.fromEntries(models) };
}

/** Tokens of one or more calls. `cached` is the part of `input` that the provider had kept; none when left out. */
interface Tokens {
  readonly input: number;
  readonly cached?: number;
  readonly output: number;
}

/**
 * What the tokens cost in US dollars; null when the model's price is unknown, so that a guess is never shown as a fact.
 */
export function tokenCost(prices: PriceTable, model: string, tokens: Tokens): number | null {
  const price = modelPrice(prices, model);
  if (price === undefined) return null;
  const { inputUsd, cachedInputUsd = inputUsd, outputUsd } = price;
  const cached = Math.min(tokens.cached ?? 0, tokens.input);
  const usd =
    (tokens.input - cached) * inputUsd + cached * cachedInputUsd + tokens.output * outputUsd;
  return usd / 1_000_000;
}

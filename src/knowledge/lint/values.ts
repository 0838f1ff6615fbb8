/** Reads periods, amounts and shares out of a sentence, as the check of replies reads them. Pure. */
import { amountsIn, durationsIn, type Fact } from "#guard/output/facts.ts";
import { folded } from "#text/fold.ts";

/** A value that pages can contradict each other in. */
export interface StatedValue {
  /** `period`, `working period`, `share`, or an amount with its currency. Only values of one kind are compared. */
  readonly kind: string;
  /** In hours, in percent, or in units of the currency; both the same where no range is given. */
  readonly low: number;
  readonly high: number;
  /** As the sentence says it. */
  readonly words: string;
}

/** A month is a twelfth of a year, so that 12 months are one year. */
const HOURS: Readonly<Record<string, number>> = {
  minute: 1 / 60,
  hour: 1,
  day: 24,
  week: 168,
  month: 730,
  year: 8_760,
};

/** Longer sentences state more than one thing, and a long text only costs time. */
const SENTENCE_MAX = 600;

/** The values of a sentence: its periods, then its amounts and shares. */
export function valuesIn(sentence: string): readonly StatedValue[] {
  return factsIn(sentence).flatMap(({ keys: [key = ""], words }) => {
    const { low = "", high = low, unit = "" } = VALUE.exec(key)?.groups ?? {};
    const kind = valueKind(key, unit);
    const size = key.startsWith("duration:") ? HOURS[unit.replace("working-", "")] : 1;
    if (kind === null || size === undefined) return [];
    const units = key.startsWith("amount:") ? 100 : 1;
    return [
      { kind, low: (Number(low) * size) / units, high: (Number(high) * size) / units, words },
    ];
  });
}

const VALUE = /^\w+:(?<low>[\d.]+)(?:-(?<high>[\d.]+))?(?::(?<unit>[\w-]+))?$/;

/** Null for an amount without a currency, which could be any figure. */
function valueKind(key: string, unit: string): string | null {
  if (key.startsWith("percent:")) return "share";
  if (key.startsWith("amount:")) return unit === "" ? null : `amount in ${unit}`;
  if (!key.startsWith("duration:")) return null;
  return unit.startsWith("working-") ? "working period" : "period";
}

/** The sentence in folded form without its values: what it says them of. */
export function withoutValues(sentence: string): string {
  const rest = factsIn(sentence)
    .toSorted((one, other) => other.start - one.start)
    .reduce(
      (text, { start, end }) => `${text.slice(0, start)} ${text.slice(end)}`,
      sentence.slice(0, SENTENCE_MAX),
    );
  return folded(rest);
}

/** Values that exclude each other: ranges that overlap do not, nor do "12 months" and "1 year". */
export function exclude(one: StatedValue, other: StatedValue): boolean {
  if (one.kind !== other.kind) return false;
  const slack = 1.05;
  return one.low > other.high * slack || other.low > one.high * slack;
}

function factsIn(sentence: string): readonly Fact[] {
  const text = sentence.slice(0, SENTENCE_MAX);
  return [...durationsIn(text), ...amountsIn(text)];
}

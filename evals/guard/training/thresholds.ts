/** Chooses thresholds on honest texts that were left out of what the weights were learnt from. */
import { normalise } from "#text/normalize.ts";
import { type Heading, type Model, suspect } from "#guard/input/classifier/classifier.ts";
import type { LabelledText } from "#evals/guard/corpus.ts";

/** A text with weights that were learnt without its family of sources. */
export interface LeftOut {
  readonly text: LabelledText;
  readonly model: Omit<Model, "heading">;
}

/** Of the honest texts of one kind at most such a share may be doubted, or blocked; of few at least one doubted. */
interface Limit {
  readonly sources: RegExp;
  readonly caution: number;
  readonly block: number;
}

const HONEST = { caution: 0.02, block: 0.001 };
const HARD = { caution: 0.04, block: 0.005 };
/** Written by few hands, and all of a kind left out at once. */
const WIDE = { caution: 0.18, block: 0.001 };
const LIMITS: readonly Limit[] = [
  { sources: /^banking77/, ...HONEST },
  { sources: /^clinc/, ...HONEST },
  { sources: /^nlupp/, ...HONEST },
  { sources: /^(?:tau2-(?!kb)|abcd$|abcd-thread)/, ...HONEST },
  { sources: /^bipia-mail/, ...HONEST },
  { sources: /^mail between people/, caution: 0.05, block: 0.001 },
  { sources: /wide-(?:news2?|long|threads|guides)$/, ...WIDE },
  { sources: /wide-(?:legal2|terms|jobs)$/, ...WIDE },
  { sources: /wide-(?:shop2?|notices|h(?:letters|notes|pages|records))$/, ...WIDE },
  {
    sources: /wide-(?:about|twins|private|business|tech2?|polite)$|asked-/,
    caution: 0.25,
    block: 0.01,
  },
  { sources: /^(?:tau2-kb|abcd-guidelines)/, ...HARD },
  { sources: /^(?:notinject|own-gen-hard|own-support-hard)/, ...HARD },
];

const STEP = 0.1;
const LOWEST = 1;
const HIGHEST = 6;
/** Above the lowest thresholds that keep all limits, by so much: honest texts of other people differ more. */
const MARGIN = 0.3;

/** The lowest thresholds that keep every limit, and a margin. */
export function thresholdsOf(honest: readonly LeftOut[]): Pick<Heading, "caution" | "block"> {
  const groups = LIMITS.map((limit) => ({
    limit,
    texts: honest
      .filter(({ text }) => limit.sources.test(text.source))
      .map(({ text, model }) => ({ plain: normalise(text.text), model })),
  }));
  const keeps = (tier: "caution" | "block", thresholds: Pick<Heading, "caution" | "block">) =>
    groups.every(({ limit, texts }) => {
      const over = texts.filter(({ plain, model }) => {
        const heading = { step: model.step, bias: model.bias, ...thresholds };
        const found = suspect(plain, { ...model, heading });
        return found !== null && (tier === "caution" || found.isMarked);
      });
      const allowed = texts.length * limit[tier];
      return over.length <= (tier === "caution" ? Math.ceil(allowed) : Math.floor(allowed));
    });
  const caution = lowest((at) => keeps("caution", { caution: at, block: HIGHEST }));
  const block = lowest((at) => keeps("block", { caution, block: at }));
  return { caution: rounded(caution), block: rounded(Math.max(caution, block + MARGIN)) };
}

function lowest(keeps: (at: number) => boolean): number {
  let at = LOWEST;
  while (at < HIGHEST && !keeps(at)) at += STEP;
  return at;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

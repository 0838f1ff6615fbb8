/** Learns from whole texts, where it is not known which of their sentences says it. */
import { eachWindow } from "#guard/input/classifier/classifier.ts";
import { type Examples, examplesOf } from "./examples.ts";
import { fit, type Learnt, type Lesson, scoreOf } from "./fit.ts";

const COURSE = { epochs: 12, averaged: 6, seed: 68 };
const FIRST_COURSE = { epochs: 4, averaged: 2, seed: 68 };
/** What all windows of a text count together, and the one that tells what it is, beside the text as a whole. */
const WINDOWS_WEIGHT = 2;
const TELLING_WEIGHT = 0.5;

/** How texts are read and learnt from. */
interface Recipe {
  /** Whether texts teach by their windows as well as by the whole. */
  readonly hasWindows: boolean;
  /** Into how many buckets features fall; a power of two. */
  readonly buckets: number;
  /** How often a text is shown without its words, and how often without its pieces. */
  readonly withoutOne: number;
}

/** Texts cut into features, with how to learn from them. */
export interface WholeTexts {
  readonly examples: Examples;
  readonly recipe: Recipe;
}

/** What a text teaches: that it is one, or that it is none, and how much it counts. */
export interface Teaching {
  readonly isOne: boolean;
  readonly weight: number;
}

const whole: typeof eachWindow = (sentences, visit) => {
  if (sentences.length > 0) visit(0, sentences.length - 1);
};

/** The text as a whole, and then its windows where it has more than one sentence. */
const wholeAndWindows: typeof eachWindow = (sentences, visit) => {
  whole(sentences, visit);
  if (sentences.length > 1)
    eachWindow(sentences, (first, last) => {
      if (last - first < sentences.length - 1) visit(first, last);
    });
};

/** Normalised texts, cut into features once. */
export function wholeTexts(texts: readonly string[], recipe: Recipe): WholeTexts {
  const documents = texts.map((text, at) => ({
    id: String(at),
    text,
    kind: "benign" as const,
    source: "texts",
    lang: "en",
    segment: "body" as const,
  }));
  const examples = examplesOf(documents, recipe.hasWindows ? wholeAndWindows : whole);
  const features = examples.features.map((bucket) => bucket & (recipe.buckets - 1));
  return { examples: { ...examples, features }, recipe };
}

/**
 * Learns from the texts; one for which `teaching` gives null is left out. No window of a text that is none may be taken
 * for one; of a text that is one, the window that says so is not known, and a first pass over whole texts finds it.
 */
export function learntFrom(
  { examples, recipe: { buckets: size, withoutOne } }: WholeTexts,
  teaching: (text: number) => Teaching | null,
): Learnt {
  const taught = examples.ofDocument.flatMap(({ from, to }, text) => {
    const known = teaching(text);
    return known === null || from === to ? [] : [{ ...known, from, windows: range(from + 1, to) }];
  });
  const lessons = taught.flatMap(({ from, windows, isOne, weight }): readonly Lesson[] => [
    { example: from, isAttack: isOne, weight },
    ...(isOne ? [] : windows).map((example) => ({
      example,
      isAttack: false,
      weight: weight * Math.min(1, WINDOWS_WEIGHT / windows.length),
    })),
  ]);
  const isCut = taught.some(({ windows }) => windows.length > 0);
  const more = isCut
    ? telling(examples, taught, fit(examples, lessons, { ...FIRST_COURSE, withoutOne }))
    : [];
  const { buckets, bias } = fit(examples, [...lessons, ...more], { ...COURSE, withoutOne });
  return { buckets: buckets.slice(0, size), bias };
}

/** The window of each text that is one which says so the most. */
function telling(
  examples: Examples,
  taught: readonly (Teaching & { readonly windows: readonly number[] })[],
  learnt: Learnt,
): readonly Lesson[] {
  return taught.flatMap(({ isOne, weight, windows }) => {
    if (!isOne || windows.length === 0) return [];
    const scored = windows.flatMap((example) => {
      const window = examples.examples[example];
      return window === undefined ? [] : [{ example, score: scoreOf(examples, window, learnt) }];
    });
    const [best] = scored.toSorted((one, other) => other.score - one.score);
    if (best === undefined) return [];
    return [{ example: best.example, isAttack: true, weight: weight * TELLING_WEIGHT }];
  });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

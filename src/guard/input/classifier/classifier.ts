/**
 * The classifier of the input guard: weighs what a text does, where the rules look for phrases. It is linear in the
 * text, knows nothing but its own weights, and never throws. What it finds is a suspicion, with the words it rests on.
 */
import { languageOf } from "#guard/languages/detect.ts";
import { normalise } from "#text/normalize.ts";
import type { Suspicion } from "#guard/input/injection-shapes.ts";
import { MARKED } from "./structure.ts";
import { builtInModel, type Model, type Place } from "./weights.ts";
import { worstWindow } from "./windows.ts";

/** What the classifier thinks of one text. */
export interface Judgement extends Suspicion {
  /** The sentence that weighs most. */
  readonly words: string;
}

/** The chance, from 0 to 1, that a text is an attack, as the training texts have it. */
export function attackChance(text: string, model: Model = builtInModel()): number {
  const worst = worstWindow(normalise(text), model);
  if (worst === null) return 0;
  const { slope, shift } = model.heading;
  return 1 / (1 + Math.exp(-(slope * worst.score + shift)));
}

/**
 * Added to the threshold of blocking where a text is in another language than English, of which far fewer honest texts
 * were learnt from: with whole batches of such texts left out of training, 2 % of the hard honest ones score higher.
 */
const OTHER_LANGUAGES_MORE = 0.4;

/** The language of a text is told from its beginning, so that a long one costs no more. */
const LANGUAGE_CHARACTERS = 2_000;

/**
 * What is suspicious about a text that stands there; null when nothing is. `plain` is the text normalised, for a caller
 * that has it.
 */
export function judged(
  text: string,
  place: Place,
  model: Model = builtInModel(),
  plain: string = normalise(text),
): Judgement | null {
  const worst = worstWindow(plain, model);
  const { block, caution } = model.heading.thresholds[place];
  if (worst === null || worst.score < caution) return null;
  return {
    tier: worst.score >= block + moreFor(text, worst.score - block) ? "block" : "caution",
    reason: reasonOf(worst.marks),
    words: worst.words,
  };
}

/** The language is asked for only where it decides, because telling it takes longer than the score. */
function moreFor(text: string, above: number): number {
  if (above < 0 || above >= OTHER_LANGUAGES_MORE) return 0;
  const language = languageOf(text.slice(0, LANGUAGE_CHARACTERS));
  return language === null || language === "en" ? 0 : OTHER_LANGUAGES_MORE;
}

const BITS = new Map<string, number>(MARKED.map((name, bit) => [name, 1 << bit]));

/** What a window does, as people say it, by the words it holds; the first that fits. */
const DOINGS: readonly (readonly [every: string, some: string, doing: string])[] = [
  ["forget", "instructions prompt before system", "tells it to forget its rules"],
  ["show", "prompt instructions secret system", "asks for its instructions or secrets"],
  ["you", "role mode", "gives it another role"],
  ["send", "others quiet unasked secret", "wants something done that no person agreed to"],
  ["never", "instructions limits harm", "tells it to leave its limits"],
  ["answer", "answer show text reader", "tells it what to write"],
  ["send", "send", "tells it what to do"],
];

/** Why a window is suspicious, as words for card and trace. */
function reasonOf(marks: number): string {
  const has = (name: string): boolean => (marks & (BITS.get(name) ?? 0)) !== 0;
  const doing = DOINGS.find(([every, some]) => has(every) && some.split(" ").some(has))?.[2];
  if (doing === undefined) return "reads like instructions to a program";
  return has("assistant")
    ? `speaks to the assistant and ${doing}`
    : `speaks to a program and ${doing}`;
}

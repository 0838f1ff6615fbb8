/** Says what a teammate's reason or instruction is about, by its words. Pure: no model is asked. */
import type { Differed, DraftDifference } from "#core/lessons/draft-difference.ts";
import { folded, isBlank } from "#text/fold.ts";
import { factsOfText } from "./compare-texts.ts";

/** What a teammate said about a draft. */
type Saying = Pick<DraftDifference, "facts" | "sentences"> & {
  readonly differs: Extract<Differed, "facts" | "steps" | "content" | "tone" | "unknown">;
};

/** How a text sounds, and not what it says: en, de, fr, es. */
const TONE =
  /\b(?:tone|friendl\w+|polite\w*|rude|cold|warm\w*|formal\w*|casual\w*|stiff|short\w*|long\w*|brief\w*|concise|wordy|simpl\w+|plain\w*|jargon|exclamation|emoji\w*|greeting|apolog\w+|empath\w+|robotic|pushy|ton|freundlich\w*|hoflich\w*|formlich\w*|kurz\w*|lang|langer|entschuldig\w+|plus court|plus aimable|mas corto|mas amable)\b/;
/** What is to be done first, asked for or looked up. */
const STEPS =
  /\b(?:ask|asks|asked|first|before|then|step|steps|check|look up|verify|photo|photos|picture|escalate|hand over|forward|wait|offer|instead|tool|zuerst|vorher|fragen|frag|prufen|foto|demander|verifier|d'abord|pedir|primero|comprobar)\b/;

/** What a reason or an instruction is about: a figure it names, the tone, a step, or anything else it says. */
export function readSaying(words: string, at: Date): Saying {
  const facts = factsOfText(words, at);
  const sentences = { added: isBlank(words) ? [] : [words], removed: [] };
  return { differs: differedIn(words, facts.added.length > 0), facts, sentences };
}

function differedIn(words: string, hasFacts: boolean): Saying["differs"] {
  if (isBlank(words)) return "unknown";
  if (hasFacts) return "facts";
  const plain = folded(words);
  if (TONE.test(plain)) return "tone";
  return STEPS.test(plain) ? "steps" : "content";
}

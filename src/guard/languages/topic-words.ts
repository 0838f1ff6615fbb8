import { pattern } from "./spelling.ts";
import type { TopicName, TopicWords } from "./language.ts";

/** A topic as its table gives it; what is left out is not there. */
interface TopicSource {
  readonly name: TopicName;
  readonly subject: RegExp;
  /** Participles, for the inside of a pattern. */
  readonly verbs: string;
  /** Nouns, for the inside of a pattern. */
  readonly nouns: string;
  readonly itself?: RegExp;
  readonly done?: RegExp;
  readonly underway: RegExp;
  readonly future: RegExp;
  readonly definite?: RegExp;
  readonly outright?: RegExp;
  readonly generally?: RegExp;
  readonly aside?: RegExp;
}

/** Turns the words of a topic into the patterns the check looks with. */
export function topicWords({ verbs, nouns, ...topic }: TopicSource): TopicWords {
  return {
    ...ABSENT,
    ...topic,
    verbs: pattern(String.raw`\b(?:${verbs})\b`, "g"),
    nouns: pattern(String.raw`(?:${nouns})\b`, "y"),
  };
}

const ABSENT = {
  itself: null,
  done: null,
  definite: null,
  outright: null,
  generally: null,
  aside: null,
};

/** Matches nothing: for a topic that only its own verbs say something about. */
export const NOTHING = /(?!)/;
/** Matches anything: the same for how a clause names such a topic. */
export const ANYTHING = /(?:)/;

/** Builds a topic's patterns from its word lists. */
import { pattern } from "./spelling.ts";
import type { TopicName, TopicWords } from "./language.ts";

/** A topic as its table gives it; what is left out does not exist in that language. */
interface TopicSource {
  readonly name: TopicName;
  readonly subject: RegExp;
  /** Participles, as a part of a pattern. */
  readonly verbs: string;
  /** Nouns, as a part of a pattern. */
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

/** Turns the words of a topic into the patterns the check uses. */
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

/** Matches nothing: for a topic that only its own verbs identify. */
export const NOTHING = /(?!)/;
/** Matches anything: for how a clause names such a topic. */
export const ANYTHING = /(?:)/;

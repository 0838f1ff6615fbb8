/**
 * Room: Pure functions on text: folding, normalising, HTML, colours, differences, phrases.
 * In: text, HTML or CSS of any origin and length.
 * Out: plain, visible or folded text, matches and differences.
 * May touch: nothing; linear time or bounded input, so no text can make it slow.
 * This file: matches many phrases in one pass over the words of a text, in time linear in its length.
 */

import { matchesOf } from "./matches.ts";

/**
 * A phrase, and the words that rule it out. A phrase is a sequence of steps; each step is one word or several
 * alternatives (`ignore|disregard`), and `~2` before a step allows up to two other words before it. A phrase stays
 * inside one sentence.
 *
 * For every phrase and step the matcher keeps only the latest position at which the sequence got that far: since gaps
 * have only an upper bound, no earlier position can do better. So there is no backtracking, and no text can make it
 * slow.
 */
export interface Phrase {
  readonly steps: string;
  /** Words that, inside the phrase, change its meaning. */
  readonly without?: string;
  /** Words that, directly after it, change its meaning. */
  readonly notBefore?: string;
  /** Words that, directly before it, change its meaning. */
  readonly notAfter?: string;
}

export interface PhraseMatch<Label> {
  readonly label: Label;
  /** The matched text, from the normalised text. */
  readonly words: string;
}

interface MatchStep {
  readonly phrase: number;
  readonly index: number;
  readonly gapMax: number;
}

/** The token at which a step was last reached, and the token its sequence began with. */
interface Reached {
  readonly at: number;
  readonly from: number;
}

interface Compiled<Label> {
  readonly label: Label;
  readonly length: number;
  readonly without: ReadonlySet<string>;
  readonly notBefore: ReadonlySet<string>;
  readonly notAfter: ReadonlySet<string>;
}

/** Words, or the end of a sentence. A dot inside a word (`ourshop.test`) does not end one. */
const TOKEN = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_']*|(?<![.!?;])[.!?;]+(?=\s|$)|\n\s*\n/gu;

/** Builds the matcher once; it keeps no state between texts. The text given to it must be normalised. */
export function phraseMatcher<Label>(
  phrases: readonly (Phrase & { readonly label: Label })[],
): (normalised: string) => readonly PhraseMatch<Label>[] {
  const compiled = phrases.map(compile);
  const stepsByWord = new Map<string, MatchStep[]>();
  const breakersByWord = new Map<string, number[]>();
  for (const [phrase, { steps }] of phrases.entries()) {
    for (const { words, ...step } of stepsOf(steps, phrase))
      for (const word of words) append(stepsByWord, word, step);
    for (const word of compiled[phrase]?.without ?? []) append(breakersByWord, word, phrase);
  }
  // Later steps first, so that one word never counts for two steps of the same phrase.
  for (const steps of stepsByWord.values()) steps.sort((a, b) => b.index - a.index);

  return (text) => {
    const tokens = text.match(TOKEN) ?? [];
    const walk = createWalk(compiled, tokens);
    for (let at = 0; at < tokens.length; at += 1) {
      const word = tokens[at] ?? "";
      if (isSentenceEnd(word)) {
        walk.endSentence();
        continue;
      }
      const breakers = breakersByWord.get(word);
      if (breakers !== undefined) for (const phrase of breakers) walk.break(phrase);
      const steps = stepsByWord.get(word);
      if (steps !== undefined) for (const step of steps) walk.take(step, at);
    }
    if (walk.found.length === 0) return [];
    // Where the words stand matters only for what was found, which hardly any text has.
    const placed = matchesOf(text, TOKEN);
    return walk.found.map(({ label, from, last }) => {
      const end = placed[last];
      return {
        label,
        words: text.slice(placed[from]?.index, end && end.index + end[0].length),
      };
    });
  };
}

function createWalk<Label>(compiled: readonly Compiled<Label>[], tokens: readonly string[]) {
  /** By the places of the first and the last word among the tokens. */
  const found: { readonly label: Label; readonly from: number; readonly last: number }[] = [];
  const reported = new Set<number>();
  /** By phrase, then step. */
  let reached = new Map<number, Reached[]>();

  function complete(phrase: number, from: number, at: number): void {
    const entry = compiled[phrase];
    if (entry === undefined) return;
    if (reported.has(phrase) || entry.notBefore.has(tokens[at + 1] ?? "")) return;
    reported.add(phrase);
    found.push({ label: entry.label, from, last: at });
  }

  return {
    found,
    endSentence(): void {
      if (reached.size > 0) reached = new Map();
    },
    break(phrase: number): void {
      reached.delete(phrase);
    },
    take({ phrase, index, gapMax }: MatchStep, at: number): void {
      const rows = reached.get(phrase) ?? [];
      const from = index === 0 ? startOf(phrase, at) : continued(rows[index - 1], at, gapMax);
      if (from === null) return;
      rows[index] = { at, from };
      reached.set(phrase, rows);
      if (index + 1 === compiled[phrase]?.length) complete(phrase, from, at);
    },
  };

  function startOf(phrase: number, at: number): number | null {
    return compiled[phrase]?.notAfter.has(tokens[at - 1] ?? "") === true ? null : at;
  }
}

/** Where the sequence began that this word continues, or null when it is too far behind the previous step. */
function continued(before: Reached | undefined, at: number, gapMax: number): number | null {
  return before !== undefined && at - before.at - 1 <= gapMax ? before.from : null;
}

function compile<Label>(phrase: Phrase & { readonly label: Label }): Compiled<Label> {
  return {
    label: phrase.label,
    length: stepsOf(phrase.steps, 0).length,
    without: wordSet(phrase.without),
    notBefore: wordSet(phrase.notBefore),
    notAfter: wordSet(phrase.notAfter),
  };
}

function wordSet(list: string | undefined): ReadonlySet<string> {
  return new Set(list === undefined ? [] : list.split("|"));
}

function stepsOf(steps: string, phrase: number) {
  const parts = steps.split(" ").map((part) => /^~(\d)$/.exec(part)?.[1] ?? part);
  return parts
    .map((part, position) => ({ part, gapMax: Number(parts[position - 1]) || 0 }))
    .filter(({ part }) => !/^\d$/.test(part))
    .map(({ part, gapMax }, index) => ({ words: part.split("|"), phrase, index, gapMax }));
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const ENDS: ReadonlySet<string> = new Set([".", "!", "?", ";", "\n"]);

function isSentenceEnd(token: string): boolean {
  return ENDS.has(token[0] ?? "");
}

/**
 * Room: Pure functions on text: folding, normalising, HTML, colours, differences, phrases.
 * In: text, HTML or CSS of any origin and length.
 * Out: plain, visible or folded text, matches and differences.
 * May touch: nothing; linear time or bounded input, so no text can make it slow.
 * This file: matches many phrases in one pass over the words of a text, in time linear in its length.
 */

import { allMatches } from "./normalize.ts";

/**
 * A phrase of words, in one line. Each step is a word or a choice (`ignore|disregard`), and `~2` before a step allows up
 * to two other words before it. A phrase stays inside one sentence, and words rule it out: those behind a `!` at its
 * beginning directly before it, those behind a `!` at its end directly after it, those behind a `-` anywhere inside it.
 *
 * For every phrase and step the matcher keeps only the latest position at which the sequence got that far: since gaps
 * have only an upper bound, no earlier position can do better. So there is no backtracking, and no text can make it
 * slow.
 */
export interface Phrase<Label> {
  readonly words: string;
  readonly label: Label;
}

/** These phrases, all with this label. */
export function labelled<Label>(
  label: Label,
  phrases: readonly string[],
): readonly Phrase<Label>[] {
  return phrases.map((words) => ({ words, label }));
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

interface Compiled {
  readonly steps: readonly { readonly words: readonly string[]; readonly gapMax: number }[];
  readonly without: ReadonlySet<string>;
  readonly notBefore: ReadonlySet<string>;
  readonly notAfter: ReadonlySet<string>;
}

/** Words, or the end of a sentence. A dot inside a word (`ourshop.test`) does not end one. */
const TOKEN = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_']*|(?<![.!?;])[.!?;]+(?=\s|$)|\n\s*\n/gu;

/** Builds the matcher once; it keeps no state between texts. The text given to it must be normalised. */
export function phraseMatcher<Label>(
  phrases: readonly Phrase<Label>[],
): (normalised: string) => readonly PhraseMatch<Label>[] {
  const compiled = phrases.map(({ words, label }) => ({ ...compile(words), label }));
  const stepsByWord = new Map<string, MatchStep[]>();
  const breakersByWord = new Map<string, number[]>();
  for (const [phrase, { steps, without }] of compiled.entries()) {
    for (const [index, { words, gapMax }] of steps.entries())
      for (const word of words) append(stepsByWord, word, { phrase, index, gapMax });
    for (const word of without) append(breakersByWord, word, phrase);
  }
  // Later steps first, so that one word never counts for two steps of the same phrase.
  for (const steps of stepsByWord.values()) steps.sort((a, b) => b.index - a.index);

  return (text) => {
    const tokens = text.match(TOKEN) ?? [];
    const walk = createWalk(compiled, tokens);
    for (let at = 0; at < tokens.length; at += 1) {
      const word = tokens[at] ?? "";
      if (ENDS.has(word[0] ?? "")) {
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
    const placed = allMatches(text, TOKEN);
    return walk.found.map(({ label, from, last }) => {
      const end = placed[last];
      return {
        label,
        words: text.slice(placed[from]?.index, end && end.index + end[0].length),
      };
    });
  };
}

function createWalk<Label>(
  compiled: readonly (Compiled & { readonly label: Label })[],
  tokens: readonly string[],
) {
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
      const from = index === 0 ? phraseStart(phrase, at) : continued(rows[index - 1], at, gapMax);
      if (from === null) return;
      rows[index] = { at, from };
      reached.set(phrase, rows);
      if (index + 1 === compiled[phrase]?.steps.length) complete(phrase, from, at);
    },
  };

  function phraseStart(phrase: number, at: number): number | null {
    return compiled[phrase]?.notAfter.has(tokens[at - 1] ?? "") === true ? null : at;
  }
}

/** Where the sequence began that this word continues, or null when it is too far behind the previous step. */
function continued(before: Reached | undefined, at: number, gapMax: number): number | null {
  return before !== undefined && at - before.at - 1 <= gapMax ? before.from : null;
}

function compile(phrase: string): Compiled {
  const steps: { words: readonly string[]; gapMax: number }[] = [];
  const [without, notBefore, notAfter] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let gapMax = 0;
  for (const part of phrase.split(" ")) {
    const words = part.replace(/^[!~-]/, "").split("|");
    if (part.startsWith("~")) gapMax = Number(words[0]);
    else if (part.startsWith("-")) for (const word of words) without.add(word);
    else if (part.startsWith("!"))
      for (const word of words) (steps.length === 0 ? notAfter : notBefore).add(word);
    else {
      steps.push({ words, gapMax });
      gapMax = 0;
    }
  }
  return { steps, without, notBefore, notAfter };
}

/** Every word of the steps of a phrase. */
export function wordsOfSteps(phrase: string): readonly string[] {
  return compile(phrase).steps.flatMap(({ words }) => words);
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const ENDS: ReadonlySet<string> = new Set([".", "!", "?", ";", "\n"]);

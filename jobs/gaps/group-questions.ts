/** Groups questions that ask the same, by their vectors where there are some, else by their stems. Pure. */

/** A question as grouping sees it. */
export interface GroupedQuestion {
  /** The stems of its words, without filler words. */
  readonly stems: readonly string[];
  /** Of length 1; null where none was computed. */
  readonly vector: Float32Array | null;
}

/** Two questions of one group share this much of what is rare in them: chosen by hand, on questions to the sample shop. */
const STEMS_MIN = 0.42;
/** Questions about one topic with different answers, such as two countries of delivery, stay apart. */
const COSINE_MIN = 0.7;

/** The groups, each with its most typical question first; the largest group first, then in the order given. */
export function groupQuestions<Question extends GroupedQuestion>(
  questions: readonly Question[],
): readonly (readonly Question[])[] {
  const weight = rarityOf(questions);
  const groups: Question[][] = [];
  for (const question of questions) {
    const scored = groups.map((group) => ({
      group,
      // The mean keeps a chain of half-alike questions from becoming one group.
      alike: mean(group.map((other) => likeness(question, other, weight))),
    }));
    const [best] = scored.toSorted((one, other) => other.alike - one.alike);
    if (best !== undefined && best.alike >= 1) best.group.push(question);
    else groups.push([question]);
  }
  return groups
    .map((group) => typicalFirst(group, weight))
    .toSorted((one, other) => other.length - one.length);
}

/** 1 and more for questions that belong together. */
function likeness(
  one: GroupedQuestion,
  other: GroupedQuestion,
  weight: (stem: string) => number,
): number {
  const byStems = sharedWeight(one.stems, other.stems, weight) / STEMS_MIN;
  if (one.vector === null || other.vector === null) return byStems;
  return Math.max(byStems, product(one.vector, other.vector) / COSINE_MIN);
}

/** The share of the weight of both questions' stems that they have in common, 0 to 1. */
function sharedWeight(
  one: readonly string[],
  other: readonly string[],
  weight: (stem: string) => number,
): number {
  const left = new Set(one);
  const right = new Set(other);
  const all = sum([...new Set([...left, ...right])].map(weight));
  return all === 0 ? 0 : sum([...left].filter((stem) => right.has(stem)).map(weight)) / all;
}

/** A stem of every second question says little about what is asked. */
function rarityOf(questions: readonly GroupedQuestion[]): (stem: string) => number {
  const holders = new Map<string, number>();
  for (const { stems } of questions)
    for (const stem of new Set(stems)) holders.set(stem, (holders.get(stem) ?? 0) + 1);
  return (stem) => Math.log(1 + (questions.length + 1) / (holders.get(stem) ?? 1));
}

function typicalFirst<Question extends GroupedQuestion>(
  group: readonly Question[],
  weight: (stem: string) => number,
): readonly Question[] {
  const near = new Map(
    group.map((one) => [one, mean(group.map((other) => likeness(one, other, weight)))]),
  );
  return group.toSorted((one, other) => (near.get(other) ?? 0) - (near.get(one) ?? 0));
}

function product(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at += 1) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}

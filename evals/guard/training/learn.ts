/**
 * Learns from labelled texts in two passes. The first does not know which window of an attack is the attack and lets
 * each count a little; the second keeps the windows the first found, so honest sentences inside attacks teach nothing.
 */
import { isAttack, type LabelledText } from "#evals/guard/corpus.ts";
import { type Examples, examplesOf } from "./examples.ts";
import { fit, type Learnt, type Lesson, scoreOf } from "./fit.ts";

/** How often the passes see each example. */
const FIRST_EPOCHS = 2;
const SECOND_EPOCHS = 6;
const SECOND_AVERAGED = 4;
/** A source of many texts counts less for each of them. */
const SOURCE_FULL = 60;
/** All attacks together count so much of what all honest texts count. */
const ATTACK_SHARE = 0.5;

/** Texts with their windows. */
export interface Material {
  readonly documents: readonly LabelledText[];
  readonly examples: Examples;
}

/** Reads the texts. */
export function materialOf(documents: readonly LabelledText[]): Material {
  return { documents, examples: examplesOf(documents) };
}

/** Learns from the documents that `takes` names. */
export function learn(
  { documents, examples }: Material,
  takes: (document: number) => boolean,
  seed: number,
): Learnt {
  const taken = [...documents.keys()].filter(takes);
  const weights = weightsOf(documents, taken);
  const first = fit(examples, balanced(taken.flatMap((document) => lessonsOf(document, null))), {
    epochs: FIRST_EPOCHS,
    averaged: 1,
    seed,
  });
  return fit(examples, balanced(taken.flatMap((document) => lessonsOf(document, first))), {
    epochs: SECOND_EPOCHS,
    averaged: SECOND_AVERAGED,
    seed: seed + 1,
  });

  /** The lessons of one document; with weights learnt before, only the windows that look like the attack. */
  function lessonsOf(document: number, learnt: Learnt | null): readonly Lesson[] {
    const { from, to } = examples.ofDocument[document] ?? { from: 0, to: 0 };
    const weight = weights.get(document) ?? 0;
    const lessons: Lesson[] = [];
    const perhaps: number[] = [];
    for (let example = from; example < to; example += 1) {
      const { part } = examples.examples[example] ?? { part: "unclear" };
      if (part === "perhaps") perhaps.push(example);
      else if (part !== "unclear") lessons.push({ example, isAttack: part === "attack", weight });
    }
    const chosen = learnt === null ? perhaps : likeliest(perhaps, learnt);
    const share = Math.min(1, 4 / chosen.length);
    return [
      ...lessons,
      ...chosen.map((example) => ({ example, isAttack: true, weight: weight * share })),
    ];
  }

  function likeliest(perhaps: readonly number[], learnt: Learnt): readonly number[] {
    const scored = perhaps.map((example) => {
      const window = examples.examples[example];
      return { example, score: window === undefined ? 0 : scoreOf(examples, window, learnt) };
    });
    const best = Math.max(...scored.map(({ score }) => score));
    return scored
      .filter(({ score }) => score === best || score > Math.max(0, best / 2))
      .map(({ example }) => example);
  }
}

/** What each document counts: texts of large sources less, and no more for having many windows. */
function weightsOf(
  documents: readonly LabelledText[],
  taken: readonly number[],
): ReadonlyMap<number, number> {
  const sizes = new Map<string, number>();
  for (const index of taken) {
    const name = documents[index]?.source ?? "";
    sizes.set(name, (sizes.get(name) ?? 0) + 1);
  }
  return new Map(
    taken.map((index) => {
      const document = documents[index];
      const size = sizes.get(document?.source ?? "") ?? 1;
      const attack = document !== undefined && isAttack(document.kind);
      return [index, attack ? Math.min(1, Math.sqrt(SOURCE_FULL / size)) : 1];
    }),
  );
}

function balanced(lessons: readonly Lesson[]): readonly Lesson[] {
  let attacks = 0;
  let honest = 0;
  for (const { isAttack: attack, weight } of lessons)
    if (attack) attacks += weight;
    else honest += weight;
  const scale = Math.min(4, Math.max(1, (ATTACK_SHARE * honest) / Math.max(1, attacks)));
  return lessons.map((lesson) =>
    lesson.isAttack ? { ...lesson, weight: lesson.weight * scale } : lesson,
  );
}

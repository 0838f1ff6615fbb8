/** Scores every document with weights that were learnt without its family of sources. */
import { isOurs } from "#evals/guard/corpus.ts";
import { learn, type Material } from "./learn.ts";
import { scoreOf, type Learnt } from "./fit.ts";
import { familiesOf, leftOutIn } from "./families.ts";

/** The highest score of a document's windows; minus infinity for one without words. */
function documentScore({ examples }: Material, document: number, learnt: Learnt): number {
  const { from, to } = examples.ofDocument[document] ?? { from: 0, to: 0 };
  let worst = Number.NEGATIVE_INFINITY;
  for (let at = from; at < to; at += 1) {
    const example = examples.examples[at];
    if (example !== undefined) worst = Math.max(worst, scoreOf(examples, example, learnt));
  }
  return worst;
}

/** The score of each document by weights that never saw its family of sources; our own texts are always learnt from. */
export function crossedScores(
  material: Material,
  seed: number,
  progress: (line: string) => void,
): readonly number[] {
  const others = [...material.documents.entries()].filter(([, text]) => !isOurs(text));
  const runs = Map.groupBy(others, ([, { source }]) => leftOutIn(source));
  const scores = Array.from(material.documents, () => Number.NaN);
  let done = 0;
  for (const [run, texts] of runs) {
    const members = texts.map(([document]) => document);
    done += 1;
    progress(`${done}/${runs.size} without ${familiesOf(run)}`);
    const left = new Set(members);
    const learnt = learn(material, (document) => !left.has(document), seed);
    for (const document of members) scores[document] = documentScore(material, document, learnt);
  }
  return scores;
}

/** Asks questions in the sample world: once of the search, once of the whole agent. */
import { passagePage } from "#core/contracts/knowledge.ts";
import { BARE_CASE, type EvalCase } from "#evals/case.ts";
import type { World } from "#evals/harness/sample-world.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { readPages } from "#knowledge/pages.ts";
import { plainBm25 } from "./bm25.ts";
import type { Asked } from "./measure.ts";
import type { LabelledQuestion, Rewordings } from "./read.ts";

/** Pages looked at, one passage of each. */
const PAGES_MAX = 12;
const PATIENCE_MS = 60_000;

/**
 * Gives what plays a question as the mail of its customer or of a stranger, whom nothing but the help pages can answer, and searches
 * for it as it is written and in the wordings given for it. Throws what the world throws.
 */
export async function asking(
  world: World,
  rewordings: Rewordings,
): Promise<(question: LabelledQuestion) => Promise<Asked>> {
  const bm25 = plainBm25(await readPages(SAMPLE_PAGES));
  return async (question) => {
    const { outcome, text } = await world.run(caseOf(question));
    const wordings = [question.question, ...(rewordings.get(question.id) ?? [])];
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const search = world.stage.knowledge;
    const found = await search.search(wordings, PAGES_MAX, signal, { around: 0 });
    return {
      question,
      pages: found.map(({ id }) => passagePage(id)),
      byBm25: bm25(question.question),
      chance: found[0]?.score ?? 0,
      isHandedOver: outcome === "escalate" || outcome === "delicate" || outcome === "blocked",
      text,
    };
  };
}

function caseOf({ id, question, customer }: LabelledQuestion): EvalCase {
  return {
    ...BARE_CASE,
    id: `questions/${id}`,
    input: [{ text: question }],
    identity: { customer: customer ?? null, level: customer === undefined ? 0 : 2 },
  };
}

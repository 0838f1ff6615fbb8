/** Asks questions in the sample world: once of the search, once of the whole agent. */
import type { EvalCase } from "#evals/case.ts";
import type { World } from "#evals/harness/sample-world.ts";
import type { Asked } from "./measure.ts";
import type { LabelledQuestion } from "./read.ts";

/** Passages looked at to name the first pages; several passages may be of one page. */
const PASSAGES = 12;
const PATIENCE_MS = 60_000;

/**
 * Plays a question as the mail of a stranger, so that nothing but the help pages can answer it, and searches for it as
 * it is written. Throws what the world throws.
 */
export async function ask(world: World, question: LabelledQuestion): Promise<Asked> {
  const { outcome, text } = await world.run(caseOf(question));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const found = await world.stage.knowledge.search(question.question, PASSAGES, signal);
  return {
    question,
    pages: [...new Set(found.map(({ id }) => id.slice(0, id.lastIndexOf("#"))))],
    isHandedOver: outcome === "escalate" || outcome === "delicate" || outcome === "blocked",
    text,
  };
}

function caseOf({ id, question }: LabelledQuestion): EvalCase {
  return {
    id: `questions/${id}`,
    input: [{ text: question }],
    earlier: [],
    expected_behavior: "is answered from the help pages, or handed to people",
    must_include: [],
    must_not_include: [],
    risk_category: "faq",
    identity: { customer: null, level: 0 },
    channel: "email",
    audience: "private",
    world: { refunds: [], shop: "up", records: [] },
    faults: [],
  };
}

/** Counts the questions whose page was found and whose answer was right. */
import { reliability, type Stated } from "#evals/knowledge/reliability.ts";
import type { LabelledQuestion } from "./read.ts";

/** How the product dealt with one question. */
export interface Asked {
  readonly question: LabelledQuestion;
  /** The names of the pages that are found, best first, each once. */
  readonly pages: readonly string[];
  /** The same by plain BM25. */
  readonly byBm25: readonly string[];
  /** What the search says of the first page: how likely it answers. */
  readonly chance: number;
  /** True when people get it: handed over, or kept from an automatic answer. */
  readonly isHandedOver: boolean;
  /** What the customer reads. */
  readonly text: string;
}

/** Shares of the questions, 0 to 1; null when there are none. What `--json` prints. */
export interface QuestionFigures {
  readonly answerable: {
    readonly n: number;
    readonly page_top1: number | null;
    readonly page_top3: number | null;
    /** What plain BM25 finds among three. */
    readonly bm25_top3: number | null;
    readonly answered_right: number | null;
  };
  readonly unanswerable: { readonly n: number; readonly answered: number | null };
  /** Whether what is said of the first page comes true, by fifths of the chance. */
  readonly reliability: ReturnType<typeof reliability>;
}

/** The figures of some questions; pure. */
export function figuresOf(all: readonly Asked[]): QuestionFigures {
  const answerable = all.filter(({ question }) => question.answerable);
  const others = all.filter(({ question }) => !question.answerable);
  return {
    answerable: {
      n: answerable.length,
      page_top1: share(answerable, (asked) => isFoundAmong(asked, 1)),
      page_top3: share(answerable, (asked) => isFoundAmong(asked, 3)),
      bm25_top3: share(answerable, ({ question, byBm25 }) =>
        isFoundAmong({ question, pages: byBm25 }, 3),
      ),
      answered_right: share(answerable, isRight),
    },
    unanswerable: { n: others.length, answered: share(others, (asked) => !isRight(asked)) },
    reliability: reliability(statedOf(all)),
  };
}

/** The chance that was stated for the first page of each question, and whether that page answers it. */
export function statedOf(all: readonly Asked[]): readonly Stated[] {
  return all.map((asked) => ({ chance: asked.chance, isRight: isFoundAmong(asked, 1) }));
}

/** Whether one of the first pages answers the question. */
export function isFoundAmong(
  { question, pages }: Pick<Asked, "question" | "pages">,
  first: number,
): boolean {
  return pages
    .slice(0, first)
    .some((page) => page === question.page || question.also.includes(page));
}

/**
 * Right is an answer with every fact asked for and without a wrong one. A question that no page answers is right in
 * people's hands, or with an answer that says it stands on no page.
 */
export function isRight({ question, isHandedOver, text }: Asked): boolean {
  const read = text.toLowerCase();
  const holds = (words: string): boolean => read.includes(words.toLowerCase());
  if (question.must_not_include.some(holds)) return false;
  if (!question.answerable) return isHandedOver || SAYS_UNKNOWN.test(text);
  return question.must_include.every((group) => group.some(holds));
}

/** A reply that says the pages do not hold it. */
const SAYS_UNKNOWN =
  /\bnot (?:on|in|part of) (?:our|the|any of our) (?:help )?pages\b|\b(?:our|the) (?:help )?pages (?:do not|don['’]t) (?:say|cover|answer|mention)\b/i;

function share(all: readonly Asked[], isCounted: (asked: Asked) => boolean): number | null {
  if (all.length === 0) return null;
  return Math.round((all.filter(isCounted).length / all.length) * 1_000) / 1_000;
}

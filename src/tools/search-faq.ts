/** The read tool that searches the help pages. */
import { z } from "zod";
import { firstOfPages, type Knowledge, Passage } from "#core/contracts/knowledge.ts";
import { readTool, type ReadTool } from "#core/contracts/tool.ts";

/** The best passage of each of so many pages. */
const HITS_MAX = 3;
/** About two sections more: the answer stands in a hit, and its exceptions beside it. */
const AROUND_CHARACTERS = 900;

/**
 * The result of a help page search: the best passage of each page, and what else stands on those pages. The agent cites
 * from both and computes its confidence from the scores.
 */
export const FaqResult = z.strictObject({ hits: z.array(Passage), around: z.array(Passage) });

/** The result of a search; null when it is none. A schema takes long to say why a record is none. */
export function searchResult(result: unknown): z.infer<typeof FaqResult> | null {
  if (typeof result !== "object" || result === null || !("hits" in result)) return null;
  return FaqResult.safeParse(result).data ?? null;
}

/** The passages of a tool's result, or null when it is no search. */
export function resultPassages(result: unknown): readonly Passage[] | null {
  const found = searchResult(result);
  return found === null ? null : [...found.hits, ...found.around];
}

/**
 * A tool's result as the model reads it. Passages stand best first without their scores: a score says how alike question
 * and passage are, and questions that no page answers have scored higher than answered ones.
 */
export function asShown(result: unknown): unknown {
  const found = searchResult(result);
  if (found === null) return result;
  return {
    hits: found.hits.map(({ title, text }) => ({ title, text })),
    around: found.around.map(({ title, text }) => ({ title, text })),
  };
}

/** A tool's result as evidence for what a reply says: the day a page was changed is no day that it tells of. */
export function asEvidence(result: unknown): unknown {
  const passages = resultPassages(result);
  if (passages === null) return result;
  return { passages: passages.map(({ updated: _updated, ...passage }) => passage) };
}

/** Passages of the help pages that fit a question. Available to every writer: the pages are public. */
export function searchFaq({ knowledge }: { readonly knowledge: Knowledge }): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    name: "search_faq",
    description: "Passages of the help pages: hits are best, around stands beside them.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({
      queries: z
        .array(z.string().trim().min(2).max(400))
        .min(1)
        .max(3)
        .describe(
          "One question in two short wordings, the customer's and a page's, in the pages' language (else English), no names or numbers",
        ),
    }),
    output: FaqResult,
    async run({ queries }, context) {
      const { signal, brand } = context;
      const asking = { around: AROUND_CHARACTERS, ...(brand === undefined ? {} : { brand }) };
      const found = await knowledge.search(queries, HITS_MAX, signal, asking);
      // A search that gives more than was asked for must not make the team's own pages public.
      const passages = found.filter(({ caution }) => caution === undefined);
      const hits = firstOfPages(passages);
      return { hits, around: passages.filter((passage) => !hits.includes(passage)) };
    },
  });
}

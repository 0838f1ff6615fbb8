/** The read tool that searches the help pages. */
import { z } from "zod";
import { type Knowledge, Passage } from "#core/contracts/knowledge.ts";
import { readTool, type ReadTool } from "#core/contracts/tool.ts";

/** Passages found, before what stands around them. */
const PASSAGES_MAX = 4;
/** A page of two or three thousand characters whole, with the beginnings of others: about a thousand tokens. */
const AROUND_CHARACTERS = 4_000;

/** The result of a help page search; the agent cites from it and computes its confidence from the scores. */
export const FaqResult = z.strictObject({ passages: z.array(Passage) });

/** The passages of a tool's result, or null when it is no search. A schema takes long to say why a record is none. */
export function resultPassages(result: unknown): readonly Passage[] | null {
  if (typeof result !== "object" || result === null || !("passages" in result)) return null;
  return FaqResult.safeParse(result).data?.passages ?? null;
}

/**
 * A tool's result as the model reads it. Passages stand best first without their scores: a score says how alike question
 * and passage are, and questions that no page answers have scored higher than answered ones.
 */
export function asShown(result: unknown): unknown {
  const passages = resultPassages(result);
  if (passages === null) return result;
  return { passages: passages.map(({ id, title, url, text }) => ({ id, title, url, text })) };
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
    description:
      "Passages of the public help pages, best first, and after them what stands around them on their pages. When " +
      "none of them answers the question, escalate instead of guessing.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({
      query: z
        .string()
        .trim()
        .min(2)
        .max(400)
        .describe(
          "A few words in the pages' language, whatever language the customer writes (English if unknown), no names or numbers of the customer",
        ),
    }),
    output: FaqResult,
    async run({ query }, context) {
      const { signal, brand } = context;
      const asking = { around: AROUND_CHARACTERS, ...(brand === undefined ? {} : { brand }) };
      const passages = await knowledge.search(query, PASSAGES_MAX, signal, asking);
      // A search that gives more than was asked for must not make the team's own pages public.
      return { passages: passages.filter(({ caution }) => caution === undefined) };
    },
  });
}

/** What both tools that hand over take besides: the answer to what is known, and what it leaves open. */
import { z } from "zod";

/**
 * The answer goes out in the same message that says that people take the rest. A call without these fields is a
 * hand-over without an answer. The rules of the prompt say once for both tools what belongs into them.
 */
export const HandedAnswer = {
  answer: z.string().trim().max(8_000).nullable().default(null),
  unanswered: z.array(z.string().trim().min(1).max(300)).max(10).default([]),
  /** As in `reply`, which says what belongs into it: people read at which step it stopped. */
  followed: z.string().max(120).nullish().describe("Procedure and step it stopped at"),
};

/** The call's fields as the ending has them: a procedure that was not named is left out. */
export function withFollowed<Asked extends { readonly followed?: string | null | undefined }>({
  followed,
  ...asked
}: Asked): Omit<Asked, "followed"> & { readonly followed?: string } {
  return typeof followed === "string" ? { ...asked, followed } : asked;
}

/** What both tools that hand over take besides: the answer to what is known, and what it leaves open. */
import { z } from "zod";

/**
 * The answer goes out in the same message that says that people take the rest. A call without these fields is a
 * hand-over without an answer. The rules of the prompt say once for both tools what belongs into them.
 */
export const HandedAnswer = {
  answer: z.string().trim().max(8_000).nullable().default(null),
  unanswered: z.array(z.string().trim().min(1).max(300)).max(10).default([]),
};

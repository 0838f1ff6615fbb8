/** What both tools that hand over take besides: the answer to what is known, and what it leaves open. */
import { z } from "zod";

/**
 * The answer goes out in the same message that says that people take the rest. A call without these fields is a
 * hand-over without an answer.
 */
export const HandedAnswer = {
  answer: z
    .string()
    .trim()
    .max(8_000)
    .nullable()
    .default(null)
    .describe(
      "To the customer: what you can answer already, written like a reply; that people take the rest is added. null for nothing",
    ),
  unanswered: z
    .array(z.string().trim().min(1).max(300))
    .max(10)
    .default([])
    .describe("Each question or wish that stays open, for the team"),
};

/** The ending tool that hands the conversation to people. */
import { z } from "zod";
import { DelicateTopic } from "#core/contracts/guard.ts";
import { HandedAnswer, withFollowed } from "./handed-answer.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Hands the conversation to people. */
export function escalate(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "escalate",
    description:
      "Ends the turn: a person takes the conversation over. Where it is clear what there is to do, use " +
      "create_support_ticket instead.",
    minimumLevel: 0,
    input: z.strictObject({
      reason: z.string().trim().min(1).max(300).describe("One sentence"),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe("What the customer wants and what you found out, for a reader who knows nothing"),
      // The policy lists who is a VIP; a message cannot tell.
      ...HandedAnswer,
      topic: DelicateTopic.exclude(["vip"]).nullable().describe("The delicate one, if any"),
    }),
    end: ({ topic, ...asked }) => ({ kind: "escalate", ...withFollowed(asked), delicate: topic }),
  });
}

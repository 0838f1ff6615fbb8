/** The ending tool that hands the conversation to people. */
import { z } from "zod";
import { DelicateTopic } from "#core/contracts/guard.ts";
import { HandedAnswer } from "./handed-answer.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Hands the conversation to people. */
export function escalate(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "escalate",
    description:
      "Ends the turn by handing the conversation to a person who takes it over: the customer asks for one, the request " +
      "stays unclear, the tools and help pages do not answer, or it is about one of the delicate topics. For clear work " +
      "that somebody has to do, use create_support_ticket instead. The customer reads nothing of it but answer.",
    minimumLevel: 0,
    input: z.strictObject({
      reason: z.string().trim().min(1).max(300).describe("One sentence for the team"),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe(
          "What the customer wants and what you found out, for somebody who has read nothing",
        ),
      // The policy lists who is a VIP; a message cannot tell.
      ...HandedAnswer,
      topic: DelicateTopic.exclude(["vip"]).nullable().describe("The delicate topic, or null"),
    }),
    end: ({ topic, ...asked }) => ({ kind: "escalate", ...asked, delicate: topic }),
  });
}

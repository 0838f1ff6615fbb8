import { z } from "zod";
import { Delicate } from "#core/guard.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Hands the conversation to people. */
export function escalate(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "escalate",
    description:
      "Ends the turn by handing the conversation to the team, who tell the customer. Use it when the customer wants a " +
      "person, when the tools and help pages do not answer, or when the message is about one of the delicate topics. " +
      "Write no reply then.",
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
      topic: Delicate.nullable().describe("The delicate topic, or null"),
    }),
    end: ({ reason, summary, topic }) => ({ kind: "escalate", reason, summary, delicate: topic }),
  });
}

import { z } from "zod";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Files work for the second tier; for the customer it is the same hand-over as an escalation. */
export function createSupportTicket(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "create_support_ticket",
    description:
      "Ends the turn by filing a ticket for the second tier. Use it when the request is clear but needs work no tool " +
      "here can do, such as a repair or a lost parcel. Write no reply then: the customer is told.",
    minimumLevel: 0,
    input: z.strictObject({
      subject: z.string().trim().min(1).max(200),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe("What is to be done and what you found out, for somebody who has read nothing"),
    }),
    end: ({ subject, summary }) => ({
      kind: "escalate",
      reason: `Work for the team: ${subject}`,
      summary,
      delicate: null,
    }),
  });
}

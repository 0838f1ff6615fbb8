/** The ending tool that opens a ticket for the second tier. */
import { z } from "zod";
import { HandedAnswer } from "./handed-answer.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Opens a ticket for the second tier; for the customer it is the same hand-over as an escalation. */
export function createSupportTicket(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "create_support_ticket",
    description:
      "Ends the turn by filing work for the second tier: the request is clear and somebody has to do something that no " +
      "tool here can do (trace a lost parcel, arrange a repair). When nothing is to be done yet, but a " +
      "person has to talk to the customer or decide, use escalate instead. The customer reads nothing of it but answer.",
    minimumLevel: 0,
    input: z.strictObject({
      subject: z.string().trim().min(1).max(200),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe("What is to be done and what you found out, for somebody who has read nothing"),
      ...HandedAnswer,
    }),
    end: ({ subject, ...asked }) => ({
      kind: "escalate",
      reason: `Work for the team: ${subject}`,
      ...asked,
      delicate: null,
    }),
  });
}

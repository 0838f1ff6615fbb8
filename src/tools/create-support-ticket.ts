/** The ending tool that opens a ticket for the second tier. */
import { z } from "zod";
import { HandedAnswer, withFollowed } from "./handed-answer.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Opens a ticket for the second tier; for the customer it is the same hand-over as an escalation. */
export function createSupportTicket(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "create_support_ticket",
    description:
      "Ends the turn with work for the second tier: it is clear what a person has to do, and no tool here does it " +
      "(trace a lost parcel, arrange a repair).",
    minimumLevel: 0,
    input: z.strictObject({
      subject: z.string().trim().min(1).max(200),
      summary: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .describe("What is to be done and what you found out, for a reader who knows nothing"),
      ...HandedAnswer,
    }),
    end: ({ subject, ...asked }) => ({
      kind: "escalate",
      reason: `Work for the team: ${subject}`,
      ...withFollowed(asked),
      delicate: null,
    }),
  });
}

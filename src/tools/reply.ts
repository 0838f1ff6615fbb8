/** The ending tool that answers the customer or asks them one question. */
import { z } from "zod";
import { TOPICS } from "#core/values/vocabulary.ts";
import { endingTool, type EndingTool } from "./ending-tool.ts";

/** Answers the customer. */
export function reply(): EndingTool {
  return endingTool({
    kind: "ending",
    name: "reply",
    description:
      "Ends the turn with a reply to the customer. kind is question only when you cannot go on without an answer; asking " +
      "how you can help, or to check a number that was not found, is an answer.",
    minimumLevel: 0,
    input: z.strictObject({
      text: z.string().trim().min(1).max(8_000),
      kind: z.enum(["answer", "question"]),
      topic: z.enum(TOPICS),
      followed: z.string().max(120).nullish().describe("Procedure and step, such as late-parcel 3"),
      left_out: z
        .string()
        .max(300)
        .nullish()
        .describe("What of a teammate's hint you left out and why, in one line for them"),
    }),
    end: ({ text, kind, topic, followed, left_out }) => ({
      kind: "reply",
      text,
      // A greeting also asks what the customer needs, but it does not use up the one question about the request.
      question: kind === "question" && topic !== "greeting",
      topic,
      ...(typeof followed === "string" ? { followed } : {}),
      ...(typeof left_out === "string" ? { leftOut: left_out } : {}),
    }),
  });
}

/** The tools that end a turn: reply, escalation and ticket. */
import { z } from "zod";
import { DelicateTopic } from "#core/contracts/guard.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Tool } from "#core/contracts/tool.ts";
import { TOPICS } from "#core/values/vocabulary.ts";

/** A stranger offers the shop something, or the customer takes back all that was asked. */
const Needless = z.enum(["offer", "settled"]);
type Needless = z.infer<typeof Needless>;

/** How a model may ask to end the turn. */
export type AskedEnding =
  | {
      readonly kind: "reply";
      readonly text: string;
      /** A question ends the turn as a clarification; the policy says how many of them in a row. */
      readonly question: boolean;
      readonly topic: string;
      /** The procedure and the step that were followed, in the model's words; null as well when it names none. */
      readonly followed?: string | null | undefined;
      /** What of a teammate's instruction the draft leaves out and why; null as well when it names nothing. */
      readonly leftOut?: string | null | undefined;
    }
  | {
      readonly kind: "escalate";
      readonly reason: string;
      readonly summary: string;
      /** What the customer is told besides that people take over; null for nothing. */
      readonly answer: string | null;
      /** Questions and wishes that nothing answers, for the team. */
      readonly unanswered: readonly string[];
      /** The procedure and the step it stopped at, in the model's words; null as well when it names none. */
      readonly followed?: string | null | undefined;
      readonly delicate: DelicateTopic | null;
      /** The customer asked for a person. */
      readonly wantsPerson?: true;
      /** Why no answer is needed, with the sentence that says so; left out where people have to. */
      readonly needless?: { readonly why: Needless; readonly words: string };
    };

/** Ends the turn. It looks nothing up and changes nothing: its effect is decided after the turn. */
export interface EndingTool<In extends z.ZodType = z.ZodType> {
  readonly kind: "ending";
  readonly name: string;
  /** Written for the model: when to use it and when not. */
  readonly description: string;
  readonly minimumLevel: IdentityLevel;
  /** A strict object, like the input of every other tool. */
  readonly input: In;
  end(input: z.output<In>): AskedEnding;
}

/** Every tool a model can be offered. */
export type AgentTool = Tool | EndingTool;

/** Keeps the exact input type of one ending and lets it join a list of tools. A turn may end at any level of identity. */
export function endingTool<In extends z.ZodType>(
  tool: Omit<EndingTool<In>, "kind" | "minimumLevel">,
): EndingTool<In> {
  return { kind: "ending", minimumLevel: 0, ...tool };
}

/**
 * The answer goes out in the same message that says that people take the rest. A call without these fields is a
 * hand-over without an answer. The rules of the prompt say once for both tools what belongs into them.
 */
const HandedAnswer = {
  answer: z.string().trim().max(8_000).nullable().default(null),
  unanswered: z.array(z.string().trim().min(1).max(300)).max(10).default([]),
  /** The list of procedures in the first message says what belongs into it. */
  followed: z.string().max(120).nullish(),
};

const Summary = z.string().trim().min(1).max(4_000);

/** Answers the customer. */
export function reply(): EndingTool {
  return endingTool({
    name: "reply",
    description: "Answers the customer.",
    input: z.strictObject({
      text: z.string().trim().min(1).max(8_000),
      kind: z.enum(["answer", "question"]),
      topic: z.enum(TOPICS),
      followed: z.string().max(120).nullish(),
      left_out: z.string().max(300).nullish().describe("Null without a teammate's hint"),
    }),
    end: ({ kind, topic, left_out, ...asked }) => ({
      kind: "reply",
      ...asked,
      // A greeting also asks what the customer needs, but it does not use up the one question about the request.
      question: kind === "question" && topic !== "greeting",
      topic,
      leftOut: left_out,
    }),
  });
}

/** Hands the conversation to people. */
export function escalate(): EndingTool {
  return endingTool({
    name: "escalate",
    description: "A person takes over; for clear work create_support_ticket.",
    input: z.strictObject({
      reason: z.string().trim().min(1).max(300),
      summary: Summary.describe("What they want and what you found out"),
      // The policy lists who is a VIP; a message cannot tell.
      ...HandedAnswer,
      topic: DelicateTopic.exclude(["vip"]).nullable(),
      wants_person: z.boolean().nullish(),
      needless: z
        .string()
        .max(320)
        .nullish()
        .describe(
          "“offer: ” and their sentence, of a stranger who sells; “settled: ”, of all taken back",
        ),
    }),
    end: ({ topic, wants_person, needless, ...asked }) => ({
      kind: "escalate",
      ...asked,
      delicate: topic,
      ...(wants_person === true ? { wantsPerson: true } : {}),
      ...needlessIn(needless ?? ""),
    }),
  });
}

/** Why no answer is needed and the words that say so, of "settled: I found it". */
function needlessIn(told: string): Pick<Extract<AskedEnding, { kind: "escalate" }>, "needless"> {
  const [, first, words = ""] = /^(\w+):\s*(.*)$/s.exec(told) ?? [];
  const why = Needless.safeParse(first).data;
  return why === undefined ? {} : { needless: { why, words } };
}

/** Opens a ticket for the second tier; for the customer it is the same hand-over as an escalation. */
export function createSupportTicket(): EndingTool {
  return endingTool({
    name: "create_support_ticket",
    description: "Clear work that no tool here does: ask a carrier, arrange a repair.",
    input: z.strictObject({
      subject: z.string().trim().min(1).max(200),
      summary: Summary,
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

/** The contract of tools that end a turn: reply, escalation and ticket. */
import type { z } from "zod";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Tool } from "#core/contracts/tool.ts";

/** How a model may ask to end the turn. */
export type AskedEnding =
  | {
      readonly kind: "reply";
      readonly text: string;
      /** A question ends the turn as a clarification; the policy says how many of them in a row. */
      readonly question: boolean;
      readonly topic: string;
      /** The procedure and the step that were followed, in the model's words; left out when it names none. */
      readonly followed?: string;
      /** What of a teammate's instruction the draft leaves out and why; left out when it names nothing. */
      readonly leftOut?: string;
    }
  | {
      readonly kind: "escalate";
      readonly reason: string;
      readonly summary: string;
      /** What the customer is told besides that people take over; null for nothing. */
      readonly answer: string | null;
      /** Questions and wishes that nothing answers, for the team. */
      readonly unanswered: readonly string[];
      /** The procedure and the step it stopped at, in the model's words; left out when it names none. */
      readonly followed?: string;
      readonly delicate: DelicateTopic | null;
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

/** Keeps the exact input type of one ending and lets it join a list of tools. */
export function endingTool<In extends z.ZodType>(tool: EndingTool<In>): EndingTool<In> {
  return tool;
}

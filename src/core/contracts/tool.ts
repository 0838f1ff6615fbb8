import type { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import type { BoundRequester, IdentityLevel } from "#core/values/identity.ts";
import type { Unproven } from "#core/values/provenance.ts";

/** Facts about this turn that the model cannot choose. Whose data a tool touches comes from here only. */
export interface ToolContext {
  readonly conversationId: string;
  readonly requester: BoundRequester;
  /** `shared`: others read along, so tools with account data answer as they would below level 2. */
  readonly audience: "private" | "shared";
  /** Keys of the messages this turn answers; part of the business identity of some effects. */
  readonly answers: readonly string[];
  /** What the requester wrote in these messages, for a hand-over; untrusted text. */
  readonly asked: string;
  /**
   * The requester's own words in this conversation: neither quotes nor attachments nor anybody else's. What an action
   * takes from a person has to stand here.
   */
  readonly ownWords: string;
  /** The one address the requester writes from or names, when there is exactly one; never proof of anything. */
  readonly claimedAddress: string | null;
  readonly subject: string;
  /** Which brand was written to; left out where there is only one. */
  readonly brand?: string;
  readonly signal: AbortSignal;
}

interface ToolBase<In extends z.ZodType> {
  readonly name: string;
  /** Written for the model: when to use it and when not. */
  readonly description: string;
  /** Below this the tool answers exactly as for an order that does not exist, with the same outbound calls. */
  readonly minimumLevel: IdentityLevel;
  /** True when its answer holds data of a customer's account. */
  readonly accountData: boolean;
  /** A strict object; strangers' properties are an error, not ignored. */
  readonly input: In;
}

/** Looks something up. May run at once and may run twice. */
export interface ReadTool<
  In extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
> extends ToolBase<In> {
  readonly kind: "read";
  /** Parsed before the model sees it. */
  readonly output: Out;
  run(input: z.output<In>, context: ToolContext): Promise<z.output<Out>>;
}

/** What a write tool hands over: an action to decide on, or the reason in words why there is none. */
export type Proposed =
  | {
      readonly kind: "proposed";
      readonly planned: PlannedAction;
      /** Values taken from somebody's words instead of a record; with one of them a person decides. */
      readonly unproven: readonly Unproven[];
    }
  | { readonly kind: "impossible"; readonly reason: string };

/** Would change the world, so it cannot run: it only says what it would do. The commit job does it after the decision. */
export interface WriteTool<In extends z.ZodType = z.ZodType> extends ToolBase<In> {
  readonly kind: "write";
  /** The operation of the action it proposes; needs a rule in the policy, checked at start. */
  readonly operation: string;
  /**
   * How customers ask for it in their own words, in the languages the team answers. Matched against text in one plain
   * spelling, so written in small letters without accents.
   */
  readonly wishes: readonly RegExp[];
  /** Reads what it needs to fill in key, amount and facts from trusted records. Changes nothing. */
  propose(input: z.output<In>, context: ToolContext): Promise<Proposed>;
}

export type Tool = ReadTool | WriteTool;

/** Keeps the exact input and output types of one tool while letting it stand in a list of tools. */
export function readTool<In extends z.ZodType, Out extends z.ZodType>(
  tool: ReadTool<In, Out>,
): ReadTool<In, Out> {
  return tool;
}

/** The same for a write tool. */
export function writeTool<In extends z.ZodType>(tool: WriteTool<In>): WriteTool<In> {
  return tool;
}

/** The contracts of read tools and write tools. */
import type { z } from "zod";
import type { PlannedAction, Provenance, UnprovenValue } from "#core/values/action.ts";
import type { BoundRequester, IdentityLevel } from "#core/values/identity.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";

/** The one answer for an order that is absent, another customer's, or asked for by an unverified writer. */
export const ORDER_NOT_FOUND = "There is no such order for this customer.";

/** Facts about this turn that the model cannot choose. They alone decide whose data a tool touches. */
export interface ToolContext {
  readonly conversationId: string;
  readonly requester: BoundRequester;
  /** `shared`: others can read along, so tools with account data answer as they would below level 2. */
  readonly audience: "private" | "shared";
  /** Keys of the messages this turn answers; part of the business identity of some effects. */
  readonly answers: readonly string[];
  /** What the requester wrote in these messages, for a hand-over; untrusted text. */
  readonly asked: string;
  /**
   * The requester's own text in this conversation, without quotes, attachments or other authors. A value that an action
   * takes from a person must occur here.
   */
  readonly ownWords: string;
  /** The one address the requester writes from or names, when there is exactly one; never proof of anything. */
  readonly claimedAddress: string | null;
  readonly subject: string;
  /** The brand that was written to; left out when there is only one. */
  readonly brand?: string;
  /** What we ourselves have open about orders of the bound requester; asked only by tools that may show the account. */
  readonly openMatters: FindOpenMatters;
  readonly signal: AbortSignal;
}

/** The one answer of a connected tool for a record that is absent, another customer's, or asked for by an unverified writer. */
export const RECORD_NOT_FOUND = "There is no such record for this customer.";

interface ToolBase<In extends z.ZodType> {
  readonly name: string;
  /** Written for the model: when to use it and when not. */
  readonly description: string;
  /** Below it a tool that changes something is not offered, and any answers as for an order that does not exist, with the same outbound calls. */
  readonly minimumLevel: IdentityLevel;
  /** True when its answer holds data of a customer's account. */
  readonly accountData: boolean;
  /** A strict object; unknown properties are an error, not ignored. */
  readonly input: In;
}

/** Looks something up. May run at once and may run twice. */
export interface ReadTool<
  In extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
> extends ToolBase<In> {
  readonly kind: "read";
  /** Who wrote what it gives: the operator's own records and pages, or anybody. */
  readonly provenance: Exclude<Provenance, "requester">;
  /** Parsed before the model sees it. */
  readonly output: Out;
  /** Names of properties with personal data: traces show that there is a value, never which. Left out for none. */
  readonly personal?: readonly string[];
  run(input: z.output<In>, context: ToolContext): Promise<z.output<Out>>;
}

/** A write tool's result: an action to decide on, or the reason why there is none. */
export type ProposeResult =
  | {
      readonly kind: "proposed";
      readonly planned: PlannedAction;
      /** Values taken from a person's text instead of a record; with any of them a person decides. */
      readonly unproven: readonly UnprovenValue[];
    }
  | { readonly kind: "impossible"; readonly reason: string };

/** What replies call an action: its verbs in their base form ("start", "set up"), and what it makes or changes ("return"). */
export interface CalledAction {
  readonly verbs: readonly string[];
  readonly things: readonly string[];
}

/** Never runs itself: it only describes the change. The commit job carries it out after the decision. */
export interface WriteTool<In extends z.ZodType = z.ZodType> extends ToolBase<In> {
  readonly kind: "write";
  /** The operation of the action it proposes; needs a rule in the policy, checked at start. */
  readonly operation: string;
  /** Where a person decides however plainly the customer asks: no sentence of theirs is quoted for it. */
  readonly personDecides?: true;
  /**
   * By these words a reply that says it is done is compared with the ledger. Left out where name and description say it:
   * `pause_subscription`, "Proposes to pause a subscription".
   */
  readonly called?: CalledAction;
  /** Reads trusted records to fill in key, amount and facts. Changes nothing. */
  propose(input: z.output<In>, context: ToolContext): Promise<ProposeResult>;
}

export type Tool = ReadTool | WriteTool;

/** Keeps the exact input and output types of one tool while it is an element of a list of tools. */
export function readTool<In extends z.ZodType, Out extends z.ZodType>(
  tool: ReadTool<In, Out>,
): ReadTool<In, Out> {
  return tool;
}

/** The same for a write tool. */
export function writeTool<In extends z.ZodType>(tool: WriteTool<In>): WriteTool<In> {
  return tool;
}

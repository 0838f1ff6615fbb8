/** The contracts of tools, which look up or propose, and of targets, which carry out. */

import type { z } from "zod";
import type { PlannedAction, Provenance, UnprovenValue, Action } from "#core/values/action.ts";
import type { BoundRequester, IdentityLevel } from "#core/values/identity.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";
import { type ErrorCode, readAs } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { TargetName } from "#core/values/vocabulary.ts";

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

/** The field under which a connected tool gives the name that customers know a record by, where it has one. */
export const RECORD_ID = "record_id";

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

/** The result of an effect, as far as its target can say. */
export interface CommitResult {
  /** The target's own id of what it created; stored in the ledger, shown in the trace. */
  readonly ref: string;
  /** Conversation keys to remember, such as the Message-ID of a mail we sent, so that its answer is matched. */
  readonly conversationKeys: readonly string[];
  /**
   * Our own message as its source shows it from now on, so that reading it there brings no news. Left out where the
   * source did not say.
   */
  readonly shown?: Message;
  /**
   * What turned out differently from the request, in one sentence for the team; a later look-up does not return it.
   */
  readonly remark?: string;
  /**
   * What may wait until the result is recorded, such as a copy in Sent. Run once, then or when that failed, within the
   * time limit of a commit; never throws.
   */
  readonly afterwards?: (isRecorded: boolean) => Promise<void>;
}

/** A line of a chat, which Deskhand keeps in its own database. */
export interface ChatLine {
  /** The chat's key. */
  readonly chat: string;
  readonly text: string;
  readonly committed: CommitResult;
}

/** The look-up of an effect whose outcome is unknown after a crash or a lost response. */
export type EffectLookup =
  | { readonly state: "done"; readonly committed: CommitResult }
  | { readonly state: "absent" }
  | { readonly state: "unknowable"; readonly reason: string };

/**
 * The only outbound path. Every effect on the outside world is a target's `commit`, under a key, through the ledger.
 */
export interface Target {
  readonly name: TargetName;
  /** The operations it can carry out; any other is refused by name before the call. */
  readonly supports: readonly string[];
  /** How many milliseconds a `commit` may take; 30 s where it is left out. */
  readonly commitMs?: number;
  /**
   * Books the turn of this action under the target's rate limits: milliseconds until it, when `commit` goes through.
   * Left out by a target whose limits are seldom reached.
   */
  reserve?(action: Action, key: string, signal: AbortSignal): Promise<number>;
  /**
   * Carries out one action. The same key a second time has no second effect where the other side supports that. Throws
   * `*.unavailable` (nothing happened, try again), `*.refused` (final), `*.conflict` (the conversation moved on) or
   * `*.uncertain` (it may have happened: `find` decides). While `isFirst` is true no process can have sent this key before, so
   * a target that looks whether it is there need not; it asks right before it sends, since that ends with time.
   */
  commit(
    action: Action,
    key: string,
    signal: AbortSignal,
    isFirst?: () => boolean,
  ): Promise<CommitResult>;
  /**
   * The line that `commit` would write, for a target whose other side is Deskhand's own database: it can then be written
   * in the very commit that decides it, without a call in between. Left out by every other target. Pure.
   */
  lineOf?(action: Action, key: string): ChatLine;
  /** Asks the other side whether the effect under this key happened. */
  find(action: Action, key: string, signal: AbortSignal): Promise<EffectLookup>;
}

/** The arguments of an action, as its target reads them. Throws this code for another shape. */
export function parsedArguments<Schema extends z.ZodType>(
  schema: Schema,
  action: Action,
  code: ErrorCode = "channel.refused",
): z.output<Schema> {
  const words = `${action.operation} has arguments of another shape`;
  return readAs(schema, action.arguments, code, words);
}

/** The contract of a target: the only way Deskhand acts on the outside world. */
import type { z } from "zod";
import type { Action } from "#core/values/action.ts";
import { type ErrorCode, readAs } from "#core/values/errors.ts";
import type { TargetName } from "#core/values/vocabulary.ts";

/** The result of an effect, as far as its target can say. */
export interface CommitResult {
  /** The target's own id of what it created; stored in the ledger, shown in the trace. */
  readonly ref: string;
  /** Conversation keys to remember, such as the Message-ID of a mail we sent, so that its answer is matched. */
  readonly conversationKeys: readonly string[];
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
  /**
   * Books the turn of this action under the target's rate limits: milliseconds until it, when `commit` goes through.
   * Left out by a target whose limits are seldom reached.
   */
  reserve?(action: Action, key: string, signal: AbortSignal): Promise<number>;
  /**
   * Carries out one action. The same key a second time has no second effect where the other side supports that. Throws
   * `*.unavailable` (nothing happened, try again), `*.refused` (final), `*.conflict` (the conversation moved on) or
   * `*.uncertain` (it may have happened: `find` decides). While `isFirst` is true nobody can have sent this key before, so
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

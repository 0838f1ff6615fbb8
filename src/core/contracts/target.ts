import type { Action } from "#core/values/action.ts";
import type { TargetName } from "#core/values/vocabulary.ts";

/** What came of an effect, as far as its target can say. */
export interface Committed {
  /** The target's own id of what was made; stored in the ledger, shown in the trace. */
  readonly ref: string;
  /** Conversation keys to remember, such as the Message-ID of a mail we sent, so that its answer finds the way back. */
  readonly conversationKeys: readonly string[];
  /** What came out otherwise than asked for, in one sentence for whoever asked; a look-up afterwards does not know it. */
  readonly remark?: string;
}

/** Looking for an effect whose fate is unknown after a crash or a lost response. */
export type EffectLookup =
  | { readonly state: "done"; readonly committed: Committed }
  | { readonly state: "absent" }
  | { readonly state: "unknowable"; readonly reason: string };

/** The one exit. Everything Deskhand does to the outside world is a target's `commit`, under a key, through the ledger. */
export interface Target {
  readonly name: TargetName;
  /** The operations it can carry out; anything else is refused before the call, by name. */
  readonly supports: readonly string[];
  /** True when `find` always knows: such effects need no separate `intended` commit. */
  readonly findIsReliable: boolean;
  /**
   * Carries out one action. The same key a second time has no second effect where the other side allows that promise.
   * Throws `*.unavailable` (nothing happened, try again), `*.refused` (final), `*.conflict` (the conversation moved on)
   * or `*.uncertain` (it may have happened: `find` decides).
   */
  commit(action: Action, key: string, signal: AbortSignal): Promise<Committed>;
  /** Asks the other side whether the effect under this key happened. */
  find(action: Action, key: string, signal: AbortSignal): Promise<EffectLookup>;
}

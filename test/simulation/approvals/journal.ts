/** Records every call to the outside world. */
import type { Action } from "#core/values/action.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { EffectLookup } from "#core/contracts/tool.ts";
import { errorOf, type CallFault } from "./troubles.ts";

/** One call of a target's `commit`, with its effect at the target. */
export interface Call {
  readonly target: TargetName;
  readonly key: string;
  readonly action: Action;
  /** False when it had no effect: the call failed before, or its key already had its effect. */
  readonly happened: boolean;
  readonly at: Date;
}

/** Every action requested of the outside world, in order. */
export interface Journal {
  readonly calls: readonly Call[];
  add(call: Omit<Call, "at">): void;
  /** The reference of the effect under a key; null when there is none. */
  done(target: TargetName, key: string): string | null;
  clear(): void;
}

export function createJournal(clock: Clock): Journal {
  const calls: Call[] = [];
  return {
    calls,
    add: (call) => void calls.push({ ...call, at: clock.now() }),
    done(target, key) {
      const at = calls.findIndex(
        (call) => call.happened && call.target === target && call.key === key,
      );
      return at < 0 ? null : `${target}-${at}`;
    },
    clear: () => void calls.splice(0),
  };
}

/**
 * Carries a request out, unless its call fails before or its key already had its effect; gives the reference. A target
 * that does not know what it did carries every request out.
 */
export function carryOut(
  journal: Journal,
  { target, key, action }: Pick<Call, "target" | "key" | "action">,
  { trouble, knows = true }: { readonly trouble: CallFault | null; readonly knows?: boolean },
  effect: (ref: string) => void = () => undefined,
): string {
  const isNew =
    (trouble === null || trouble === "lost") && !(knows && journal.done(target, key) !== null);
  journal.add({ target, key, action, happened: isNew });
  const ref = journal.done(target, key) ?? "";
  if (isNew) effect(ref);
  if (trouble !== null) throw errorOf(trouble, target === "shop" ? "shop" : "channel");
  return ref;
}

/** What a target that knows what it did says of a key. */
export function lookUp(journal: Journal, target: TargetName, key: string): EffectLookup {
  const ref = journal.done(target, key);
  return ref === null
    ? { state: "absent" }
    : { state: "done", committed: { ref, conversationKeys: [] } };
}

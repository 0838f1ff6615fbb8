/** Records every call to the outside world. */
import type { Action } from "#core/values/action.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";

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

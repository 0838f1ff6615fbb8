import type { Action } from "#core/values/action.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** One call of a target's `commit`, with what came of it at the other side. */
export interface Call {
  readonly target: TargetName;
  readonly key: string;
  readonly action: Action;
  /** False when nothing happened there: the call failed before, or its key had its effect already. */
  readonly happened: boolean;
  readonly at: Date;
}

/** Everything the outside world was asked to do, in order. */
export interface Journal {
  readonly calls: readonly Call[];
  add(call: Omit<Call, "at">): void;
  /** The reference of what happened under a key; null when nothing did. */
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

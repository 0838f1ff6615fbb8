/** The switches by which a test makes the sample shop misbehave. They live in memory: a restart clears them. */

import type { Fault } from "./schema.ts";

/** The faults in force. */
export interface Faults {
  /** Sets a fault, replacing an earlier one of the same kind. */
  set(fault: Fault): void;
  clear(): void;
  list(): Fault[];
  /** Uses up one turn of a fault; undefined when it is not in force. */
  take<Kind extends Fault["fault"]>(kind: Kind): Extract<Fault, { fault: Kind }> | undefined;
}

/** Starts with nothing broken. */
export function createFaults(): Faults {
  let active: Fault[] = [];
  return {
    set: (fault) => {
      active = [...active.filter((other) => other.fault !== fault.fault), fault];
    },
    clear: () => {
      active = [];
    },
    list: () => active,
    take: <Kind extends Fault["fault"]>(kind: Kind) => {
      const isKind = (fault: Fault): fault is Extract<Fault, { fault: Kind }> =>
        fault.fault === kind;
      const found = active.find(isKind);
      if (found?.times === undefined) return found;
      const left = found.times - 1;
      active = active.flatMap((fault) =>
        fault !== found ? [fault] : left > 0 ? [{ ...fault, times: left }] : [],
      );
      return found;
    },
  };
}

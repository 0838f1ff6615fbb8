/** Duties: what one of several processes does at a time, such as reading one inbox. */
import type { Cursors, DutyLease } from "./ports.ts";

/** What a duty is about. */
export const DUTY_KINDS = ["inbox", "export", "socket"] as const;
export type DutyKind = (typeof DUTY_KINDS)[number];

/** One duty, by its kind and a name that is the same in every process. */
export interface Duty {
  readonly kind: DutyKind;
  /** Unique within the kind, such as the address of an inbox. */
  readonly name: string;
}

/** What a process does while it holds a duty. */
export interface DutyWork {
  /** Resolves when the work is under way, or its first attempt failed; rejects when the duty is better left to others. */
  readonly ready: Promise<void>;
  /** Takes in nothing new and waits for what is in hand. */
  stop(): Promise<void>;
}

/** A duty this process is ready to carry out, whether it holds it now or not. */
export interface DutyPlace {
  /** Ends the work if it runs here, and leaves the duty to another process. */
  stop(): Promise<void>;
}

/** Shares duties among the processes that are ready for them. */
export interface Duties {
  /**
   * Calls `begin` whenever this process takes the duty, and stops that work when it loses it. Resolves once the duty is
   * held elsewhere, or the work is under way here; rejects, and takes the duty no more, when the work cannot begin.
   */
  hold(duty: Duty, begin: (lease: DutyLease | null) => DutyWork): Promise<DutyPlace>;
}

/** For a process that is the only one, such as the one that holds the embedded database: no lease, and no fence. */
export const SOLE_PROCESS: Duties = {
  async hold(_duty, begin) {
    const work = begin(null);
    await work.ready;
    return { stop: () => work.stop() };
  },
};

/** Positions that are written under the lease alone. */
export function cursorsUnder(lease: DutyLease | null, cursors: Cursors): Cursors {
  return { ...cursors, write: (name, value) => cursors.write(name, value, lease) };
}

/** Checkpoints that a process passes: it can be killed there, or made to wait for another process. */

/** A checkpoint: the process can be killed there, or made to let another one go first. */
export interface Checkpoint {
  /** Before every transaction, before a target is asked, and after every call to one. */
  pass(name: string): Promise<void>;
  /** Where the jobs themselves allow a crash; may throw. */
  crashPoint(name: string): void;
}

export const NO_CHECKPOINT: Checkpoint = {
  pass: async () => undefined,
  crashPoint: () => undefined,
};

/**
 * Thrown at every further checkpoint of a dead process. It looks like an error of the system, since that is what the
 * jobs see of an end from outside; without this they would take it for a bug of theirs and hand the message to people.
 */
export class Killed extends Error {
  override readonly name = "Killed";
  readonly syscall = "kill";
}

/** A checkpoint that passes this many times and then kills; the jobs' own crash points count as well. */
export function killAfter(after: number): Checkpoint & { readonly isDead: () => boolean } {
  const state = { passed: 0 };
  const pass = (name: string): void => {
    state.passed += 1;
    if (state.passed > after) throw new Killed(`killed at ${name}`);
  };
  return {
    pass: async (name) => pass(name),
    crashPoint: pass,
    isDead: () => state.passed > after,
  };
}

/**
 * Interleaves two processes: each waits at every checkpoint until it may continue. `turns`, repeated, chooses which one
 * continues; when one has finished, the other runs on.
 */
export async function interleave(
  works: readonly ((checkpoint: Checkpoint) => Promise<void>)[],
  turns: readonly number[],
): Promise<void> {
  // A process does several things at once, such as showing cards while its reconciler runs: each waits for its own
  // turn.
  const waiting = works.map((): (() => void)[] => []);
  const waits = (index: number): boolean => (waiting[index]?.length ?? 0) > 0;
  const running = new Set(works.keys());
  const changed = { notify: (): void => undefined };
  const checkpoints = works.map((_, index): Checkpoint => ({
    ...NO_CHECKPOINT,
    pass: () =>
      new Promise((resolve) => {
        waiting[index]?.push(resolve);
        changed.notify();
      }),
  }));
  const failures: unknown[] = [];
  const all = works.map(async (work, index) => {
    try {
      await work(checkpoints[index] ?? NO_CHECKPOINT);
    } catch (error) {
      failures.push(error);
    } finally {
      running.delete(index);
      changed.notify();
    }
  });
  for (let turn = 0; running.size > 0; turn += 1) {
    await new Promise<void>((resolve) => {
      changed.notify = () => {
        if ([...running].every(waits)) resolve();
      };
      changed.notify();
    });
    const wanted = turns[turn % turns.length] ?? 0;
    const next = waits(wanted)
      ? wanted
      : waiting.findIndex((checkpoints) => checkpoints.length > 0);
    waiting[next]?.shift()?.();
  }
  await Promise.all(all);
  if (failures.length > 0) throw failures[0];
}

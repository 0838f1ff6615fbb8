/** What the work under way is about and which trace it belongs to, known at any depth without being handed on. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "#core/contracts/trace-context.ts";

/** Ids of what work is about, as log lines name them: a message is named as its source names it. */
export interface WorkSubjects {
  readonly conversation?: string;
  readonly turn?: string;
  readonly message?: string;
  readonly card?: string;
}

interface Work {
  subjects: WorkSubjects;
  readonly trace: TraceContext | null;
}

const underWay = new AsyncLocalStorage<Work>();

/** Runs `work` with these subjects added to those around it. */
export function workingOn<T>(subjects: WorkSubjects, work: () => T): T {
  return underWay.run({ subjects: { ...workedOn(), ...subjects }, trace: traceNow() }, work);
}

/** Adds what became known in the middle of the work, for the rest of the innermost `workingOn` or `inTrace`. */
export function nowWorkingOn(subjects: WorkSubjects): void {
  const work = underWay.getStore();
  if (work !== undefined) work.subjects = { ...work.subjects, ...subjects };
}

/** Runs what belongs to no work, such as a timer that outlives the work which set it. */
export function withoutSubjects<T>(work: () => T): T {
  return underWay.exit(work);
}

/** What the work under way is about; empty where none was announced. */
export function workedOn(): WorkSubjects {
  return underWay.getStore()?.subjects ?? {};
}

/** Runs `work` as part of this trace; null for work that belongs to none. */
export function inTrace<T>(trace: TraceContext | null, work: () => T): T {
  return underWay.run({ subjects: workedOn(), trace }, work);
}

/** The trace of the work under way; null where it belongs to none. */
export function traceNow(): TraceContext | null {
  return underWay.getStore()?.trace ?? null;
}

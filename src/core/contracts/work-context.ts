/** What the work under way is about, known at any depth without being handed on. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Ids of what work is about, as log lines name them: a message is named as its source names it. */
export interface WorkSubjects {
  readonly conversation?: string;
  readonly turn?: string;
  readonly message?: string;
  readonly card?: string;
}

const underWay = new AsyncLocalStorage<{ subjects: WorkSubjects }>();

/** Runs `work` with these subjects added to those around it. */
export function workingOn<T>(subjects: WorkSubjects, work: () => T): T {
  return underWay.run({ subjects: { ...workedOn(), ...subjects } }, work);
}

/** Adds what became known in the middle of the work, for the rest of the innermost `workingOn`. */
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

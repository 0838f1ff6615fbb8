/** The types of a fault case and of its result. */
import type { CaseContext } from "./arena.ts";

/** One fault: what is done to Deskhand, and the messages on which it is judged. */
export interface FaultCase {
  readonly id: number;
  readonly name: string;
  /** Needs the machine for itself, because it measures time or uses the processor up. */
  readonly alone?: boolean;
  /** How long it may take before it counts as hanging; 120 s when absent. */
  readonly seconds?: number;
  /** Throws when something does not hold; the judge counts what was lost or doubled. */
  run(context: CaseContext): Promise<void>;
}

/** The result of a case. The field names are those of the JSON the suite prints. */
export interface CaseResult {
  readonly id: number;
  readonly name: string;
  readonly ok: boolean;
  readonly lost: number;
  readonly twice: number;
  readonly out_of_order: number;
  readonly seconds: number;
  /** Why it is not ok, a sentence each. Not part of the JSON. */
  readonly reasons: readonly string[];
}

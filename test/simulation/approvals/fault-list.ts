import { DATABASE_FAULTS } from "./database-faults.ts";
import { DESK_FAULTS } from "./desk-faults.ts";
import type { Trial } from "./trial.ts";
import { WORLD_FAULTS } from "./world-faults.ts";

/** Plays one approval with something wrong in it; what it led to is the judge's to say. */
export type Fault = (trial: Trial) => Promise<void>;

/** Everything that is tried, by a name that says it. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...DESK_FAULTS,
  ...WORLD_FAULTS,
  ...DATABASE_FAULTS,
};

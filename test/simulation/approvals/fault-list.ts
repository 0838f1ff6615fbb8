/** All faults that are tried. */
import { DATABASE_FAULTS } from "./database-faults.ts";
import { DESK_FAULTS } from "./desk-faults.ts";
import type { Trial } from "./trial.ts";
import { WORLD_FAULTS } from "./world-faults.ts";

/** Plays one approval with a fault in it; the judge decides whether the result is right. */
export type Fault = (trial: Trial) => Promise<void>;

/** Every fault, by a descriptive name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...DESK_FAULTS,
  ...WORLD_FAULTS,
  ...DATABASE_FAULTS,
};

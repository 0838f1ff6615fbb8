/** Which operations move money, and the states of an effect. */
import { z } from "zod";

/**
 * The life of an outward effect. `intended`: decided and sealed, may still be withdrawn. `executing`: the call may be
 * under way, so after a crash its target is asked, never blindly repeated. `done`, `failed` and `withdrawn` are final.
 * `unknown`: the target cannot say; a person decides.
 */
export const EffectState = z.enum([
  "intended",
  "executing",
  "done",
  "unknown",
  "failed",
  "withdrawn",
]);
export type EffectState = z.infer<typeof EffectState>;

/** Operations that move money: an unknown outcome is never settled by trying again. */
export const MONEY_OPERATIONS: readonly string[] = ["refund"];

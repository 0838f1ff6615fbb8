/** The states of an approval and of an effect, and how each leads to the next. */
import { z } from "zod";

/**
 * An approval starts `pending`. Clicks of enough different people make it `approved`; one rejection, the expiry, or a
 * change of anything its seal covers ends it as `rejected`, `expired` or `void`. An edit makes a new version and resets
 * the count. An approved one may return to `pending` during its undo time, before its first effect starts, and so may
 * one that a click handed over to people and that is `rejected` by that. Nothing else leaves `rejected`, `expired` or
 * `void`.
 */
export const ApprovalState = z.enum(["pending", "approved", "rejected", "expired", "void"]);
export type ApprovalState = z.infer<typeof ApprovalState>;

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

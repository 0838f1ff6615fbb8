import { z } from "zod";

/** A value of an action that stands in no record: which argument, and the words it was taken from ("" for none). */
export const Unproven = z.strictObject({ argument: z.string(), words: z.string().max(500) });
export type Unproven = z.infer<typeof Unproven>;

/**
 * Where an action comes from, found out by code. Only what the requester asked for in their own new words, with values
 * from records, may be allowed without a person: quoted, attached and looked-up text can say anything.
 */
export const Origin = z.strictObject({
  /** True when the requester's own words ask for this kind of action. */
  asked: z.boolean(),
  unproven: z.array(Unproven).max(20),
});
export type Origin = z.infer<typeof Origin>;

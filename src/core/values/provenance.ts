/** Where the values of an action come from. */
import { z } from "zod";

/**
 * Who wrote a text that a turn read: the operator (help pages, procedures, the shop's records, our own answers and the
 * team's), the requester where it is proven who that is, or anybody else.
 */
export type Provenance = "own" | "requester" | "third_party";

/** A value of an action that is in no record: the argument, and the text it was taken from ("" for none). */
export const UnprovenValue = z.strictObject({ argument: z.string(), words: z.string().max(500) });
export type UnprovenValue = z.infer<typeof UnprovenValue>;

/**
 * Where an action comes from, determined by code. Only what the requester asks for in their own new text, with values
 * from records, may be allowed without a person: quoted, attached and looked-up text can say anything.
 */
export const Origin = z.strictObject({
  /** True when the requester's newest text is a plain request for exactly this (src/text/plain-request.ts). */
  asked: z.boolean(),
  unproven: z.array(UnprovenValue).max(20),
});
export type Origin = z.infer<typeof Origin>;

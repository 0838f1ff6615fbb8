/** What a check of the setup found, as data. */

import { z } from "zod";
import type { ChannelName } from "#core/values/vocabulary.ts";

/** What `doctor --fix` may repair by itself. */
const Fix = z.enum([
  /** Variables' file or data folder that other users of the machine can read. */
  "close_file",
  "close_folder",
  /** Groups, fields, webhook and its secret in the Zendesk account. */
  "zendesk_account",
]);
export type Fix = z.infer<typeof Fix>;

/** The result of checking one part of the setup, in text for the operator. */
export const Finding = z.object({
  /** The checked part, such as `zendesk` or `database`. */
  part: z.string(),
  /** What was checked, in a few words. */
  check: z.string(),
  /** `unknown`: it cannot be determined from here. */
  state: z.enum(["ok", "warning", "problem", "unknown"]),
  /** What was found; one sentence. */
  found: z.string(),
  /** What follows from it for customers and team; left out where the finding says so. */
  means: z.string().optional(),
  /** What to do; null when there is nothing to do. */
  remedy: z.string().nullable(),
  /** The repair that `doctor --fix` has for it. */
  fix: Fix.optional(),
});
export type Finding = Readonly<z.infer<typeof Finding>>;

/** Makes the findings about one part. */
export function findingsAbout(part: string) {
  return (
    state: Finding["state"],
    check: string,
    found: string,
    remedy: string | null = null,
  ): Finding => ({ part, check, state, found, remedy });
}

/**
 * Requests whose signature was refused one after the other, by channel: a wrong secret lets none through, while strangers
 * come between good ones.
 */
export type UnverifiedInARow = ReadonlyMap<
  ChannelName,
  { readonly count: number; readonly reason: string }
>;

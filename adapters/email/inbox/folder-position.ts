/** How far the reading of one folder has come, and what became of the mails that could not be taken in. */

import { z } from "zod";

/** A server that refuses a mail within this time after it last did has said nothing new: it may refuse every mail. */
const REFUSED_AGAIN_MS = 10 * 60_000;

/**
 * How far the watcher has come in one mailbox, and which mails it could not take in yet, as it is kept between two
 * starts.
 */
export const FolderPosition = z.object({
  /** UIDVALIDITY as decimal digits: it has 32 bits on the wire and comes as a bigint. */
  uidValidity: z.string(),
  /** All mails up to this UID are taken in, except the `failed` ones. */
  uid: z.int().min(0),
  /** Nothing that arrived before this moment is ever taken in, also not after the server numbers its mails anew. */
  since: z.iso.datetime(),
  /** Mails that could not be taken in yet; tried again, and never in the way of those behind them. */
  failed: z.array(z.int()),
  /** How often a mail was tried in vain, also one that is not passed because it ends the connection or the process. */
  tries: z
    .array(z.object({ uid: z.int(), count: z.int().min(1), at: z.iso.datetime().optional() }))
    .default([]),
  /** The mail being taken in. A process that finds one at its start knows that the last process ended with it. */
  inHand: z.int().nullable().default(null),
});
export type FolderPosition = z.infer<typeof FolderPosition>;

/** A position before which nothing has failed. */
export function positionAt(
  place: Pick<FolderPosition, "uidValidity" | "uid" | "since">,
): FolderPosition {
  return { ...place, failed: [], tries: [], inHand: null };
}

/** More mails than these do not wait to be tried again: each further one gets all its tries at once. */
export const FAILED_MAX = 1_000;

/** How often this mail was tried and failed. */
export function fetchTries({ tries }: FolderPosition, uid: number): number {
  return tries.find((one) => one.uid === uid)?.count ?? 0;
}

/** Whether the mail is put aside for later and was counted as tried a short while ago. */
export function isKnownRefused(
  { tries, failed }: FolderPosition,
  uid: number,
  at: string,
): boolean {
  const last = tries.find((one) => one.uid === uid)?.at;
  const isWaiting = failed.includes(uid) && failed.length < FAILED_MAX;
  return isWaiting && last !== undefined && Date.parse(at) - Date.parse(last) < REFUSED_AGAIN_MS;
}

/** After a try of the mail that failed. It is passed unless it stops the line. */
export function afterFailure(
  position: FolderPosition,
  uid: number,
  { isPassed, at }: { readonly isPassed: boolean; readonly at?: string },
): FolderPosition {
  const others = afterSuccess(position, uid);
  const tried = [...others.tries, { uid, count: fetchTries(position, uid) + 1, at }];
  const wasPassed = uid <= position.uid;
  return isPassed || wasPassed
    ? { ...others, failed: [...others.failed, uid], tries: tried }
    : { ...others, uid: position.uid, tries: tried };
}

/** After the mail was taken in, or needs no further look. */
export function afterSuccess(position: FolderPosition, uid: number): FolderPosition {
  return {
    ...position,
    uid: Math.max(position.uid, uid),
    failed: position.failed.filter((one) => one !== uid),
    tries: position.tries.filter((one) => one.uid !== uid),
    inHand: null,
  };
}

/** As a process finds it at its start: what another one ended with counts as tried. */
export function afterRestart(position: FolderPosition): FolderPosition {
  const { inHand } = position;
  return inHand === null ? position : afterFailure(position, inHand, { isPassed: false });
}

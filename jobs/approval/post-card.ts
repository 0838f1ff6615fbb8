/** Posts the card of a row to the desk, or updates it there, and records in the row how that went. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import {
  recordPosted,
  recordPostFailed,
  type CardRows,
  type ShownColumns,
} from "#store/approvals/card-posting.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

/** One row to post, taken by this process. */
interface RowToPost {
  readonly row: { readonly id: string; readonly deskRef: string | null };
  readonly card: Card;
  readonly shown: ShownColumns;
  /** True while it can still be decided. */
  readonly undecided: boolean;
  /** How long to wait after this error; a card that only waits for its turn comes back then. */
  waitMs(error: unknown): number;
  /** What to do after a first post, before it is recorded. */
  readonly afterPost?: (signal: AbortSignal) => Promise<void>;
}

/**
 * While the desk is down it is tried again later. An undecided card that was deleted on the desk is posted again; a
 * closed one is not.
 */
export async function postCard(
  context: JobContext,
  rows: CardRows,
  posting: RowToPost,
): Promise<void> {
  const { row, shown, undecided } = posting;
  try {
    const deskRef = await postOrUpdate(context, posting);
    await context.store.run((transaction) =>
      recordPosted(transaction, rows, { id: row.id, deskRef }, shown),
    );
  } catch (error) {
    context.log.warn("card not shown", { card: row.id, reason: reasonOf(error) });
    const { deskRef } = row;
    const gone = isRefused(error) && deskRef !== null;
    const turnMs = turnInMs(error);
    const waitMs = turnMs ?? posting.waitMs(error);
    const retryAt = new Date(context.clock.now().getTime() + waitMs);
    await context.store.run((transaction) =>
      gone && !undecided
        ? recordPosted(transaction, rows, { id: row.id, deskRef }, shown)
        : recordPostFailed(transaction, rows, {
            id: row.id,
            retryAt,
            gone,
            tried: turnMs === undefined,
          }),
    );
  }
}

function turnInMs(error: unknown): number | undefined {
  const waits = error instanceof DeskhandError && error.code === "channel.rate_limited";
  return waits ? error.retryAfterMs : undefined;
}

async function postOrUpdate(
  { desk }: JobContext,
  { row, card, afterPost }: RowToPost,
): Promise<string> {
  const signal = AbortSignal.timeout(LIMITS.effectMs);
  if (row.deskRef !== null) {
    await desk.update(row.deskRef, card, signal);
    return row.deskRef;
  }
  const deskRef = await desk.post(card, `card:${card.approvalId}:${card.version}`, signal);
  await afterPost?.(signal);
  return deskRef;
}

/** The desk said no: the post is gone, or it does not take this card. */
export function isRefused(error: unknown): boolean {
  return error instanceof DeskhandError && error.code === "channel.refused";
}

const RETRY_MAX_MS = 60_000;

/** 1 s after the first failure, doubled with each further one up to a minute; `failures` are those before this one. */
export function postRetryMs(failures: number): number {
  return Math.min(1_000 * 2 ** failures, RETRY_MAX_MS);
}

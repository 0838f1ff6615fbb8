/** Decides how conversations ended: what is due in batches, all of them on request, and whether the rows are right. */

import type { JobContext } from "#jobs/context/job-context.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { refreshCandidate } from "#store/reports/eval-candidates.ts";
import {
  conversationsAfter,
  markAllResolutions,
  readResolutionFacts,
  storeResolutions,
  takeDueResolutions,
  type ResolutionRow,
} from "#store/reports/resolutions.ts";
import { decideRows, dueAfter } from "./resolution-facts.ts";

/** Conversations in one transaction. */
const BATCH = 200;

/** Decides what is due, batch after batch. Two processes at once take different conversations. */
export async function decideResolutions(
  context: Pick<JobContext, "store" | "clock"> & {
    readonly policy: Pick<JobContext["policy"], "solvedAfterMs">;
  },
): Promise<void> {
  await decideAllDue(context.store, context.clock.now(), context.policy.solvedAfterMs);
}

/** Returns how many conversations were decided. */
async function decideAllDue(store: Store, now: Date, quietMs: number): Promise<number> {
  let all = 0;
  for (;;) {
    const taken = await store.run((transaction) => decideBatch(transaction, now, quietMs));
    all += taken;
    if (taken < BATCH) return all;
  }
}

async function decideBatch(transaction: Transaction, now: Date, quietMs: number): Promise<number> {
  const ids = await takeDueResolutions(transaction, now, BATCH);
  if (ids.length === 0) return 0;
  const terms = { now: now.getTime(), quietMs };
  const facts = await readResolutionFacts(transaction, ids);
  const decided = facts.map((known) => {
    const rows = decideRows(known, terms);
    return { conversationId: known.id, dueAt: dueAfter(rows, terms), rows };
  });
  const changed = await storeResolutions(transaction, decided, now);
  for (const id of changed) await refreshCandidate(transaction, id, now);
  return ids.length;
}

/** Decides every conversation anew from its events. Returns how many there are. */
export async function recomputeResolutions(
  store: Store,
  now: Date,
  quietMs: number,
): Promise<number> {
  const count = await store.run((transaction) => markAllResolutions(transaction, now));
  await decideAllDue(store, now, quietMs);
  return count;
}

/** What a check of the ledger found. */
export interface LedgerCheck {
  readonly conversations: number;
  readonly matters: number;
  /** Conversations that are decided within the next minute, and were not compared. */
  readonly due: number;
  /** One line for each row that is not what the events say. */
  readonly differences: readonly string[];
}

/** Compares every row with what the events say, page by page, and changes nothing. */
export async function checkResolutions(
  store: Store,
  now: Date,
  quietMs: number,
): Promise<LedgerCheck> {
  const terms = { now: now.getTime(), quietMs };
  const found = { conversations: 0, matters: 0, due: 0 };
  const differences: string[] = [];
  for (let after = ""; ;) {
    const page = await store.run(async (transaction) => {
      const ids = await conversationsAfter(transaction, after, BATCH);
      return readResolutionFacts(transaction, ids);
    });
    for (const known of page) {
      found.conversations += 1;
      if (known.dueAt !== null && known.dueAt <= now) {
        found.due += 1;
        continue;
      }
      const right = decideRows(known, terms);
      found.matters += right.filter(({ startedAt }) => startedAt !== null).length;
      differences.push(...differencesOf(known.id, known.stored, right));
    }
    const last = page.at(-1);
    if (last === undefined) return { ...found, differences };
    after = last.id;
  }
}

function differencesOf(
  id: string,
  stored: readonly ResolutionRow[],
  right: readonly ResolutionRow[],
): readonly string[] {
  const places = Array.from({ length: Math.max(stored.length, right.length) }, (_, place) => place);
  return places.flatMap((place) => {
    const [is, should] = [stored[place], right[place]].map((row) =>
      row === undefined ? "no row" : rowText(row),
    );
    return is === should ? [] : [`${id}, matter ${place + 1}: stored ${is}, events say ${should}`];
  });
}

/** Money is compared in millionths, so that the order of adding up makes no difference. */
function rowText(row: ResolutionRow): string {
  const at = (moment: Date | null): string => moment?.toISOString() ?? "-";
  return [
    row.kind ?? "open",
    row.reason,
    `from ${at(row.startedAt)}`,
    `ended ${at(row.endedAt)}`,
    `solved ${at(row.solvedAt)}`,
    `quiet ${at(row.quietAt)}`,
    `in ${row.continuedIn ?? "-"}`,
    `${row.usd.toFixed(6)} USD`,
    `${row.unpriced} unpriced`,
    row.humanMinutes === null ? "no minutes" : `${row.humanMinutes.toFixed(3)} minutes`,
  ].join(", ");
}

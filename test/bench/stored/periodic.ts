/** What runs by the clock: each step that reads the database, and how long it takes beside what is stored there. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { DAY_MS } from "#core/values/moment.ts";
import { compareDays } from "#jobs/reports/report-text.ts";
import { decideResolutions } from "#jobs/reports/resolutions.ts";
import { readScorecard } from "#jobs/scorecard/scorecard.ts";
import { isAuditOlder } from "#store/audit/audit-log.ts";
import { takeConversationsToWake } from "#store/conversations/due-work.ts";
import { openStore, type Store, type Transaction } from "#store/db/database.ts";
import { cutoffsAt, RETENTION_RULES } from "#store/privacy/retention.ts";
import { readOperatingFigures } from "#store/reports/operating-figures.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { berlinPolicy } from "#test/jobs/reports/two-weeks.ts";
import { silentLog } from "#test/store/bench.ts";

/** How long a step took in the database, and how many pages of 8 kB it read there. */
export interface StepCost {
  readonly ms: number;
  readonly pages: number;
}

/** A step, and when it runs. */
interface Step {
  readonly name: string;
  readonly runs: string;
  readonly work: (store: Store) => Promise<unknown>;
}

/** Conversations that are decided at once; see `jobs/reports/resolutions.ts`. */
const BATCH = 100;
const WAITING = 100;

/** Everything by the clock that reads a table which grows and has rows here. */
export function periodicSteps(now: Date): readonly Step[] {
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  const policy = berlinPolicy();
  const today = policy.digest.dayOf(now);
  const step = (
    name: string,
    runs: string,
    work: (transaction: Transaction) => Promise<unknown>,
  ): Step => ({ name, runs, work: (store) => store.run(work) });
  const settings: readonly string[] = [];
  return [
    step("what is due", "each second", (transaction) =>
      dueSteps(transaction, { name: "bench", holder: "bench", forMs: 3_000, now, settings }),
    ),
    step(`waking ${WAITING} conversations`, "each second, if any wait", (transaction) =>
      takeConversationsToWake(transaction, {
        now,
        mailBefore: now,
        dueBefore: now,
        rungBefore: now,
        limit: 1_000,
      }),
    ),
    {
      name: `how ${BATCH} matters ended`,
      runs: "every ten seconds, if any are due",
      work: (store) => decideOneBatch(store, now),
    },
    step("operating figures", "twice a minute", (transaction) =>
      readOperatingFigures(transaction, { now, from: before(30_000), to: now }),
    ),
    step("scorecard", "hourly", (transaction) => readScorecard(policy, transaction, now)),
    step("retention, nothing due", "hourly", (transaction) => retain(transaction, now, 0)),
    step("retention, a batch of everything", "each second, if due", (transaction) =>
      retain(transaction, now, 45),
    ),
    step("entries of the audit that are too old", "hourly", (transaction) =>
      isAuditOlder(transaction, now),
    ),
    step("figures of a day", "daily", (transaction) =>
      compareDays(policy.digest, transaction, policy.digest.sinceWorkday(today)),
    ),
    step("figures of a week", "weekly", (transaction) =>
      compareDays(policy.digest, transaction, policy.digest.weekBefore(today)),
    ),
  ];
}

/** The first batch of those that are due; there are more of them than anybody waits for here. */
async function decideOneBatch(store: Store, now: Date): Promise<void> {
  const seen = { batches: 0 };
  const enough = new Error("one batch is enough");
  const once: Store = {
    ...store,
    run: (work, ...given) => {
      seen.batches += 1;
      return seen.batches > 1 ? Promise.reject(enough) : store.run(work, ...given);
    },
  };
  const terms = { clock: { now: () => now }, policy: { solvedAfterMs: 3 * DAY_MS } };
  await decideResolutions({ store: once, ...terms }).catch((error: unknown) => {
    if (error !== enough) throw error;
  });
}

async function retain(transaction: Transaction, now: Date, daysLater: number): Promise<void> {
  const then = new Date(now.getTime() + daysLater * DAY_MS);
  const keep = { contentDays: daysLater === 0 ? 100 : 90, auditMonths: 24 };
  for (const { remove } of RETENTION_RULES.map((rule) => ({ remove: rule.remove.bind(rule) })))
    await remove(transaction, cutoffsAt(then, keep), then);
}

/** Lets matters be due and conversations wait, as they would where much comes in. */
const MAKE_DUE = [
  "update resolution set due_at = now() where place = 0 and due_at is distinct from now()",
  `update hint set state = 'unread' where id in (select id from hint order by id desc limit ${WAITING})`,
  "analyze",
];

const Read = z.object({ ms: z.number().nullable(), pages: z.coerce.number().nullable() });

/** The second of two runs of every step, so that what it reads is in memory as far as there is room. */
export async function measurePeriodic(
  databaseUrl: string,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, StepCost>> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-periodic-"));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const store = await openStore({ databaseUrl, folder, log: silentLog });
  const costs = new Map<string, StepCost>();
  try {
    await client.query("create extension if not exists pg_stat_statements");
    for (const statement of MAKE_DUE) await client.query(statement);
    for (const { name, work } of periodicSteps(new Date())) {
      await work(store);
      await client.query("select pg_stat_statements_reset()");
      await work(store);
      const { rows } = await client.query(
        `select sum(total_exec_time) as ms, sum(shared_blks_hit + shared_blks_read) as pages from pg_stat_statements
         where dbid = (select oid from pg_database where datname = current_database())
           and query not like '%pg_stat_%'`,
      );
      const [read] = z.array(Read).parse(rows);
      costs.set(name, { ms: read?.ms ?? 0, pages: read?.pages ?? 0 });
      say(`${name}: ${read?.ms?.toFixed(1)} ms`);
    }
  } finally {
    await store.close();
    await client.end();
    await rm(folder, { recursive: true, force: true });
  }
  return costs;
}

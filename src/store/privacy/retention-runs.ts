/** When retention ran last and when it runs next. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { storedSetting } from "#store/db/settings.ts";

/** When retention ran last, what that run has removed so far, and when it is due again. */
const RetentionRun = z.object({
  nextAt: z.iso.datetime(),
  /** Null before the first run. */
  ranAt: z.iso.datetime().nullable(),
  removed: z.record(z.string(), z.int()),
  /** When the files were last compared with the rows. */
  filesAt: z.iso.datetime().nullable(),
});
export type RetentionRun = z.infer<typeof RetentionRun>;

/** Not there before retention was first due. */
export const RETENTION_RUN = storedSetting("retention", RetentionRun);

const FRESH: RetentionRun = {
  nextAt: new Date(0).toISOString(),
  ranAt: null,
  removed: {},
  filesAt: null,
};

export async function lastRetentionRun(transaction: Transaction): Promise<RetentionRun> {
  return (await RETENTION_RUN.read(transaction)) ?? FRESH;
}

/** Claims the next run when it is due, until `until`: only one process does it. Null for all others. */
export async function claimRetention(
  transaction: Transaction,
  now: Date,
  until: Date,
): Promise<RetentionRun | null> {
  const first: RetentionRun = { ...FRESH, nextAt: until.toISOString() };
  const rows = await rowsOf(
    transaction,
    z.object({ value: RetentionRun }),
    sql`insert into setting (name, value) values (${RETENTION_RUN.name}, ${JSON.stringify(first)}::jsonb)
        on conflict (name) do update set value = jsonb_set(setting.value, '{nextAt}', to_jsonb(${until.toISOString()}::text))
          where setting.value ->> 'nextAt' <= ${now.toISOString()}
        returning value`,
  );
  return rows[0]?.value ?? null;
}

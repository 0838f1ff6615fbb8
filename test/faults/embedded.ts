/** Judges an installation on the embedded database, which one process has at a time. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { until } from "#test/support/waiting.ts";
import type { CaseContext } from "./arena.ts";
import { readDatabaseState } from "./inside.ts";
import type { Installation } from "./installation.ts";
import { judge } from "./judge.ts";

/** Time for what follows the last answer: it is recorded, also by the next process, and nothing may come twice. */
const QUIET_MS = 6_000;

/** Waits until each message has its answer, ends the process, and only then reads what it wrote. */
export async function judgeEmbedded(
  context: CaseContext,
  installation: Installation,
): Promise<void> {
  await until("all answers", async () => {
    const { shown, sent } = await installation.outside();
    return shown.length >= sent.length;
  });
  await delay(QUIET_MS);
  const outside = await installation.outside();
  const { folder } = installation.deskhand();
  await installation.kill();
  const database = await PGlite.create({ dataDir: join(folder, "pglite") });
  try {
    const inside = await readDatabaseState(
      async (statement) => (await database.query<object>(statement)).rows,
    );
    context.judged(judge(outside, inside));
  } finally {
    await database.close();
  }
}

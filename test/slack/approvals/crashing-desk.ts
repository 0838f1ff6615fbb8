/**
 * A process of its own that serves clicks in Slack and carries out what they allow, until it is killed at the point it
 * was told: without a chance to tidy up, as by a power cut.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { slack } from "#slack/index.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { openStore } from "#store/db/database.ts";
import { benchOn } from "#test/jobs/bench.ts";
import { silentLog } from "#test/store/bench.ts";
import { optionsFor } from "#test/slack/bench.ts";

const [databaseUrl = "", apiUrl = "", diesAt = ""] = process.argv.slice(2);

function passing(point: string): void {
  if (point === diesAt) process.kill(process.pid, "SIGKILL");
}

const store = await openStore({
  databaseUrl,
  folder: mkdtempSync(join(tmpdir(), "deskhand-crashing-")),
  log: silentLog,
});
const { bench } = benchOn(() => ({ store, databaseUrl }), "postgres");
const { desk, channel } = slack(optionsFor(apiUrl));
bench.connectDesk(desk);
bench.connect(channel);
bench.skip(Date.now() - bench.now().getTime());
const ids = { count: 0 };
const { parts } = bench;
Object.assign(parts, {
  // What it had in hand is another's after this.
  leaseMs: 300,
  worker: "killed",
  ids: { next: (prefix: string) => `${prefix}_killed${(ids.count += 1)}` },
  crashPoint: passing,
  wake: async (conversationId: string) => {
    passing("decision:recorded");
    setImmediate(() => void bench.wake(conversationId));
  },
});
const handler = deskHandler(parts);
await desk.start({
  ...handler,
  decide(decision) {
    passing("click:acknowledged");
    return handler.decide(decision);
  },
});
process.stdout.write("ready\n");

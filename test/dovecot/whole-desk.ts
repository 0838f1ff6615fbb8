/**
 * The product as it is wired, with its own agent, tools, guards and policy and the sample shop behind it, reading a real
 * Dovecot. Every channel answers by itself, so that no draft hides what would leave.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { Target } from "#core/contracts/tool.ts";
import { buildStage, type Stage } from "#evals/harness/product.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import type { MailDesk } from "./mailroom.ts";

/** A desk with the whole product in it. */
export interface WholeDesk extends MailDesk {
  readonly stage: Stage;
  close(): Promise<void>;
}

const PolicyFile = z.looseObject({ autonomy: z.record(z.string(), z.unknown()) });

export async function openWholeDesk(): Promise<WholeDesk> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-mail-"));
  const closers = [async () => rm(folder, { recursive: true, force: true })];
  const policy = PolicyFile.parse(parse(readPolicyFile(readConfig({}))));
  const autonomy = Object.keys(policy.autonomy).map((name) => [name, { default: "auto" }]);
  const file = join(folder, "policy.yaml");
  await writeFile(file, stringify({ ...policy, autonomy: Object.fromEntries(autonomy) }));
  // Real PostgreSQL is up sooner than the embedded database, where there is one.
  const database = postgresMissing === false ? await freshDatabase() : null;
  if (database !== null) closers.push(() => database.drop());
  const stage = await buildStage(join(folder, "data"), {}, (closer) => closers.push(closer), {
    settings: { EMBEDDINGS: "off", DESKHAND_POLICY: file },
    exchange: (wired) => wired,
    ...(database === null ? {} : { databaseUrl: database.url }),
  });
  const channels = new Map<ChannelName, Channel>(stage.parts.channels);
  const targets = new Map<TargetName, Target>(stage.parts.targets);
  const parts = { ...stage.parts, channels, targets };
  return {
    stage,
    parts,
    connect(channel) {
      channels.set(channel.name, channel);
      targets.set(channel.name, channel);
    },
    now: () => stage.clock.now(),
    skip: (ms) => stage.clock.skip(ms),
    async tick() {
      // What waits for more words, or for a change of mind, has waited.
      stage.clock.skip(30_000);
      const woken: string[] = [];
      const reconciler = startReconciler(parts, {
        wakeAnyway: async (id) => void woken.push(id),
        oldestMs: async () => 0,
      });
      await reconciler.stop();
      for (
        let round = 0,
          next: readonly string[] = [...new Set([...woken, ...stage.fakeQueue.take()])];
        next.length > 0 && round < 20;
        round += 1, next = stage.fakeQueue.take()
      )
        for (const id of next) await processConversation(parts, id);
    },
    async close() {
      for (const closer of closers.toReversed()) await closer();
    },
  };
}

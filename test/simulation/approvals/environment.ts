/** Everything outside the processes under test: database, channels, shop and desk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecidedAction } from "#core/contracts/agent.ts";
import { createFakeQueue, type FakeQueue } from "#evals/harness/fake-queue.ts";
import { allTables, forgetting } from "#evals/harness/forgetting.ts";
import type { LoadedPolicy } from "#policy/load-policy.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { createJournal, type Journal } from "./journal.ts";
import { policyIn, POLICY_FILES } from "./policies.ts";
import { createMemoryChannel, type MemoryChannel } from "./memory-channel.ts";
import { createMemoryDesk, type MemoryDesk } from "./memory-desk.ts";
import { sequentialIds, recordingLog, testClock, type TestClock } from "./deterministic-ports.ts";
import { createMemoryShop, type MemoryShop } from "./memory-shop.ts";

/**
 * Everything outside the real jobs: a real store, and people, channels and a shop that record every request. Processes
 * start and stop on it; none of them owns anything here.
 */
export interface TestEnvironment {
  readonly store: Store;
  readonly clock: TestClock;
  readonly ids: ReturnType<typeof sequentialIds>;
  readonly log: ReturnType<typeof recordingLog>;
  readonly fakeQueue: FakeQueue;
  readonly journal: Journal;
  readonly shop: MemoryShop;
  readonly desk: MemoryDesk;
  readonly channels: Readonly<Record<"email" | "zendesk" | "chat", MemoryChannel>>;
  /** Every decision an agent got from a policy, in order. */
  readonly decided: DecidedAction[];
  /** The policy file as it is on disk. */
  readonly file: { text: string };
  /** The policy in force in the database; the file's own before any process has started. */
  inForce(): Promise<LoadedPolicy>;
  /** Restores the initial state. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The policy source of these environments. */
export const POLICY_SOURCE = { kind: "file", name: "stand.yaml" } as const;

/** Opens an environment on a fresh database: embedded when no URL is given. */
export async function openEnvironment(databaseUrl: string | null): Promise<TestEnvironment> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-stand-${process.pid}-`));
  const log = recordingLog();
  const store = await openStore({ databaseUrl, folder, log });
  await migrate(store);
  const forget = await forgetting(store, await allTables(store));
  const clock = testClock();
  const ids = sequentialIds();
  const journal = createJournal(clock);
  const fakeQueue = createFakeQueue();
  const shop = createMemoryShop(clock, journal);
  const desk = createMemoryDesk(journal);
  const now = (): Date => clock.now();
  const channels = {
    // Three kinds of sources: one that does not know what it sent, one that knows everything, one that only replies.
    email: createMemoryChannel("email", { keepsHistory: false, knows: false, now }, journal),
    zendesk: createMemoryChannel("zendesk", { keepsHistory: true, knows: true, now }, journal),
    chat: createMemoryChannel("chat", { keepsHistory: false, knows: true, now }, journal),
  };
  const decided: DecidedAction[] = [];
  const file = { text: POLICY_FILES.sandbox };
  return {
    store,
    clock,
    ids,
    log,
    fakeQueue,
    journal,
    shop,
    desk,
    channels,
    decided,
    file,
    async inForce() {
      const active = await store.run((transaction) =>
        activePolicy(transaction, POLICY_SOURCE.kind),
      );
      return policyIn(active?.text ?? file.text);
    },
    async reset() {
      file.text = POLICY_FILES.sandbox;
      clock.reset();
      ids.reset();
      journal.clear();
      fakeQueue.take();
      desk.reset();
      for (const channel of Object.values(channels)) channel.reset();
      shop.reset();
      log.errors.splice(0);
      decided.splice(0);
      await forget();
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

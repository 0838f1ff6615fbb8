/** Faults of time: a worker stalls longer than its lease and lock, a model call outlasts them, clocks differ. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster, type Cluster } from "#test/faults/role-processes.ts";
import { rowsIn, turnsIn, untilFound } from "#test/faults/inside.ts";
import { modelOf, toolCall } from "#test/faults/own-model.ts";
import { chatInOrder, refundInChat, whereIs } from "#test/faults/traffic.ts";
import { PASS, startProxy } from "#test/faults/vendors/proxy.ts";
import { until } from "#test/support/waiting.ts";

const LEASE_SECONDS = 2;

/** Longer than the lease and than the queue's lock on a job, so that another worker has taken both. */
const BLOCKED_MS = 13_000;

/** How long a worker that was blocked needs to notice that it has lost its lease. */
const AWAKE_MS = 8_000;

const blocked: FaultCase = {
  id: 26,
  name: "a worker stands still for longer than lease and lock, with a refund on its way",
  async run(context) {
    const stopped: { name: string | null } = { name: null };
    const cluster = await startCluster(context, 2, {
      leaseSeconds: LEASE_SECONDS,
      // The shop makes a repeated refund again: only Deskhand prevents it.
      withoutKeys: true,
      // A shop for each worker. It carries out every request, and the first worker to ask for a refund stalls then.
      workerEnvironment: async (name, { fleet, vendors }) => {
        const shop = await startProxy({
          target: vendors.shop.url,
          fate: ({ method, path }) => {
            if (stopped.name !== null || method !== "POST" || !path.endsWith("/refunds"))
              return PASS;
            stopped.name = name;
            fleet.member(name).signal("SIGSTOP");
            return PASS;
          },
        });
        context.after(() => shop.close());
        return { SHOP_URL: shop.url };
      },
    });
    const writing = refundInChat(cluster, "money-chat");
    const name = await until("a refund on its way", async () => stopped.name);
    const since = Date.now();
    await endsElsewhere(cluster, "money-chat");
    context.note(`another worker had ended it ${Date.now() - since} ms after ${name} stood still`);
    await whereIs(cluster, "neighbour", "789");
    await delay(Math.max(0, since + BLOCKED_MS - Date.now()));
    cluster.fleet.member(name).signal("SIGCONT");
    await writing;
    await delay(AWAKE_MS);
    await whereIs(cluster, "afterwards", "2001");
    await cluster.judge({ everyAnswered: true });
    assert.equal(await turnsIn(cluster.databaseUrl, "money-chat"), 1);
  },
};

const outlasted: FaultCase = {
  id: 27,
  name: "the lease runs out during a model call",
  async run(context) {
    const calls: { readonly name: string; readonly text: string }[] = [];
    const stopped: { name: string | null } = { name: null };
    const cluster = await startCluster(context, 2, {
      leaseSeconds: LEASE_SECONDS,
      workerEnvironment: (name, { fleet }) =>
        modelOf(context, (texts) => {
          const text = texts.join("\n");
          calls.push({ name, text });
          // A slow model call of a healthy worker: three leases long.
          if (text.includes("slowly")) return { kind: "answer", delayMs: LEASE_SECONDS * 3_000 };
          if (!text.includes("stopping") || stopped.name !== null) return { kind: "answer" };
          stopped.name = name;
          fleet.member(name).signal("SIGSTOP");
          // A hand-over, since a second answer would have the ledger key of the first.
          return { kind: "raw", text: HANDS_OVER, delayMs: 1_000 };
        }),
    });
    await whereIs(cluster, "slow-chat", "1001", { and: " Answer slowly." });
    const thought = new Set(
      calls.filter(({ text }) => text.includes("slowly")).map(({ name }) => name),
    );
    assert.equal(thought.size, 1, "a worker that was at it lost the conversation to another");
    const writing = whereIs(cluster, "stop-chat", "789", { and: " No stopping." });
    const name = await until("a worker that stands still", async () => stopped.name);
    const since = Date.now();
    await endsElsewhere(cluster, "stop-chat");
    context.note(`another worker had ended it ${Date.now() - since} ms after ${name} stood still`);
    // The worker that stalled finds the model's answer waiting, and acts on it.
    cluster.fleet.member(name).signal("SIGCONT");
    await writing;
    await delay(AWAKE_MS);
    await whereIs(cluster, "afterwards", "2001");
    await cluster.judge({ everyAnswered: true });
    assert.equal(await turnsIn(cluster.databaseUrl, "slow-chat"), 1);
    assert.equal(
      await turnsIn(cluster.databaseUrl, "stop-chat"),
      1,
      "a turn was written without the lease",
    );
    assert.equal(
      await ownerOf(cluster, "stop-chat"),
      "bot",
      "it was handed over without the lease",
    );
  },
};

const HANDS_OVER = toolCall(
  "escalate",
  JSON.stringify({
    reason: "It is unclear.",
    summary: "Somebody asks for order 789.",
    topic: null,
  }),
);

const SKEW_SECONDS: Readonly<Record<string, number>> = { "worker-1": 600, "worker-2": -600 };
const CHATS = 6;

const skewed: FaultCase = {
  id: 32,
  name: "one worker's clock is ten minutes ahead, another's behind",
  async run(context) {
    const refused = new Set<string>();
    const workers = new Set<string>();
    const cluster = await startCluster(context, 3, {
      leaseSeconds: 3,
      workerEnvironment: async (name) => ({
        ...(await modelOf(context, (texts) => {
          workers.add(name);
          // Each model call fails once, so that one clock writes a retry time and another reads it.
          const text = `${name} ${texts.join("\n")}`;
          if (!text.includes("later") || refused.has(text)) return { kind: "answer" };
          refused.add(text);
          return { kind: "refuse", status: 503 };
        })),
        DESKHAND_CLOCK_SHIFT_SECONDS: String(SKEW_SECONDS[name] ?? 0),
      }),
    });
    const began = Date.now();
    const each = <Done>(write: (index: number) => Promise<Done>): readonly Promise<Done>[] =>
      Array.from({ length: CHATS }, (_, index) => write(index));
    await Promise.all([
      refundInChat(cluster, "money-chat"),
      ...each((index) => chatInOrder(cluster, `clocks-${index}`)),
      ...each((index) => whereIs(cluster, `put-off-${index}`, "789", { and: " Not later." })),
    ]);
    // The worker with the wrong clock dies in the middle of its work, and the others take over what it has stored.
    const last = each((index) => whereIs(cluster, `at-last-${index}`, "456"));
    await delay(300);
    await Promise.all(
      ["worker-1", "worker-2"].map((name) => cluster.fleet.member(name).end("SIGKILL")),
    );
    await Promise.all(last);
    context.note(`${workers.size} workers took part; ${Date.now() - began} ms`);
    assert.equal(workers.size, 3, "not every clock took part");
    await cluster.judge({ everyAnswered: true });
  },
};

/** A worker may stall in the middle of a transaction, which the database ends after ten seconds. */
const ELSEWHERE_MS = 45_000;

/** Waits until a conversation has come to its end while the worker that had it is stalled. */
function endsElsewhere({ databaseUrl }: Cluster, conversation: string): Promise<void> {
  return untilFound(
    databaseUrl,
    `another worker to end ${conversation}`,
    `select 1 from message m where m.key like '%:${conversation}:%' and m.outcome = 'answered'
       and not exists (select 1 from effect e where e.conversation_id = m.conversation_id
         and e.state in ('intended', 'executing'))`,
    ELSEWHERE_MS,
  );
}

async function ownerOf({ databaseUrl }: Cluster, conversation: string) {
  const [row] = await rowsIn(
    databaseUrl,
    z.object({ owner: z.string() }),
    `select owner from conversation where id in
      (select conversation_id from message where key like '%:${conversation}:%')`,
  );
  return row?.owner;
}

export const cases: readonly FaultCase[] = [blocked, outlasted, skewed];

/** Faults of workers: they end in a loop, because of one message, in a deploy, and beside newer versions. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster, type Cluster } from "#test/faults/role-processes.ts";
import type { Fleet } from "#test/faults/fleet.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { outcomesIn, rowsIn } from "#test/faults/inside.ts";
import { modelOf } from "#test/faults/own-model.ts";
import { newerBuild } from "#test/faults/newer-build.ts";
import { soak } from "#test/soak/soak.ts";
import { soakVerdict } from "#test/faults/soak-verdict.ts";
import { chatInOrder, chats, refundInChat, whereIs } from "#test/faults/traffic.ts";
import { until } from "#test/support/waiting.ts";

const killLoop: FaultCase = {
  id: 6,
  name: "kill -9 every worker in a loop for 5 minutes",
  seconds: 600,
  async run(context) {
    const report = await soak({
      messages: context.quick ? 2_000 : 8_000,
      kills: 0,
      flushes: 0,
      seed: 6,
      idempotencyKeys: true,
      burst: false,
      killLoopSeconds: context.quick ? 30 : 300,
      workers: 3,
      leaseSeconds: 3,
      drainSeconds: 120,
      say: (line) => context.note(line),
    });
    context.note(
      `${report.kills} kills, ${report.accepted} messages, ${report.refunds_done} refunds`,
    );
    context.judged(soakVerdict(report));
    // A slow machine takes longer to start what was killed.
    assert.ok(report.kills >= (context.quick ? 3 : 30), `only ${report.kills} kills`);
    assert.ok(report.refunds_done > 0, "no money moved");
  },
};

const DEATHS_MOST = 9;

const poison: FaultCase = {
  id: 25,
  name: "a message that kills the worker that works on it",
  async run(context) {
    const cause = { isThere: true, deaths: 0 };
    const cluster = await startCluster(context, 2, {
      leaseSeconds: 2,
      workerEnvironment: async (name, { fleet }) =>
        modelOf(context, (texts) => {
          if (!cause.isThere || !texts.some((text) => text.includes("glows")))
            return { kind: "answer" };
          cause.deaths += 1;
          fleet.member(name).signal("SIGKILL");
          return { kind: "hang" };
        }),
    });
    const supervisor = supervise(cluster.fleet, ["worker-1", "worker-2"]);
    context.after(() => supervisor.stop());
    const poisoned = whereIs(cluster, "the-poison", "789", { and: " It glows." });
    await until("the first death", async () => cause.deaths > 0);
    // Other conversations, some of them at work in the process that dies.
    for (const order of ["456", "123", "789"] as const)
      await whereIs(cluster, `neighbour-${order}`, order);
    const [letter] = await until(
      "the dead letter",
      async () => {
        const letters = await deadLetters(cluster);
        return letters.length > 0 ? letters : null;
      },
      150_000,
    );
    assert.ok(letter);
    await poisoned;
    const { deaths } = cause;
    context.note(`${deaths} workers died of it: ${letter.reason}`);
    assert.ok(deaths > 1 && deaths <= DEATHS_MOST, `${deaths} workers died of it`);
    assert.equal(await cluster.statusOf("u123", "the-poison"), "failed");
    const { slack } = cluster.vendors;
    const told = async (): Promise<number> =>
      (await slack.textsIn(slack.alertsChannel)).filter((text) => text.includes(letter.id)).length;
    await until("the team to be told", async () => (await told()) > 0);
    await whereIs(cluster, "afterwards", "1001");
    assert.equal(cause.deaths, deaths, "it was begun again after it had been given up");
    cause.isThere = false;
    await cluster.fleet.member("web").command("dead-letters", letter.id, "--redrive", "--to-bot");
    await until("its answer", async () =>
      (await outcomesIn(cluster.databaseUrl, "the-poison")).includes("answered"),
    );
    assert.deepEqual(await deadLetters(cluster), []);
    assert.equal(await told(), 1, "the team was told more than once");
    await supervisor.stop();
    await cluster.judge({ everyAnswered: true });
  },
};

/** The time that a supervisor gives a process to stop. */
const GRACE_MS = 10_000;

const deploy: FaultCase = {
  id: 30,
  name: "deploy: SIGTERM with work in flight, SIGKILL after 10 s",
  async run(context) {
    const slow = { calls: 0 };
    const cluster = await startCluster(context, 2, {
      leaseSeconds: 3,
      // One model call takes longer than a process gets to stop, the others some seconds.
      workerEnvironment: () =>
        modelOf(context, (texts) => {
          slow.calls += 1;
          const forever = texts.some((text) => text.includes("endless"));
          return forever ? { kind: "hang" } : { kind: "answer", delayMs: 1_500 };
        }),
    });
    const { fleet } = cluster;
    const writing: Promise<unknown>[] = [
      refundInChat(cluster, "money-chat"),
      whereIs(cluster, "endless-chat", "2001", { and: " An endless wait." }),
      chats(cluster, "before", 6),
    ];
    await until("work in flight", async () => slow.calls >= 3);
    context.note("work in flight");
    await Promise.all([fleet.add("worker-new", "worker"), fleet.add("channels-new", "channels")]);
    // One hangs on SIGTERM and has to be killed.
    const stuck = fleet.member("worker-2");
    stuck.signal("SIGTERM");
    stuck.signal("SIGSTOP");
    writing.push(chats(cluster, "during", 6));
    const endings = Promise.all(
      ["worker-1", "worker-2", "channels", "web"].map((name) => leave(fleet.member(name))),
    );
    await fleet.member("web").ended();
    await fleet.member("web").start();
    for (const line of await endings) context.note(line);
    writing.push(chats(cluster, "after", 3));
    context.note("the old ones are gone");
    await Promise.all(writing);
    await cluster.judge({ everyAnswered: true });
  },
};

const twoVersions: FaultCase = {
  id: 31,
  name: "an older and a newer version at work together",
  async run(context) {
    const cluster = await startCluster(context, 2, { leaseSeconds: 3 });
    const { fleet } = cluster;
    const newer = await newerBuild(context);
    const writing: Promise<unknown>[] = [chats(cluster, "before", 4)];
    // It migrates while the older ones work, and writes what they cannot read.
    const root = newer;
    await fleet.add("worker-newer", "worker", {}, root);
    writing.push(
      refundInChat(cluster, "money-chat"),
      chats(cluster, "beside", 6),
      ...["first", "second"].map((name) => chatInOrder(cluster, name)),
    );
    context.note(
      `${await asksUntilNewerWrote(cluster)} more questions until the newer one had one`,
    );
    context.note("the newer one has migrated and written");
    // An older one that is started again works with tables that a newer one has changed.
    await fleet.member("worker-1").end("SIGKILL");
    await fleet.member("worker-1").start();
    writing.push(chats(cluster, "mixed", 4));
    const web = await fleet.add("web-newer", "web", {}, root);
    cluster.chatUrls.push(`${web.url}/support/chat`);
    await fleet.add("channels-newer", "channels", {}, root);
    await delay(3_000);
    // The older processes have kept working, and none of them has ended.
    for (const name of ["web", "channels", "worker-1", "worker-2"])
      assert.ok(fleet.member(name).isRunning(), `${name} of the older version has ended`);
    await Promise.all(
      ["worker-1", "worker-2", "channels"].map((name) => fleet.member(name).end("SIGTERM")),
    );
    context.note("the older ones have left");
    await Promise.all(writing);
    context.note("all is answered");
    await fleet.member("web").end("SIGTERM");
    await cluster.judge({ everyAnswered: true });
  },
};

const WRITTEN_BY_NEWER = "select 1 from message_content where content ->> '$version' = '2' limit 1";

/** Which worker takes a message is a race that the older ones may win each time: one more is written until they lost it. */
async function asksUntilNewerWrote(cluster: Cluster): Promise<number> {
  for (let count = 0; ; count += 1) {
    const found = await rowsIn(cluster.databaseUrl, z.looseObject({}), WRITTEN_BY_NEWER);
    if (found.length > 0) return count;
    await whereIs(cluster, `one-more-${count}`, "789");
  }
}

/** SIGTERM, and SIGKILL when its time is over; says how it ended. */
async function leave(member: RoleProcess): Promise<string> {
  const began = performance.now();
  const timer = setTimeout(() => void member.end("SIGKILL"), GRACE_MS);
  const { code, signal } = await member.end("SIGTERM");
  clearTimeout(timer);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  return `${member.name} ended after ${seconds} s with ${signal ?? code}`;
}

/** Starts again whatever ended, as a supervisor does. */
function supervise(fleet: Fleet, names: readonly string[]): { stop(): Promise<void> } {
  const state = { stopped: false };
  const watch = async (name: string): Promise<void> => {
    while (!state.stopped) {
      const member = fleet.member(name);
      // One that dies while it starts is started once more.
      if (!member.isRunning()) await member.start().catch(() => undefined);
      await delay(100);
    }
  };
  const watching = Promise.all(names.map(watch));
  return {
    async stop() {
      state.stopped = true;
      await watching;
    },
  };
}

const Letter = z.looseObject({ id: z.string(), reason: z.string() });

async function deadLetters({ fleet }: Cluster): Promise<readonly z.infer<typeof Letter>[]> {
  const { stdout } = await fleet.member("web").command("dead-letters", "--json");
  return z.array(Letter).parse(JSON.parse(stdout));
}

export const cases: readonly FaultCase[] = [killLoop, poison, deploy, twoVersions];

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { silentLog } from "#test/store/bench.ts";
import { redisMissing, startRedis } from "#test/support/redis.ts";
import { startTcpProxy } from "#test/support/loopback.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { buttonsOf } from "#test/support/slack.ts";
import { eventually } from "#test/slack/bench.ts";
import { hearCustomers } from "#test/slack/channel/customers.ts";
import { DRAFT, onFloor, type Asked, type Floor } from "./desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { until } from "#test/support/waiting.ts";

const needsPostgres = MAIN_DATABASE === "pglite" ? "it takes PostgreSQL" : false;
const OTHER_PROCESS = new URL("./crashing-desk.ts", import.meta.url).pathname;

/** A process that serves the clicks on this floor until it dies at the point; `dead` resolves to what ended it. */
async function otherProcess(context: TestContext, floor: Floor, point: string) {
  const { databaseUrl } = floor.bench;
  assert.ok(databaseUrl);
  const child = spawn(process.execPath, [OTHER_PROCESS, databaseUrl, floor.server.apiUrl, point], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return { dead: async () => (await ended)[1] };
}

onFloor("a decision when the process dies", (floor) => {
  const { bench } = floor;
  const skip = needsPostgres;

  /** Ann asks in the help channel, and the answer waits on a card. */
  const askedInSlack = async (context: TestContext): Promise<Asked & { thread: string }> => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer(() => replying(DRAFT, { accountData: false }));
    const customers = await hearCustomers(context, bench, floor.sides.channel);
    const thread = await floor.server.people.post(USERS.ann, CHANNELS.help, "They broke.");
    await eventually(context, () => assert.equal(customers.heard.length, 1));
    await customers.work();
    return { ...(await floor.asked(customers.heard[0] ?? "")), thread };
  };

  const answers = async (thread: string): Promise<number> =>
    (await floor.server.people.messages(CHANNELS.help)).filter(
      (message) => message.thread_ts === thread && message.text?.includes(DRAFT),
    ).length;

  for (const point of ["click:acknowledged", "decision:recorded", "effect:committed:reply"])
    test(
      `S20 killed at ${point} and started again: one answer, and the card tells of it`,
      { skip },
      async (context) => {
        const asked = await askedInSlack(context);
        await floor.sides.desk.stop();
        await floor.sides.channel.stop();
        const other = await otherProcess(context, floor, point);
        await floor.click(USERS.sam, asked, "approve");
        assert.equal(await other.dead(), "SIGKILL");
        assert.equal(await answers(asked.thread), point === "effect:committed:reply" ? 1 : 0);

        await floor.listen();
        if (point === "click:acknowledged") {
          // Nothing was recorded, and the card says so by its buttons: the same one works.
          assert.equal((await floor.approval(asked.approvalId)).state, "pending");
          await floor.click(USERS.sam, asked, "approve");
          await floor.until(context, 1);
        }
        for (const ms of [6_000, 60_000, 60_000]) {
          bench.skip(ms);
          await bench.tick();
        }
        await until("the card to tell of it", async () => {
          await bench.tick();
          return /Reply sent/.test(await floor.cardText(asked));
        });
        assert.equal(floor.decided.length, point === "click:acknowledged" ? 1 : 0);
        assert.equal(await answers(asked.thread), 1);
        assert.equal((await floor.approval(asked.approvalId)).state, "approved");
        assert.match(await floor.cardText(asked), /Reply sent · Sam Ortiz/);
        const cards = await floor.cards();
        assert.deepEqual(
          cards.map((card) => buttonsOf(card).length),
          [0],
        );
        assert.deepEqual(await bench.open(asked.conversationId), []);
      },
    );
});

const UNRECORDED = "This could not be recorded just now. Nothing was changed; try again.";

onFloor("a decision when the database is gone", (floor) => {
  const { bench } = floor;

  test(
    "S26 without the database a click is answered at once, told and not counted; when it is back the same button works",
    { skip: needsPostgres },
    async (context) => {
      const asked = await floor.ask();
      const { databaseUrl, parts } = bench;
      assert.ok(databaseUrl);
      const proxy = await startTcpProxy(databaseUrl);
      const { store } = parts;
      const behindProxy = await openStore({
        databaseUrl: proxy.url(databaseUrl),
        folder: mkdtempSync(join(tmpdir(), "deskhand-crashing-")),
        log: silentLog,
      });
      Object.assign(parts, { store: behindProxy });
      context.after(async () => {
        Object.assign(parts, { store });
        await behindProxy.close();
        await proxy.close();
      });
      await proxy.shut();

      await floor.click(USERS.sam, asked, "approve");
      await eventually(context, async () => assert.deepEqual(await floor.whispers(), [UNRECORDED]));
      const [card] = await floor.cards();
      assert.ok(card);
      assert.ok(buttonsOf(card).some(({ action_id }) => action_id === "desk:approve"));
      assert.equal(bench.left.length, 0);

      await proxy.open();
      assert.equal((await floor.approval(asked.approvalId)).state, "pending");
      await floor.click(USERS.sam, asked, "approve");
      await floor.until(context, 1);
      await floor.settle();
      assert.deepEqual(
        bench.left.map(({ action }) => action.operation),
        ["refund", "reply"],
      );
      assert.deepEqual(await floor.whispers(), [UNRECORDED]);
    },
  );

  test("S26 where the database goes away right behind the decision, the decision holds and no person is told otherwise", async (context) => {
    const asked = await floor.ask();
    const { store, wake } = bench.parts;
    const gone = { yet: false };
    const leaving: Store = {
      ...store,
      run: (work, ...given) =>
        gone.yet
          ? Promise.reject(new DeskhandError("store.unavailable", "gone"))
          : store.run(work, ...given),
    };
    // A worker is notified right after the decision is committed.
    Object.assign(bench.parts, { store: leaving, wake: async () => void (gone.yet = true) });
    context.after(() => Object.assign(bench.parts, { store, wake }));
    await floor.click(USERS.sam, asked, "approve");
    await floor.until(context, 1);
    assert.deepEqual(
      floor.decided.map(({ answer }) => answer.accepted),
      [true],
    );
    gone.yet = false;
    Object.assign(bench.parts, { wake });
    await floor.settle();
    assert.match(await floor.cardText(asked), /Done, reply sent · Sam Ortiz/);
    assert.deepEqual(await floor.whispers(), []);
  });
});

onFloor("a decision when Redis is gone", (floor) => {
  const { bench } = floor;

  test(
    "S26 without Redis a click counts all the same, since the database has it, and is carried out without a notification",
    { skip: redisMissing },
    async (context) => {
      const redis = await startRedis();
      const queue = await openQueue({ url: redis.url, log: silentLog });
      context.after(async () => {
        await queue.close(0);
        await redis.stop();
      });
      const asked = await floor.ask({ channel: "chat" });
      Object.assign(bench.parts, { wake: (id: string, delayMs = 0) => queue.wake(id, delayMs) });
      await redis.kill();

      await floor.click(USERS.sam, asked, "approve");
      await floor.until(context, 1);
      assert.deepEqual(
        floor.decided.map(({ answer }) => answer.accepted),
        [true],
      );
      assert.equal((await floor.approval(asked.approvalId)).state, "approved");
      await floor.settle();
      assert.deepEqual(
        bench.left.map(({ action }) => action.operation),
        ["refund", "reply"],
      );
      assert.match(await floor.cardText(asked), /Done, reply sent · Sam Ortiz/);
      assert.deepEqual(await floor.whispers(), []);
      await redis.restart();
    },
  );
});

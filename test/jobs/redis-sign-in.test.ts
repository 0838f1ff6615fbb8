/** The password of Redis is changed while wakes come and go: in its file, and no process is started again. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { Redis } from "ioredis";
import { isUsableSecret, readConfig } from "#config/environment.ts";
import { redisPlaceOf } from "#config/redis.ts";
import { followSecretFiles } from "#config/secret-files.ts";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { silentLog } from "#test/store/bench.ts";
import { redisMissing, startRedis } from "#test/support/redis.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const WAIT = { timeout: PATIENCE_MS };
const LIMIT = [{ name: "desk", max: 1_000, windowMs: 1_000, burst: 100 }];

/** A real Redis with a user of its own, and a queue, a worker and limits whose address is in a file. */
async function signedIn(context: TestContext) {
  const server = await startRedis();
  const admin = new Redis(server.url);
  context.after(() => admin.disconnect());
  const folder = mkdtempSync(join(tmpdir(), "deskhand-redis-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "redis-url");
  const write = (password: string): void =>
    writeFileSync(file, `redis://desk:${password}@127.0.0.1:${server.port}\n`);
  await admin.call("ACL", "SETUSER", "desk", "on", ">first", "~*", "&*", "+@all");
  write("first");
  const config = readConfig({ DESKHAND_DATA: folder, REDIS_URL_FILE: file });
  const files = followSecretFiles(config.filedSecrets, {
    log: silentLog,
    isUsable: isUsableSecret,
  });
  context.after(() => files.stop());
  const place = redisPlaceOf(config.environment, null, config.filedRedisUrl);
  const queue = await openQueue({ ...place, log: silentLog });
  const limits = sharedRateLimits({ ...place, log: silentLog });
  context.after(async () => {
    limits.close();
    await queue.close(1_000);
    await server.stop();
  });
  const heard = new Set<string>();
  queue.work(async (id) => void heard.add(id), 4);
  return {
    queue,
    limits,
    heard,
    /** The server forgets the former password and ends every connection of the user. */
    async forget(former: string) {
      await admin.call("ACL", "SETUSER", "desk", `<${former}`);
      await admin.call("CLIENT", "KILL", "USER", "desk");
    },
    add: (password: string) => admin.call("ACL", "SETUSER", "desk", `>${password}`),
    /** The file has another password, and the process has looked at it. */
    rewrite(password: string) {
      write(password);
      files.look();
    },
  };
}

/** Sends wakes without a pause until `stop`; each that was taken is in `sent`. What is refused is tried again. */
function load(queue: Awaited<ReturnType<typeof openQueue>>) {
  const sent = new Set<string>();
  const state = { goesOn: true, refused: 0 };
  const lane = async (name: number): Promise<void> => {
    for (let index = 0; state.goesOn; index += 1) {
      const id = `${name}-${index}`;
      while (
        !(await queue.wake(id, 0).then(
          () => true,
          () => false,
        ))
      ) {
        state.refused += 1;
        await delay(20);
      }
      sent.add(id);
      await delay(2);
    }
  };
  const lanes = Promise.all([0, 1, 2, 3].map(lane));
  return {
    sent,
    state,
    stop: async () => {
      state.goesOn = false;
      await lanes;
    },
  };
}

test(
  "wakes go on while the password of Redis changes in its file, also when every connection is ended, and none is lost",
  { skip: redisMissing },
  async (context) => {
    const desk = await signedIn(context);
    const { sent, stop } = load(desk.queue);
    const more = async (): Promise<void> => {
      const before = desk.heard.size;
      await context.waitFor(() => assert.ok(desk.heard.size > before + 50), WAIT);
    };
    const told: string[] = [];
    context.after(desk.queue.changes.follow("conversation", () => void told.push("changed")));
    await more();
    for (const [former, next] of [
      ["first", "second"],
      ["second", "third:/@%"],
    ] as const) {
      await desk.add(next);
      desk.rewrite(encodeURIComponent(next));
      await more();
      const before = told.length;
      await desk.forget(former);
      await more();
      await context.waitFor(() => assert.ok(told.length > before, "notices are heard again"), WAIT);
      await context.waitFor(async () => {
        assert.equal((await desk.limits.take(LIMIT, 1_000)).booked, true);
        await desk.queue.ping();
      }, WAIT);
    }
    await stop();
    await context.waitFor(
      () =>
        assert.deepEqual(
          [...sent].filter((id) => !desk.heard.has(id)),
          [],
        ),
      WAIT,
    );
    assert.ok(sent.size > 200);
  },
);

test(
  "a password that ended before its file was written is waited for, and what was stored meanwhile is not lost",
  { skip: redisMissing },
  async (context) => {
    const desk = await signedIn(context);
    await desk.queue.wake("later", 1_500);
    await desk.add("second");
    await desk.forget("first");
    await context.waitFor(
      () => assert.rejects(desk.queue.wake("refused", 0), { code: "queue.unavailable" }),
      WAIT,
    );
    desk.rewrite("second");
    await context.waitFor(() => desk.queue.wake("afterwards", 0), WAIT);
    await context.waitFor(() => {
      assert.ok(desk.heard.has("afterwards") && desk.heard.has("later"));
    }, WAIT);
  },
);

/** Whether a process says that it is ready when it can do what it is there for, and why not when it cannot. */
import assert from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  startSharedServices,
  readiness,
  startRole,
  webhook,
  withoutZendesk,
  type SharedServices,
} from "#test/support/processes.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const READY_MS_MAX = 6_000;
/** After this long an answer about database and queue is asked for again. */
const STALE_MS = 1_100;

describe("readiness", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  let database: pg.Client;
  let web: RoleProcess;
  let channels: RoleProcess;
  let worker: RoleProcess;
  before(async () => {
    shared = await startSharedServices();
    const { environment } = shared;
    [web, channels, worker] = await Promise.all([
      startRole(environment, "web"),
      startRole(withoutZendesk(environment), "channels"),
      startRole(environment, "worker"),
    ]);
    database = new pg.Client({ connectionString: shared.databaseUrl });
    database.on("error", () => undefined);
    await database.connect();
  });
  after(async () => {
    await Promise.all([web, channels, worker].map((one) => one.end("SIGKILL")));
    await database.end();
    await shared.close();
  });

  test("health tells of a pause, of a queue that may evict, and of parts that hang, within three seconds", async () => {
    await database.query(
      `insert into setting (name, value) values ('pause', '{"all":true,"channels":[],"by":"sam"}') on conflict (name) do update set value = excluded.value`,
    );
    const paused = await readiness(web.url);
    assert.deepEqual([paused.http, paused.paused], [200, { all: true, channels: [] }]);
    await database.query("delete from setting where name = 'pause'");

    const redis = new Redis(shared.redisUrl);
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    await until("the setting to be noticed", async () =>
      /allkeys-lru.*noeviction/.test((await readiness(worker.url)).parts["queue"] ?? ""),
    );
    assert.equal((await readiness(worker.url)).http, 503);
    await redis.config("SET", "maxmemory-policy", "noeviction");
    redis.disconnect();
    await until("the setting to be right", async () => (await readiness(worker.url)).http === 200);

    shared.redisProxy.hang();
    await delay(STALE_MS);
    const looks = await Promise.all([web, channels, worker].map(({ url }) => readiness(url)));
    for (const { parts, tookMs } of looks) {
      assert.notEqual(parts["queue"], "ok");
      assert.equal(parts["database"], "ok");
      assert.ok(tookMs < READY_MS_MAX, `${tookMs} ms`);
    }
    // What only takes messages in can do so: the reconciler finds them when the queue is back.
    assert.deepEqual(
      looks.map(({ http, status }) => [http, status]),
      [
        [200, "ready"],
        [200, "ready"],
        [503, "not ready"],
      ],
    );
    assert.equal(await webhook(web.url), 200, "the row is kept, the notification can wait");
    await shared.redisProxy.open();
    await until("the queue again", async () => (await readiness(worker.url)).http === 200);

    shared.databaseProxy.hang();
    await delay(STALE_MS);
    const hung = await readiness(web.url);
    assert.equal(hung.http, 503);
    assert.ok(hung.tookMs < READY_MS_MAX, `${hung.tookMs} ms`);
    assert.match(hung.parts["database"] ?? "", /no answer/);
    await shared.databaseProxy.open();
    await until("the database again", async () => (await readiness(web.url)).http === 200);
  });

  test("a worker that Redis hands no job is not ready, although Redis answers it", async () => {
    const redis = new Redis(shared.redisUrl);
    await redis.call("ACL", "SETUSER", "default", "-evalsha", "-eval");
    const look = await until("the worker to notice", async () => {
      const found = await readiness(worker.url);
      return found.http === 503 ? found : null;
    });
    assert.match(look.parts["jobs"] ?? "", /cannot take a job: .*NOPERM/);
    assert.equal((await readiness(web.url)).http, 200);
    await redis.call("ACL", "SETUSER", "default", "+evalsha", "+eval");
    redis.disconnect();
    await until("jobs again", async () => (await readiness(worker.url)).http === 200);
  });

  test("while a table is locked, or the folder for mails takes nothing, no process that needs it is ready", async () => {
    await database.query("begin");
    await database.query("lock table effect in access exclusive mode");
    await delay(STALE_MS);
    for (const { http, parts, tookMs } of await Promise.all(
      [web, channels, worker].map(({ url }) => readiness(url)),
    )) {
      assert.equal(http, 503);
      assert.match(parts["database"] ?? "", /lock timeout/);
      assert.ok(tookMs < READY_MS_MAX, `${tookMs} ms`);
    }
    await database.query("rollback");
    for (const { url } of [web, channels, worker])
      await until("the table", async () => (await readiness(url)).http === 200);

    renameSync(shared.blobs, `${shared.blobs}.away`);
    writeFileSync(shared.blobs, "no folder");
    const [one, two] = await Promise.all(
      [channels, worker].map(({ url }) =>
        until("the disk to be noticed", async () => {
          const found = await readiness(url);
          return found.http === 503 ? found : null;
        }),
      ),
    );
    for (const look of [one, two]) assert.match(look?.parts["blobs"] ?? "", /takes nothing now/);
    assert.equal((await readiness(web.url)).http, 200);
    rmSync(shared.blobs);
    renameSync(`${shared.blobs}.away`, shared.blobs);
    await until("the disk", async () => (await readiness(worker.url)).http === 200);
    await until("the disk", async () => (await readiness(channels.url)).http === 200);
  });

  test("channels that cannot reach one of their accounts say which, and what another process reads is not theirs", async () => {
    const apart = await startRole(shared.environment, "channels");
    const { http, needs, parts, connections } = await until("its first try", async () => {
      const found = await readiness(apart.url);
      return /fetch failed|ECONNREFUSED|reached/.test(found.parts["channels"] ?? "") && found;
    });
    assert.equal(http, 503);
    assert.equal(needs["channels"]?.required, true);
    assert.match(parts["channels"] ?? "", /^the Zendesk export: /);
    assert.equal(connections["the Zendesk export"]?.connected, false);
    assert.equal(connections["Slack's socket"], undefined);
    const held = (await readiness(channels.url)).connections;
    assert.equal(held["Slack's socket"]?.connected, true);
    await apart.end("SIGTERM");
  });

  test("one that is being stopped says so before its server closes, and still takes what comes meanwhile", async () => {
    const leaving = await startRole({ ...shared.environment, DESKHAND_DRAIN_SECONDS: "3" }, "web");
    assert.equal((await readiness(leaving.url)).http, 200);
    const ending = leaving.end("SIGTERM");
    const look = await until("it to say so", async () => {
      const found = await readiness(leaving.url);
      return found.http === 503 ? found : null;
    });
    assert.equal(look.stopping, true);
    assert.deepEqual(new Set(Object.values(look.parts)), new Set(["ok"]));
    assert.equal(await webhook(leaving.url), 200);
    const { code, tookMs } = await ending;
    assert.equal(code, 0);
    assert.ok(tookMs >= 3_000, `${tookMs} ms`);
    await assert.rejects(readiness(leaving.url));
  });
});

/** Several processes with a role each: who does what, how each tells how it is, and how each ends. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { IDS } from "#sandbox/slack/index.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  chat,
  startSharedServices,
  readiness,
  startRole,
  webhook,
  withoutZendesk,
  type SharedServices,
} from "#test/support/processes.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { redisMissing } from "#test/support/redis.ts";
import { buttonsOf, shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const METRICS_TOKEN = "a-token-for-the-metrics-of-tests";

describe("processes apart", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  let database: pg.Client;
  let web: RoleProcess;
  let channels: RoleProcess;
  let workers: readonly RoleProcess[] = [];
  before(async () => {
    shared = await startSharedServices();
    // All at once, on a database that has nothing in it yet.
    const environment = {
      ...shared.environment,
      DESKHAND_LEASE_SECONDS: "12",
      DESKHAND_METRICS_TOKEN: METRICS_TOKEN,
    };
    const started = await Promise.all([
      startRole(environment, "web"),
      // Its Zendesk is not there, and a channel that cannot be read is a process that is not ready.
      startRole(withoutZendesk(environment), "channels"),
      startRole(environment, "worker"),
      startRole(environment, "worker"),
    ]);
    [web, channels] = started;
    workers = started.slice(2);
    database = new pg.Client({ connectionString: shared.databaseUrl });
    database.on("error", () => undefined);
    await database.connect();
  });
  after(async () => {
    await Promise.all([web, channels, ...workers].map((one) => one.end("SIGKILL")));
    await database.end();
    await shared.close();
  });

  test("come up side by side on an empty database and say what each of them needs", async () => {
    const all = await Promise.all([web, channels, ...workers].map(({ url }) => readiness(url)));
    assert.deepEqual(
      all.map(({ http, role, parts }) => [http, role, Object.keys(parts).toSorted()]),
      [
        [200, "web", ["clock", "database", "log", "queue"]],
        [200, "channels", ["blobs", "channels", "clock", "database", "log", "queue"]],
        [
          200,
          "worker",
          ["blobs", "clock", "database", "jobs", "log", "model", "queue", "reconciler"],
        ],
        [
          200,
          "worker",
          ["blobs", "clock", "database", "jobs", "log", "model", "queue", "reconciler"],
        ],
      ],
    );
    const versions = new Set(all.map(({ schema }) => schema));
    assert.equal(versions.size, 1);
    assert.match([...versions][0] ?? "", /^\d{4}_\w+\.sql$/);
  });

  test("each shows that it lives, so that no restore takes the database from one of them", async () => {
    const { rows } = await database.query<{ worker: string }>(
      "select worker from heartbeat where not stopped order by worker",
    );
    assert.deepEqual(
      rows.map(({ worker }) => worker),
      [web, channels, ...workers].map(({ worker }) => worker).toSorted(),
    );
  });

  test("only the one that serves has more than its health", async () => {
    const statusOf = async (url: string) => (await fetch(url)).status;
    assert.equal(await statusOf(`${web.url}/chat`), 200);
    for (const { url } of [channels, ...workers]) {
      assert.equal(await statusOf(`${url}/health/live`), 200);
      for (const path of ["/", "/console", "/chat"])
        assert.equal(await statusOf(`${url}${path}`), 404);
      assert.equal((await chat(url, "u123", "Hello?")).http, 404);
    }
  });

  test("the web takes a question in, a worker answers it", async () => {
    const answer = await chat(web.url, "u123", "Where is my order 456?");
    assert.equal(answer.status, "answered", JSON.stringify(answer));
    assert.match(answer.reply, /warehouse|processing/i);
  });

  test("a worker posts the card without a socket, the click comes in by the channels' process, a worker pays", async () => {
    const asked = await chat(web.url, "u123", "My headphones broke, please refund order 789");
    assert.equal(asked.status, "pending", JSON.stringify(asked));
    const card = await shared.slack.people.waitForMessage(IDS.approvals, (message) =>
      shownText(message).includes("Refund 120.00 USD"),
    );
    const approve = buttonsOf(card).find((button) =>
      JSON.stringify(button).includes('"text":"Approve"'),
    );
    assert.ok(approve?.action_id);
    await shared.slack.people.click(IDS.sam, IDS.approvals, card.ts, approve.action_id);
    await until("the refund", async () => (await shared.refunds("789")).length === 1);
  });

  test("a worker that is stopped while the model hangs ends in time with 0, and another one goes on at once", async () => {
    await until("everything else to be done", async () => {
      const held = await database.query("select 1 from conversation where lease_owner is not null");
      return held.rows.length === 0;
    });
    shared.model.hangs = true;
    const before = shared.model.count;
    const answering = chat(web.url, "u456", "Where is my order 1001?");
    await until("the model to be asked", async () => shared.model.count > before);
    const { rows } = await database.query(
      "select id, lease_owner from conversation where lease_owner is not null",
    );
    assert.equal(rows.length, 1);
    const holder = workers.find(({ worker }) => worker === rows[0].lease_owner);
    assert.ok(holder);
    const ending = holder.end("SIGTERM");
    // What was asked before is never answered.
    shared.model.hangs = false;
    const { code } = await ending;
    assert.equal(code, 0, holder.output());
    const took = await database.query("select lease_owner from conversation where id = $1", [
      rows[0].id,
    ]);
    assert.notEqual(took.rows[0].lease_owner, holder.worker, "the lease was not given back");
    const answer = await answering;
    assert.equal(answer.status, "answered", JSON.stringify(answer));
    workers = workers.filter((one) => one !== holder);
  });

  test("without a database nothing is acknowledged, and with it again the same is", async () => {
    await shared.databaseProxy.shut();
    const refused = await chat(web.url, "u123", "Where is my order 456?");
    assert.deepEqual([refused.http, refused.error], [503, "store.unavailable"]);
    assert.ok(Number(refused.retryAfter) > 0);
    assert.equal(await webhook(web.url), 503);
    // An answer is given again for a second, and the process looks at itself from time to time.
    await until("it to say so", async () => (await readiness(web.url)).http === 503);
    await shared.databaseProxy.open();
    await until("the database again", async () => (await readiness(web.url)).http === 200);
    assert.equal(await webhook(web.url), 200);
    assert.equal((await chat(web.url, "u123", "Where is my order 123?")).status, "answered");
  });

  test("all of them end with 0, also while the queue is away", async () => {
    await shared.redisProxy.shut();
    const ends = await Promise.all([web, channels, ...workers].map((one) => one.end("SIGTERM")));
    for (const { code } of ends) assert.equal(code, 0);
    const { rows } = await database.query(
      "select 1 from conversation where lease_owner is not null",
    );
    assert.deepEqual(rows, []);
    const living = await database.query("select 1 from heartbeat where not stopped");
    assert.deepEqual(living.rows, []);
    await shared.redisProxy.open();
  });
});

/** Faults of PostgreSQL: it restarts, is killed, is locked, has no connection left, has no disk space left. */
import assert from "node:assert/strict";
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { HEALTH, saysOf } from "#test/faults/health.ts";
import { queryPostgres } from "#test/faults/inside.ts";
import type { ChatTries } from "#test/faults/messages.ts";
import { fill, refusedForRoom, smallDisk } from "#test/faults/small-disk.ts";
import { ownPostgres, type OwnPostgres } from "#test/faults/own-postgres.ts";
import { chatInOrder, chats, mails, smallRefund } from "#test/faults/traffic.ts";
import { until } from "#test/support/waiting.ts";

/** A lease cannot be given back while the database is away; then its expiry decides when another worker takes over. */
const SHORT_LEASE = { DESKHAND_LEASE_SECONDS: "5" };

const restarted: FaultCase = {
  id: 13,
  name: "PostgreSQL restarts (fast)",
  async run(context) {
    const postgres = await server(context);
    const installation = await context.install({
      databaseUrl: postgres.url,
      environment: SHORT_LEASE,
    });
    const sending = Promise.all([
      chats(installation, "before", 6),
      chatInOrder(installation, "before"),
      smallRefund(installation),
    ]);
    for (let times = 0; times < (context.quick ? 2 : 5); times += 1) {
      await delay(500);
      await postgres.stopFast();
      const during = chats(installation, `during-${times}`, 3);
      await mails(installation, `during ${times}`, 1);
      await installation.ticket(`Ticket ${times}`, "Where is my order 456?");
      await delay(1_500);
      await postgres.start();
      const back = Date.now();
      refusedProperly(await during);
      context.note(`chats written while it was away were through ${Date.now() - back} ms later`);
    }
    refusedProperly(await chatsOf(sending));
    await installation.judge();
  },
};

const killed: FaultCase = {
  id: 14,
  name: "PostgreSQL kill -9 and recovery",
  async run(context) {
    const postgres = await server(context);
    const installation = await context.install({
      databaseUrl: postgres.url,
      environment: SHORT_LEASE,
    });
    const money = smallRefund(installation);
    for (let times = 0; times < (context.quick ? 2 : 6); times += 1) {
      const busy = chats(installation, `busy-${times}`, 4);
      await mails(installation, `busy ${times}`, 1);
      // At a different time in each round: while messages come in, while turns run, while answers go out.
      await delay(60 + times * 90);
      await postgres.kill();
      await delay(500);
      await postgres.start();
      refusedProperly(await busy);
    }
    await money;
    await chatInOrder(installation, "after");
    await installation.judge();
  },
};

const locked: FaultCase = {
  id: 15,
  name: "PostgreSQL locked for 15 s",
  async run(context) {
    const installation = await context.install();
    const sending = chats(installation, "before", 4);
    await delay(150);
    await queryPostgres(installation.databaseUrl, async (ask) => {
      await ask("begin");
      await ask("lock table conversation, effect, message in access exclusive mode");
      const during = chats(installation, "during", 4);
      await mails(installation, "during", 2);
      await smallRefund(installation);
      await delay(context.quick ? 5_000 : 15_000);
      await ask("rollback");
      refusedProperly(await during);
    });
    refusedProperly(await sending);
    await chatInOrder(installation, "after");
    await installation.judge();
  },
};

const exhausted: FaultCase = {
  id: 16,
  name: "no database connection left",
  async run(context) {
    // Three for superusers, so that the process gets one, now and then two, of the ten it would like.
    const postgres = await server(context, {
      max_connections: "6",
      superuser_reserved_connections: "3",
      max_wal_senders: "0",
    });
    await queryPostgres(postgres.url, async (ask) => {
      await ask("create role shop_desk login");
      await ask("grant all on schema public to shop_desk");
      await ask("grant create on database postgres to shop_desk");
    });
    const asDesk = postgres.url.replace("deskhand@", "shop_desk@");
    // Another client has one of the three from the start, since a process at work lets go of none; theirs is a long
    // transaction.
    const client = await until("a connection", () => connected(asDesk));
    try {
      const installation = await context.install({
        databaseUrl: asDesk,
        judgeUrl: postgres.url,
        environment: SHORT_LEASE,
      });
      await client.query("begin");
      await client.query("select count(*) from hint");
      const sending = chats(installation, "narrow", 5);
      await mails(installation, "narrow", 2);
      await smallRefund(installation);
      refusedProperly(await sending);
      await delay(context.quick ? 2_000 : 10_000);
      await client.end();
      await installation.judge();
    } finally {
      await client.end();
    }
  },
};

const diskFull: FaultCase = {
  id: 18,
  name: "the database's disk is full",
  async run(context) {
    const folder = smallDisk(context, 75);
    const postgres = await server(context, { max_wal_size: "4MB", min_wal_size: "2MB" }, folder);
    const installation = await context.install({ databaseUrl: postgres.url });
    await chats(installation, "before", 2);
    const ballast = join(folder, "ballast");
    fill(folder, ballast);
    await refusedForRoom(installation);
    const sending = chats(installation, "during", 4);
    await delay(context.quick ? 2_000 : 10_000);
    unlinkSync(ballast);
    // With no room for its log the server may have given up; the operator who made room starts it again.
    if (!postgres.isRunning()) await postgres.start();
    refusedProperly(await sending);
    await smallRefund(installation);
    await chatInOrder(installation, "after");
    await installation.judge();
  },
};

const readOnly: FaultCase = {
  id: 57,
  name: "PostgreSQL takes no writes (default_transaction_read_only)",
  async run(context) {
    const postgres = await server(context);
    const installation = await context.install({
      databaseUrl: postgres.url,
      environment: { ...SHORT_LEASE, ...HEALTH },
    });
    const busy = chats(installation, "before", 4);
    const asked = smallRefund(installation);
    await delay(200);
    await switchWrites(postgres.url, "off");
    const during = chats(installation, "during", 4);
    await mails(installation, "during", 2);
    await installation.ticket("While it is read-only", "Where is my order 456?");
    await saysOf(installation, "database", /the database is read-only.*DATABASE_URL/);
    await delay(context.quick ? 2_000 : 15_000);
    await switchWrites(postgres.url, "on");
    const back = Date.now();
    refusedProperly(await during);
    refusedProperly(await busy);
    await asked;
    context.note(`chats were through ${Date.now() - back} ms after it took writes again`);
    await chatInOrder(installation, "after");
    await installation.judge();
  },
};

/** As a hosted database does when its disk is nearly full: sessions that are open are read-only too. */
async function switchWrites(url: string, writes: "on" | "off"): Promise<void> {
  await queryPostgres(url, async (ask) => {
    await ask(`alter system set default_transaction_read_only = ${writes === "on" ? "off" : "on"}`);
    await ask("select pg_reload_conf()");
  });
}

async function connected(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch {
    return null;
  }
}

async function server(
  context: CaseContext,
  settings: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<OwnPostgres> {
  const postgres = await ownPostgres({ settings, ...(folder === undefined ? {} : { folder }) });
  context.after(() => postgres.close());
  return postgres;
}

async function chatsOf<T>(sending: Promise<readonly [T, ...unknown[]]>): Promise<T> {
  const [first] = await sending;
  return first;
}

/** Until the message is accepted a sender gets only “come back later”, which makes it try again. */
function refusedProperly(tries: readonly ChatTries[]): void {
  for (const { statuses } of tries) {
    assert.equal(statuses.at(-1), 200);
    for (const status of statuses.slice(0, -1))
      assert.ok([429, 503].includes(status), statuses.join(", "));
  }
}

export const cases: readonly FaultCase[] = [
  restarted,
  killed,
  locked,
  exhausted,
  diskFull,
  readOnly,
];

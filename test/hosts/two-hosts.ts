/**
 * Room: two hosts of one installation, and what becomes of messages while one of them is away or cut off.
 * In: which trouble, and how long it lasts.
 * Out: for each trouble how much was lost, done twice, out of order or refused, and how long until it was taken over.
 * May touch: a temporary folder, a test database, Redis and child processes of its own on 127.0.0.1.
 * This file: starts both hosts and what they share.
 */
import { join } from "node:path";

import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import { createFleet, openGround } from "#test/faults/fleet.ts";
import { mailSettings } from "#test/faults/outside.ts";
import type { OnEnd, Vendors } from "#test/faults/vendors/index.ts";
import { openRunRecords, type RunRecords } from "#test/soak/books.ts";
import { addMarkers, SOAK_POLICY } from "#test/soak/fates.ts";
import { planFor, type PlannedConversation } from "#test/soak/plan.ts";
import { startTeammate } from "#test/soak/teammate.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { S3_KEY, startS3 } from "#test/support/s3.ts";
import { startTcpProxy, type TcpProxy } from "#test/support/loopback.ts";

/** What both hosts share, and each can be cut off from by itself. */
export type Shared = "PostgreSQL" | "Redis" | "S3";

/** One host: processes with a data folder each below its own, and connections of its own to what is shared. */
export interface Host {
  readonly name: string;
  /** Where its `web` listens. */
  readonly url: string;
  readonly members: readonly RoleProcess[];
  readonly channels: RoleProcess;
  /** The names its processes write into leases. */
  readonly holders: readonly string[];
  readonly connections: Readonly<Record<Shared, TcpProxy>>;
}

export interface TwoHosts {
  readonly hosts: readonly [Host, Host];
  readonly vendors: Vendors;
  readonly mail: SandboxMail;
  /** Reads the database past the hosts' own connections. */
  readonly records: RunRecords;
  readonly databaseUrl: string;
  /** Conversations that were not written yet; who writes one takes it out. */
  readonly conversations: PlannedConversation[];
  /** The processes' last words, for a run that could not go on. */
  printed(): string;
}

const LEASE_SECONDS = 5;
const CONVERSATIONS = 1_500;
const MESSAGES_EACH = 4;
const PRINTED_CHARACTERS = 3_000;

/** Starts everything; each part registers how it is closed, so that a start that fails leaves nothing behind. */
export async function startTwoHosts(onEnd: OnEnd): Promise<TwoHosts> {
  const plan = planFor({
    messages: CONVERSATIONS * MESSAGES_EACH,
    messagesEach: MESSAGES_EACH,
    kills: 0,
    flushes: 0,
    seed: 23,
    workers: 0,
  });
  const { folder, databaseUrl, redis, vendors } = await openGround(onEnd, {
    policy: [...SOAK_POLICY, ["email: { default: draft }", "email: { default: auto }"]],
    model: { plan: addMarkers },
    shop: { world: plan.world },
  });
  const s3 = await startS3();
  onEnd(() => s3[Symbol.asyncDispose]());
  const mail = await startSandboxMail({ directory: join(folder, "mail"), now: () => new Date() });
  onEnd(() => mail.close());
  const teammate = await startTeammate(vendors.slack, 23);
  onEnd(() => teammate.stop());
  const records = await openRunRecords(databaseUrl);
  onEnd(() => records.close());
  const environment = {
    ...vendors.environment,
    ...mailSettings(mail),
    DESKHAND_LEASE_SECONDS: String(LEASE_SECONDS),
    DESKHAND_BLOBS: `s3://${s3.bucket}/mails`,
    S3_ACCESS_KEY_ID: S3_KEY.id,
    S3_SECRET_ACCESS_KEY: S3_KEY.secret,
  };
  const addresses = { PostgreSQL: databaseUrl, Redis: redis.url, S3: s3.endpoint };
  const start = (name: string): Promise<Host> =>
    startHost({ name, folder: join(folder, name), addresses, environment, onEnd });
  const hosts = [await start("a"), await start("b")] as const;
  return {
    hosts,
    vendors,
    mail,
    records,
    databaseUrl,
    conversations: [...plan.conversations],
    printed: () =>
      hosts
        .flatMap(({ members }) => members)
        .map((one) => `${one.name}:\n${one.output().slice(-PRINTED_CHARACTERS)}`)
        .join("\n"),
  };
}

/** One `web`, one `channels` and two `worker`, which know what is shared by this host's own connections alone. */
async function startHost(given: {
  readonly name: string;
  readonly folder: string;
  readonly addresses: Readonly<Record<Shared, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly onEnd: OnEnd;
}): Promise<Host> {
  const { name, folder, addresses, environment, onEnd } = given;
  const connectionTo = async (shared: Shared): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(addresses[shared]);
    onEnd(() => proxy.close());
    return proxy;
  };
  const connections = {
    PostgreSQL: await connectionTo("PostgreSQL"),
    Redis: await connectionTo("Redis"),
    S3: await connectionTo("S3"),
  };
  const fleet = createFleet(onEnd, {
    databaseUrl: connections.PostgreSQL.url(addresses.PostgreSQL),
    redisUrl: connections.Redis.url(addresses.Redis),
    folder,
    environment: {
      ...environment,
      S3_ENDPOINT: connections.S3.url(addresses.S3).replace(/\/$/, ""),
    },
  });
  const web = await fleet.add(`${name}-web`, "web");
  const [channels] = await Promise.all([
    fleet.add(`${name}-channels`, "channels"),
    fleet.add(`${name}-worker-1`, "worker"),
    fleet.add(`${name}-worker-2`, "worker"),
  ]);
  const members = fleet.members();
  return {
    name,
    url: web.url,
    members,
    channels,
    holders: members.map(({ worker }) => worker),
    connections,
  };
}

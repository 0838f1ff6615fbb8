/** A Deskhand of several real processes by role on a database, a Redis and vendors of its own. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { freshDatabase } from "#test/support/postgres.ts";
import { startRedis, type OwnRedis } from "#test/support/redis.ts";
import {
  roleProcess,
  type Environment,
  type Role,
  type RoleProcess,
} from "#test/support/role-process.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { startVendors, type OnEnd, type Vendors, type VendorOptions } from "./vendors/index.ts";

/** What the processes of a run share. */
export interface Ground {
  /** A folder of the run's own; it is short, since sockets are made in it. */
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redis: OwnRedis;
  readonly vendors: Vendors;
}

/** Each part registers how it is closed, so that a start that fails leaves nothing behind. */
export async function openGround(onEnd: OnEnd, wanted: VendorOptions): Promise<Ground> {
  const folder = temporaryFolder({ after: onEnd }, "fleet-");
  const database = await freshDatabase();
  onEnd(() => database.drop());
  const redis = await startRedis();
  onEnd(() => redis.stop());
  const vendors = await startVendors(onEnd, folder, wanted);
  return { folder, databaseUrl: database.url, redis, vendors };
}

export interface Fleet {
  /** Makes a member and starts it; the name must be new. `root` is the folder of another version of the program. */
  add(name: string, role: Role, more?: Environment, root?: string): Promise<RoleProcess>;
  /** Fails for a name that was never added. */
  member(name: string): RoleProcess;
  members(): readonly RoleProcess[];
}

/** What the workers of a run are called. */
export function workerName(index: number): string {
  return `worker-${index + 1}`;
}

/** A fleet with one folder for raw mails; `environment` goes to every process. All of it is killed at the end. */
export function createFleet(
  onEnd: OnEnd,
  options: {
    readonly databaseUrl: string;
    readonly redisUrl: string;
    readonly folder: string;
    readonly environment: Environment;
  },
): Fleet {
  const members = new Map<string, RoleProcess>();
  const shared: Environment = {
    DESKHAND_LOG: "warn",
    EMBEDDINGS: "off",
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    DESKHAND_BLOBS: join(options.folder, "blobs"),
    ...options.environment,
  };
  onEnd(async () => {
    await Promise.all([...members.values()].map((member) => member.end("SIGKILL")));
  });
  return {
    async add(name, role, more = {}, root) {
      if (members.has(name)) throw new Error(`there is a process ${name} already`);
      const folder = join(options.folder, name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const environment = { ...shared, ...more };
      const member = roleProcess({
        name,
        role,
        folder,
        environment,
        ...(root === undefined ? {} : { root }),
      });
      members.set(name, member);
      await member.start();
      return member;
    },
    member: (name) => {
      const found = members.get(name);
      if (found === undefined) throw new Error(`there is no process ${name}`);
      return found;
    },
    members: () => [...members.values()],
  };
}

/** One process for the web, one for channels, and so many workers, each of which has a reconciler. */
export async function startFleet(
  onEnd: OnEnd,
  ground: Ground,
  {
    workers,
    leaseSeconds,
    environment = {},
    workerEnvironment = async () => ({}),
  }: {
    readonly workers: number;
    readonly leaseSeconds: number;
    readonly environment?: Environment;
    /** Variables of one worker alone, such as a vendor's address that only this one knows. */
    readonly workerEnvironment?: (name: string, fleet: Fleet) => Promise<Environment>;
  },
): Promise<{ readonly fleet: Fleet; readonly web: RoleProcess }> {
  const fleet = createFleet(onEnd, {
    databaseUrl: ground.databaseUrl,
    redisUrl: ground.redis.url,
    folder: ground.folder,
    environment: {
      ...ground.vendors.environment,
      DESKHAND_LEASE_SECONDS: String(leaseSeconds),
      ...environment,
    },
  });
  const web = await fleet.add("web", "web");
  await Promise.all([
    fleet.add("channels", "channels"),
    ...Array.from({ length: workers }, async (_, index) => {
      const name = workerName(index);
      await fleet.add(name, "worker", await workerEnvironment(name, fleet));
    }),
  ]);
  return { fleet, web };
}

/** Mistakes in the settings, the files and the machine: database, Redis, folders, clock, policy. */
import { chmodSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { openStore } from "#store/db/database.ts";
import { diskBlobs, forgetPlace, sharedPlace } from "#store/blobs/shared-place.ts";
import { fill, smallDisk } from "#test/faults/small-disk.ts";
import { silentLog } from "#test/store/bench.ts";
import { openFront } from "#test/support/http-front.ts";
import { startRedis } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import type { Rows } from "./bench.ts";
import { passwordFront } from "./servers.ts";

/** The address with another user, password, port or name. */
function changed(
  address: string,
  change: Readonly<Partial<Record<"username" | "password" | "port" | "pathname", string>>>,
): string {
  return Object.assign(new URL(address), { hostname: "127.0.0.1", ...change }).href;
}

const DATABASE: Rows = {
  "a wrong database password": {
    plant: async ({ at }, context) => {
      const front = await passwordFront(at.databaseUrl, "right:password");
      context.after(front.close);
      const port = String(front.port);
      return { set: { DATABASE_URL: changed(at.databaseUrl, { port, password: "right" }) } };
    },
    says: /password authentication failed/,
    mend: /user and password in DATABASE_URL; .* %40 /,
  },
  "a wrong database name": {
    plant: ({ at }) => ({
      set: { DATABASE_URL: changed(at.databaseUrl, { pathname: "/deskhnad" }) },
    }),
    says: /database "deskhnad" does not exist/,
    mend: /name at the end of DATABASE_URL, or make that database/,
  },
  "a database user without rights": {
    plant: async ({ at }, context) => {
      const client = new pg.Client({ connectionString: at.databaseUrl });
      await client.connect();
      const username = `planted_${process.pid}`;
      await client.query(`create role ${username} login`);
      context.after(async () => {
        await client.query(`drop role ${username}`);
        await client.end();
      });
      return { set: { DATABASE_URL: changed(at.databaseUrl, { username }) } };
    },
    says: /^(?!.*permission denied.*permission denied).*permission denied/s,
    mend: /GRANT CREATE ON DATABASE/,
  },
  "a wrong database port": {
    plant: ({ at }) => ({ set: { DATABASE_URL: changed(at.databaseUrl, { port: "1" }) } }),
    says: /the database cannot be reached/,
    mend: /start PostgreSQL, or check host and port in DATABASE_URL/,
  },
  "two processes on one data folder": {
    plant: async ({ at }) => {
      const other = await openStore({
        databaseUrl: at.databaseUrl,
        folder: join(at.folder, "data"),
        log: silentLog,
      });
      return { mend: () => other.close() };
    },
    says: /Another Deskhand .* uses/,
    mend: /stop the Deskhand that runs in this folder/,
  },
  "a data folder that is a file": {
    plant: ({ at }) => ({ set: { DESKHAND_DATA: at.variablesFile } }),
    says: /configuration start: .*(?:ENOTDIR|EEXIST)/,
    mend: /path in DESKHAND_DATA/,
  },
};

const REDIS: Rows = {
  "a Redis that evicts": {
    plant: async (_bench, context) => {
      const redis = await startRedis({ settings: { "maxmemory-policy": "allkeys-lru" } });
      context.after(() => redis.stop());
      return { set: { REDIS_URL: redis.url } };
    },
    says: /maxmemory-policy is allkeys-lru/,
    mend: /set maxmemory-policy noeviction in Redis/,
  },
  "a wrong address of Redis": {
    plant: () => ({ set: { REDIS_URL: "redis://127.0.0.1:1" } }),
    says: /queue Redis: .*Redis cannot be reached/,
    mend: /check REDIS_URL/,
  },
};

const FOLDERS: Rows = {
  "a folder for mails without rights": {
    plant: () => ({ set: { DESKHAND_BLOBS: "/sys/deskhand" } }),
    says: /mails and files storage: .*(?:may not be read or written|read-only)/,
    mend: /can be written to/,
  },
  "a full disk for mails": {
    skip: process.getuid?.() === 0 ? false : "only root makes a small disk",
    plant: (_bench, context) => {
      const folder = smallDisk(context, 1);
      const ballast = join(folder, "ballast");
      fill(folder, ballast);
      return { set: { DESKHAND_BLOBS: folder }, mend: () => unlinkSync(ballast) };
    },
    says: /its disk is full/,
    mend: /has room/,
  },
  "a folder for mails that is not the others'": {
    plant: async ({ at }, context) => {
      await sharedPlace(at.store, diskBlobs(temporaryFolder(context))).begin();
      return {
        set: { DESKHAND_BLOBS: temporaryFolder(context) },
        mend: () => at.store.run(forgetPlace),
      };
    },
    says: /is not the place for mails that the other processes use/,
    mend: /name one folder or bucket that all processes see/,
  },
  "a file of variables that others can read": {
    plant: ({ at }) => {
      chmodSync(at.variablesFile, 0o644);
      return { mend: () => chmodSync(at.variablesFile, 0o600) };
    },
    says: /can be read by other users/,
    mend: /chmod 600/,
  },
};

/** The text of the policy, and what brings the right one back. */
function policyWith(file: string, change: (text: string) => string) {
  const right = readFileSync(file, "utf8");
  const wrong = change(right);
  if (wrong === right) throw new Error("the policy has no such line");
  writeFileSync(file, wrong);
  return { mend: () => writeFileSync(file, right) };
}

const SETTINGS: Rows = {
  "a policy file with a tab": {
    plant: ({ at }) =>
      policyWith(at.policyFile, (text) => text.replace("\n  support: [", "\n\tsupport: [")),
    says: /deskhand\.policy\.yaml:\d+ .*[Tt]abs/,
    mend: /correct the lines it names in the policy file/,
  },
  "a person in no role": {
    plant: ({ at }) =>
      policyWith(at.policyFile, (text) =>
        text.replace("fallback_lead: lea@ourshop.test", "fallback_lead: leah@ourshop.test"),
      ),
    says: /deskhand\.policy\.yaml:\d+ .*leah@ourshop\.test/,
    mend: /correct the lines it names in the policy file/,
  },
  "a policy file at a wrong path": {
    plant: ({ at }) => ({ set: { DESKHAND_POLICY: join(at.folder, "policy.yaml") } }),
    says: /DESKHAND_POLICY: .*policy\.yaml cannot be read/,
    mend: /correct the variables it names/,
  },
  "a misspelt variable": {
    plant: () => ({ set: { DESKHAND_BLOB: "/srv/mails" } }),
    says: /did you mean DESKHAND_BLOBS/,
    mend: /take it out, or give it the name/,
  },
  "a variable that is missing beside another": {
    plant: () => ({ set: { IMAP_HOST: "imap.ourshop.test" } }),
    says: /SUPPORT_ADDRESS: is missing, and IMAP_HOST needs it/,
    mend: /`deskhand init` asks for what is missing/,
  },
  "a clock that is off": {
    plant: async ({ slackUrl }, context) => {
      const front = await openFront(new URL(slackUrl()).origin, async ({ forward }) => {
        const given = await forward();
        const headers = new Headers(given.headers);
        headers.set("date", new Date(Date.now() + 900_000).toUTCString());
        return new Response(await given.arrayBuffer(), { status: given.status, headers });
      });
      context.after(front.close);
      return { set: { SLACK_API_URL: `${front.url}/api/` } };
    },
    says: /this machine clock: it is \d+ seconds behind/,
    mend: /timedatectl set-ntp true/,
  },
};

export const MACHINE_ROWS: Rows = { ...DATABASE, ...REDIS, ...FOLDERS, ...SETTINGS };

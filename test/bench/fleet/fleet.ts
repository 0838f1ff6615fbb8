/**
 * Room: an installation as it is run: processes with a role each on their own PostgreSQL and Redis, and what watches
 * them.
 * In: which processes, and what differs from the sandbox.
 * Out: their addresses, and meters for processor time, statements, commits and Redis commands.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: starts the processes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  startRole,
  startSharedServices,
  withoutZendesk,
  type SharedServices,
} from "#test/support/processes.ts";
import type { Environment, Role, RoleProcess } from "#test/support/role-process.ts";
import {
  changedPolicy,
  policyIn,
  type PolicyChange,
  unverified,
} from "#test/support/sandbox-policy.ts";
import { openMeter, total, type Meter } from "./meter.ts";
import { processorMsOf } from "./processor-time.ts";
import { tapPostgres, type WireTap } from "./wire-tap.ts";

export interface Fleet {
  /** Where the chat is answered. */
  readonly web: RoleProcess;
  readonly shared: SharedServices;
  readonly meter: Meter;
  /** Of each role, one after the other as they were asked for. */
  readonly taps: readonly { readonly role: Role; readonly tap: WireTap }[];
  /** The processor time of the processes of each role so far, in milliseconds. */
  use(): Readonly<Record<Role, number>>;
  /** Everything the processes printed, for failures. */
  output(): string;
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly roles: readonly Role[];
  /** Whether each process's talk with PostgreSQL is listened to, which costs no time of the processes but some wait. */
  readonly tapped?: boolean;
  /** Variables beside those of the shared services, such as another database. */
  readonly environment?: Environment;
  readonly shared?: SharedServices;
  /** Whether a second model reads answers before they go out, as it does unless an operator says otherwise. */
  readonly verified?: boolean;
}

/** Starts an installation. With `shared`, its services are the caller's, who also ends them. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const shared = options.shared ?? (await startSharedServices());
  const folder = mkdtempSync(join(tmpdir(), "deskhand-bench-"));
  const closers: (() => Promise<void>)[] = [
    async () => rmSync(folder, { recursive: true, force: true }),
  ];
  if (options.shared === undefined) closers.push(() => shared.close());
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    // The proxies that tests close would cost processor time of the measuring process.
    const policy = changedPolicy(WITHOUT_LIMITS);
    const environment: Environment = {
      ...withoutZendesk(shared.environment),
      DATABASE_URL: shared.databaseUrl,
      REDIS_URL: shared.redisUrl,
      EMBEDDINGS: "off",
      ...policyIn(folder, options.verified === true ? policy : unverified(policy)),
      ...options.environment,
    };
    const started: RoleProcess[] = [];
    const taps: { readonly role: Role; readonly tap: WireTap }[] = [];
    const start = async (role: Role): Promise<void> => {
      const databaseUrl = environment["DATABASE_URL"] ?? "";
      const tap = options.tapped === true ? await tapPostgres(databaseUrl) : null;
      if (tap !== null) {
        taps.push({ role, tap });
        closers.push(() => tap.close());
      }
      const process = await startRole(
        { ...environment, ...(tap === null ? {} : { DATABASE_URL: tap.url }) },
        role,
      );
      closers.push(async () => void (await process.end("SIGKILL")));
      started.push(process);
    };
    // The first one makes the tables; the others start beside each other.
    const [first = "web", ...others] = options.roles;
    await start(first);
    const starts = await Promise.allSettled(others.map(start));
    const failed = starts.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const web = started.find(({ role }) => role === "web");
    if (web === undefined) throw new Error("an installation has a web process");
    const meter = await openMeter({ ...shared, databaseUrl: environment["DATABASE_URL"] ?? "" });
    closers.push(() => meter.close());
    const usedBy = (role: Role): number =>
      total(
        started
          .filter((one) => one.role === role)
          .map((process) => processorMsOf(process.pid() ?? 0)),
      );
    return {
      web,
      shared,
      meter,
      taps,
      use: () => ({ web: usedBy("web"), worker: usedBy("worker"), channels: usedBy("channels") }),
      output: () => started.map((process) => process.output()).join("\n"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Limits no benchmark reaches, and every channel answers by itself at once. */
const WITHOUT_LIMITS: readonly PolicyChange[] = [
  [/per_user: \d+, per_address: \d+/, "per_user: 10000, per_address: 100000"],
  [
    /day: \{ steps: \d+, output_tokens: \d+, usd: \d+, seconds: \d+ \}/,
    "day: { steps: 10000000, output_tokens: 1000000000, usd: 100000, seconds: 10000000 }",
  ],
  [/^( {2}(?:email|zendesk): \{ default: )draft/gm, "$1auto"],
  // Zendesk tells of a new ticket twice; its quiet time lets one turn read both, and what was read is known when it answers.
  [
    /^quiet_ms: \{ email: \d+, (zendesk: \d+), .*$/m,
    "quiet_ms: { email: 0, $1, slack: 0, chat: 0 }",
  ],
];

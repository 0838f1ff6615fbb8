/**
 * Room: measures what a conversation costs: statements, commits, Redis commands, processor time, and time to answer.
 * In: how many conversations, and how many at once.
 * Out: counts and medians as one object.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: counts the statements, commits and Redis commands of chat conversations in separate processes.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { SignJWT } from "jose";
import pg from "pg";
import { z } from "zod";
import {
  IDENTITY_SECRET,
  startRole,
  startSharedServices,
  withoutZendesk,
  type RoleProcess,
  type SharedServices,
} from "#test/support/processes.ts";
import { processorMsOf, processorMsOfPostgres, processorMsOfRedis } from "./processor-time.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";

/** What one conversation costs, as a mean over all of them. */
export interface JobCounts {
  readonly conversations: number;
  readonly statements: number;
  readonly commits: number;
  readonly redisCommands: number;
  /** Processor time by the operating system's count; that of workers is the sum over all of them. */
  readonly cpuMs: {
    readonly web: number;
    readonly workers: number;
    readonly postgres: number;
    readonly redis: number;
  };
  readonly rssMb: { readonly web: number; readonly worker: number };
  readonly p50Ms: number;
  readonly perSecond: number;
  readonly idleCommitsPerSecond: number;
  readonly idleRedisPerSecond: number;
  /** Statements by text, the most frequent first. */
  readonly byStatement: readonly {
    readonly calls: number;
    readonly ms: number;
    readonly text: string;
  }[];
  readonly byRedisCommand: Readonly<Record<string, number>>;
}

const StatementRow = z.object({ query: z.string(), calls: z.coerce.number(), ms: z.number() });

/** Statistics of PostgreSQL's sessions arrive after at most a second. */
const STATISTICS_MS = 1_500;

const IDLE_MS = 10_000;

/** Runs conversations against one web process and `workers` worker processes. */
export async function countJobs(options: {
  readonly conversations: number;
  readonly atOnce: number;
  readonly workers: number;
}): Promise<JobCounts> {
  const shared = await startSharedServices();
  const folder = mkdtempSync(join(tmpdir(), "deskhand-bench-"));
  // The proxies that tests close would cost processor time of the measuring process.
  const environment = {
    ...withoutZendesk(shared.environment),
    DATABASE_URL: shared.databaseUrl,
    REDIS_URL: shared.redisUrl,
    EMBEDDINGS: "off",
    DESKHAND_POLICY: policyWithoutLimits(folder),
  };
  const processes: RoleProcess[] = [];
  let meter: Meter | null = null;
  try {
    const web = await startRole(environment, "web");
    processes.push(web);
    const workers = await Promise.all(
      Array.from({ length: options.workers }, () => startRole(environment, "worker")),
    );
    processes.push(...workers);
    await ask(web.url, 20, options.atOnce);
    meter = await openMeter(shared);
    await delay(STATISTICS_MS);
    const idleFrom = await meter.read();
    await delay(IDLE_MS);
    const idleTo = await meter.read();
    await meter.forgetStatements();
    const cpuFrom = processes.map(({ child }) => processorMsOf(child.pid ?? 0));
    const from = await meter.read();
    const began = performance.now();
    const times = await ask(web.url, options.conversations, options.atOnce);
    const seconds = (performance.now() - began) / 1_000;
    const cpuTo = processes.map(({ child }) => processorMsOf(child.pid ?? 0));
    await delay(STATISTICS_MS);
    const to = await meter.read();
    const statements = await meter.statements();
    const each = (value: number): number => value / options.conversations;
    const sorted = times.toSorted((one, other) => one - other);
    return {
      conversations: options.conversations,
      statements: each(statements.reduce((sum, { calls }) => sum + calls, 0)),
      commits: each(to.commits - from.commits),
      redisCommands: each(total(to.redis) - total(from.redis)),
      cpuMs: {
        web: each((cpuTo[0] ?? 0) - (cpuFrom[0] ?? 0)),
        workers: each(total(cpuTo.slice(1)) - total(cpuFrom.slice(1))),
        postgres: each(to.postgresMs - from.postgresMs),
        redis: each(to.redisMs - from.redisMs),
      },
      rssMb: {
        web: residentMb(web.child.pid ?? 0),
        worker: residentMb(workers[0]?.child.pid ?? 0),
      },
      p50Ms: sorted[Math.floor(sorted.length / 2)] ?? 0,
      perSecond: options.conversations / seconds,
      idleCommitsPerSecond: ((idleTo.commits - idleFrom.commits) * 1_000) / IDLE_MS,
      idleRedisPerSecond: ((total(idleTo.redis) - total(idleFrom.redis)) * 1_000) / IDLE_MS,
      byStatement: statements.map(({ query, calls, ms }) => ({
        calls: each(calls),
        ms: each(ms),
        text: query.replace(/\s+/g, " ").slice(0, 160),
      })),
      byRedisCommand: Object.fromEntries(
        Object.entries(to.redis)
          .map(([name, calls]) => [name, each(calls - (from.redis[name] ?? 0))] as const)
          .filter(([, calls]) => calls > 0.05)
          .toSorted(([, one], [, other]) => other - one),
      ),
    };
  } finally {
    await Promise.all(processes.map((one) => one.end("SIGKILL")));
    await meter?.close();
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sandbox's policy with limits no benchmark reaches. */
function policyWithoutLimits(folder: string): string {
  const text = readFileSync(SANDBOX_POLICY, "utf8")
    .replace(/per_user: \d+, per_address: \d+/, "per_user: 10000, per_address: 100000")
    .replace(
      /day: \{ steps: \d+, output_tokens: \d+, usd: \d+, seconds: \d+ \}/,
      "day: { steps: 10000000, output_tokens: 1000000000, usd: 100000, seconds: 10000000 }",
    );
  const file = join(folder, "policy.yaml");
  writeFileSync(file, text);
  return file;
}

/** Asks this many questions, each in a conversation of its own; gives the milliseconds to each answer. */
async function ask(url: string, count: number, atOnce: number): Promise<readonly number[]> {
  const times: number[] = [];
  let left = count;
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("u123")
    .setExpirationTime("30m")
    .sign(new TextEncoder().encode(IDENTITY_SECRET));
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      const response = await fetch(`${url}/support/chat`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({
          user_id: "u123",
          message: "Where is my order 456?",
          conversation_id: randomBytes(16).toString("hex"),
        }),
      });
      const answer: unknown = await response.json();
      if (z.looseObject({ status: z.string() }).safeParse(answer).data?.status !== "answered")
        throw new Error(`a question ended as ${JSON.stringify(answer)}`);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return times;
}

type Meter = Awaited<ReturnType<typeof openMeter>>;

async function openMeter(shared: SharedServices) {
  const database = new pg.Client({ connectionString: shared.databaseUrl });
  database.on("error", () => undefined);
  await database.connect();
  await database.query("create extension if not exists pg_stat_statements");
  const redis = new Redis(shared.redisUrl);
  return {
    async read() {
      const { rows } = await database.query(
        "select xact_commit as commits from pg_stat_database where datname = current_database()",
      );
      const [row] = z.array(z.object({ commits: z.coerce.number() })).parse(rows);
      return {
        commits: row?.commits ?? 0,
        redis: commandsIn(await redis.info("commandstats")),
        postgresMs: await processorMsOfPostgres(database),
        redisMs: await processorMsOfRedis(redis),
      };
    },
    forgetStatements: () => database.query("select pg_stat_statements_reset()"),
    async statements() {
      const { rows } = await database.query(
        `select query, calls, total_exec_time as ms from pg_stat_statements
         where dbid = (select oid from pg_database where datname = current_database())
           and query not like '%pg_stat_%' order by calls desc`,
      );
      return z.array(StatementRow).parse(rows);
    },
    async close() {
      redis.disconnect();
      await database.end();
    },
  };
}

function commandsIn(info: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...info.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name = "", calls]) => [
      name,
      Number(calls),
    ]),
  );
}

function total(values: Readonly<Record<string, number>> | readonly number[]): number {
  return Object.values<number>(values).reduce((sum, value) => sum + value, 0);
}

/** Memory a process holds now, in megabytes. */
function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
}

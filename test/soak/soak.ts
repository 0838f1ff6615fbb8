/**
 * Room: a randomised run: customers write, processes die, providers lose answers, and in the end everything is counted.
 * In: the size of the run, its kills and faults, and a seed that decides them.
 * Out: figures, and each message that was lost, answered twice or out of order.
 * May touch: a temporary folder, a test database, Redis and child processes of its own on 127.0.0.1.
 * This file: starts the run, waits for its end and builds the report.
 */
import { setTimeout as delay } from "node:timers/promises";

import { openGround, startFleet, type Fleet } from "#test/faults/fleet.ts";
import type { OnEnd, Vendors } from "#test/faults/vendors/index.ts";
import type { OwnRedis } from "#test/support/redis.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { inLanes } from "#test/support/program.ts";
import { watchArrivals } from "./arrivals.ts";
import { openRunRecords, type RunRecords } from "./books.ts";
import { createCustomers, type Customers } from "./customers.ts";
import type { VisibleLine } from "#test/support/visitor.ts";
import { faultsFor, addMarkers, SOAK_POLICY } from "./fates.ts";
import { flood } from "./flood.ts";
import { killLoop } from "./kill-loop.ts";
import { METRICS, reconcilerWakes } from "./wakes.ts";
import { planFor, type Plan } from "./plan.ts";
import { startTeammate } from "./teammate.ts";
import { createFaultInjector } from "./troubles.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface SoakOptions {
  readonly messages: number;
  readonly kills: number;
  readonly flushes: number;
  readonly seed: number;
  /** False for a shop that repeats whatever it is asked to repeat. */
  readonly idempotencyKeys: boolean;
  /** True: everything is written at once, five messages to a conversation, and then worked off. */
  readonly burst: boolean;
  /** Instead of planned kills: for this long, workers are killed over and over, and new messages follow answers. */
  readonly killLoopSeconds?: number;
  readonly workers: number;
  readonly leaseSeconds: number;
  /** Time for what is left when the last message is accepted. */
  readonly drainSeconds: number;
  /** Lines for a person, while it runs. */
  readonly say: (line: string) => void;
}

export interface SoakReport extends Verdict {
  readonly seed: number;
  readonly kills: number;
  readonly flushes: number;
  readonly redis_restarts: number;
  readonly duplicates: number;
  /** Cards a teammate approved, double clicks included. */
  readonly clicks: number;
  readonly lost_answers: number;
  readonly seconds: number;
  readonly drain_seconds: number;
  readonly left_over: number;
  /** Wakes by the reconciler, and those among them that found nothing to do. */
  readonly reconciler_wakes: number;
  readonly needless_wakes: number;
  readonly effects: Readonly<Record<string, number>>;
  readonly ok: boolean;
}

const LANES = 24;
const PROGRESS_MS = 5_000;
const FINDINGS_EXPLAINED_MAX = 20;

/** Runs it on a database and a Redis of its own. Rejects when the run cannot go on; findings are in the report. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const plan = planFor({ ...options, messagesEach: options.burst ? 5 : 4 });
  const closers: (() => unknown)[] = [];
  const onEnd: OnEnd = (close) => void closers.push(close);
  try {
    const faults = faultsFor(options.seed);
    const ground = await openGround(onEnd, {
      policy: SOAK_POLICY,
      model: { fate: faults.model, plan: addMarkers },
      shop: {
        world: plan.world,
        idempotencyKeys: options.idempotencyKeys,
        fate: faults.shop,
      },
      slack: { fate: faults.slack },
    });
    const { redis, vendors } = ground;
    const { fleet, web } = await startFleet(onEnd, ground, { ...options, environment: METRICS });
    const records = await openRunRecords(ground.databaseUrl);
    onEnd(() => records.close());
    return await run({ options, plan, fleet, web, redis, vendors, records });
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Running {
  readonly options: SoakOptions;
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly web: RoleProcess;
  readonly redis: OwnRedis;
  readonly vendors: Vendors;
  readonly records: RunRecords;
}

async function run(running: Running): Promise<SoakReport> {
  const { options, fleet, web, vendors, records } = running;
  const began = Date.now();
  const faults = createFaultInjector(running);
  const arrivals = watchArrivals(records);
  const customers = createCustomers({
    url: web.url,
    identitySecret: vendors.identitySecret,
    arrivals,
    onSent: () => faults.sent(),
  });
  const teammate = await startTeammate(vendors.slack, options.seed);
  const progress = setInterval(() => {
    void tell(running, customers, faults.line());
  }, PROGRESS_MS);
  try {
    const looped = await write(running, customers);
    await faults.done();
    const written = Date.now();
    const left = await drained(running);
    const ended = Date.now();
    const verdict = judge(await evidenceOf(running, customers));
    await explain(running, verdict);
    const wakes = await reconcilerWakes(fleet);
    const counts = faults.counts();
    return {
      seed: options.seed,
      ...verdict,
      ...counts,
      kills: counts.kills + looped,
      duplicates: customers.duplicates(),
      clicks: teammate.clicks(),
      lost_answers: vendors.shop.counts().lose + vendors.slack.counts().lose,
      seconds: (ended - began) / 1_000,
      drain_seconds: (ended - written) / 1_000,
      left_over: left,
      reconciler_wakes: wakes.all,
      needless_wakes: wakes.needless,
      effects: await records.effects(),
      ok: isOk(verdict, left),
    };
  } finally {
    await teammate.stop();
    arrivals.stop();
    clearInterval(progress);
  }
}

/** Resolves when everything is accepted, with the number of kills that were not planned. */
async function write({ options, plan, fleet }: Running, customers: Customers): Promise<number> {
  const { burst, killLoopSeconds: seconds, seed } = options;
  if (seconds !== undefined) return killLoop({ fleet, customers, plan, seed, seconds });
  await (burst ? flood({ customers, plan }) : customers.write(plan.conversations, LANES));
  return 0;
}

/** Each finding with what the database knows of its conversation, so that a developer can find out why. */
async function explain({ records, options }: Running, verdict: Verdict): Promise<void> {
  const slowest = { conversationId: verdict.slowest, what: "the answer that took longest:" };
  for (const { conversationId, what } of [
    ...verdict.findings.slice(0, FINDINGS_EXPLAINED_MAX),
    slowest,
  ]) {
    options.say(what);
    if (conversationId === null) continue;
    for (const line of await records.historyOf(conversationId)) options.say(`    ${line}`);
  }
}

/** What makes a run fail; every other figure is for people. */
function isOk(verdict: Verdict, left: number): boolean {
  const { lost, twice, out_of_order, refunds_expected, refunds_done } = verdict;
  return (
    lost === 0 &&
    twice === 0 &&
    out_of_order === 0 &&
    refunds_expected === refunds_done &&
    left === 0
  );
}

async function tell(
  { records, options, fleet }: Running,
  customers: Customers,
  line: string,
): Promise<void> {
  const backlog = await records.backlog().catch(() => null);
  const memory = fleet.members().map((member) => `${member.name} ${member.memoryMb() ?? "-"}`);
  options.say(
    `${line}; ${customers.accepted.size} accepted, ${backlog === null ? "?" : `${backlog.messages} open, ${backlog.effects} effects to do`}; MB: ${memory.join(", ")}`,
  );
}

/** Waits until nothing is left to do; gives how much is when the time is over. */
async function drained({ records, options }: Running): Promise<number> {
  const end = Date.now() + options.drainSeconds * 1_000;
  for (;;) {
    const { messages, effects } = await records.backlog();
    if (messages + effects === 0 || Date.now() > end) return messages + effects;
    await delay(200);
  }
}

const LOOKS_AT_ONCE = 16;

async function evidenceOf({ plan, records, vendors }: Running, customers: Customers) {
  // In a run that ends by time some of the plan was never written.
  const waiting = plan.conversations.filter(({ messages }) =>
    messages.some(({ id }) => customers.accepted.has(id)),
  );
  const conversations: { planned: (typeof waiting)[number]; lines: VisibleLine[] }[] = [];
  await inLanes(waiting, LOOKS_AT_ONCE, async (planned) => {
    conversations.push({ planned, lines: [...(await customers.look(planned))] });
  });
  return {
    conversations,
    accepted: customers.accepted,
    booked: await records.messages(),
    refunds: (await vendors.shop.refunds()).map(({ order_id, amount }) => ({
      order: order_id,
      minor: Math.round(amount * 100),
    })),
    alerts: await vendors.slack.textsIn(vendors.slack.alertsChannel),
  };
}

/** Watches an installation while something goes on: transactions, Redis commands, processor time. */
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import type { Role } from "#test/support/role-process.ts";
import type { Fleet } from "./fleet.ts";
import { total } from "./meter.ts";
import type { Transaction } from "./wire-tap.ts";

export interface RoleTransaction extends Transaction {
  readonly role: Role;
}

/** What all processes and servers did in a time. The transactions are there if the installation is tapped. */
export interface Seen {
  readonly seconds: number;
  readonly transactions: readonly RoleTransaction[];
  readonly redisCommands: Readonly<Record<string, number>>;
  readonly cpuMs: Readonly<Record<Role | "postgres" | "redis", number>>;
}

export async function watch(fleet: Fleet, work: () => Promise<unknown>): Promise<Seen> {
  const from = await fleet.meter.read();
  const useFrom = fleet.use();
  for (const { tap } of fleet.taps) tap.take();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const transactions = fleet.taps.flatMap(({ role, tap }) =>
    tap.take().map((transaction) => ({ role, ...transaction })),
  );
  const use = fleet.use();
  const to = await fleet.meter.read();
  const used = (role: Role): number => use[role] - useFrom[role];
  return {
    seconds,
    transactions,
    redisCommands: Object.fromEntries(
      Object.entries(to.redisCommands)
        .map(([name, calls]) => [name, calls - (from.redisCommands[name] ?? 0)] as const)
        .filter(([, calls]) => calls > 0),
    ),
    cpuMs: {
      web: used("web"),
      worker: used("worker"),
      channels: used("channels"),
      postgres: to.postgresMs - from.postgresMs,
      redis: to.redisMs - from.redisMs,
    },
  };
}

/** A transaction of one conversation, and how often it is run for one. */
interface Repeated {
  readonly role: Role;
  readonly statements: readonly string[];
  readonly times: number;
}

/** What one conversation needs beyond what the installation does when it is idle. */
export interface OwnNeeds {
  readonly transactions: readonly Repeated[];
  readonly redisCommands: Readonly<Record<string, number>>;
}

/**
 * Sealing the audit is one transaction every two seconds for all conversations of that time, and none when idle: as a
 * part of each it would count how slowly they were asked.
 */
function isSealing({ statements }: RoleTransaction): boolean {
  return statements.some((text) => text.includes(String(ADVISORY_LOCKS.audit)));
}

/**
 * Takes off what an idle installation does in the same time, and the sealing of the audit. Each kind of transaction by
 * itself, and none below nothing: on a busy machine the idle work is done less often than when it was counted.
 */
export function withoutIdle(busy: Seen, idle: Seen, conversations: number): OwnNeeds {
  const less = (seen: number, whenIdle: number): number =>
    Math.max(0, seen - (whenIdle * busy.seconds) / idle.seconds) / conversations;
  const kinds = new Map<string, RoleTransaction[]>();
  for (const one of busy.transactions.filter((seen) => !isSealing(seen)))
    kinds.set(signatureOf(one), [...(kinds.get(signatureOf(one)) ?? []), one]);
  const whenIdle = new Map<string, number>();
  for (const one of idle.transactions)
    whenIdle.set(signatureOf(one), (whenIdle.get(signatureOf(one)) ?? 0) + 1);
  return {
    transactions: [...kinds].flatMap(([signature, [first, ...more]]) =>
      first === undefined
        ? []
        : [{ ...first, times: less(1 + more.length, whenIdle.get(signature) ?? 0) }],
    ),
    redisCommands: Object.fromEntries(
      Object.entries(busy.redisCommands).map(([name, calls]) => [
        name,
        less(calls, idle.redisCommands[name] ?? 0),
      ]),
    ),
  };
}

/** The counts that every path is compared by. */
export function countsOf(needs: OwnNeeds): {
  readonly statements: number;
  readonly commits: number;
  readonly redisCommands: number;
} {
  return {
    statements: total(needs.transactions.map(({ times, statements }) => times * statements.length)),
    commits: total(needs.transactions.map(({ times }) => times)),
    redisCommands: total(needs.redisCommands),
  };
}

/** What makes two transactions the same kind: who ran it, and its statements. */
export function signatureOf({
  role,
  statements,
}: Pick<RoleTransaction, "role" | "statements">): string {
  return `${role} ${statements.join("\n")}`;
}

/**
 * Room: what one conversation may cost, as counts that are the same on a fast and on a slow machine.
 * In: a web and a worker process on real PostgreSQL and Redis, and customers in the chat.
 * Out: when a change needs more, an error with the most frequent statements, the transactions, or the Redis commands.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: the limits, and the test that holds them. Times are measured by `npm run bench`.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startFleet, type Fleet } from "#test/bench/fleet/fleet.ts";
import { countAlone, watchIdle, type AloneCounts } from "#test/bench/fleet/conversation-counts.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";

/** For one chat conversation that the policy answers by itself. A change that needs less lowers these. */
const LIMITS = {
  statements: 12,
  commits: 5,
  serialCommits: 2,
  redisCommands: 72,
} as const;

describe("a conversation's budget", { skip: postgresMissing || redisMissing }, () => {
  let fleet: Fleet | null = null;
  let counts: AloneCounts;
  before(async () => {
    fleet = await startFleet({ roles: ["web", "worker"], tapped: true });
    const idle = await watchIdle(fleet, 5_000);
    counts = await countAlone(fleet, { idle, conversations: 9 });
  });
  after(async () => fleet?.close());

  test("something was counted", () => {
    for (const name of ["statements", "commits", "serialCommits", "redisCommands"] as const)
      assert.ok(counts[name] >= 2, `${name}: ${counts[name]}`);
  });

  test("it needs at most so many statements", () => holds("statements"));

  test("it needs at most so many commits", () => holds("commits"));

  test("at most so many commits are waited for in sequence before the reply", () =>
    holds("serialCommits"));

  test("it needs at most so many Redis commands", () => holds("redisCommands"));

  function holds(name: keyof typeof LIMITS): void {
    assert.ok(
      counts[name] <= LIMITS[name],
      `${name}: ${counts[name].toFixed(2)} for a conversation, the limit is ${LIMITS[name]}.\n${frequent(name)}`,
    );
  }

  /** What a count is made of, the most frequent first; commits in their order. */
  function frequent(name: keyof typeof LIMITS): string {
    if (name === "redisCommands")
      return counts.byRedisCommand.map(({ calls, text }) => `${calls} × ${text}`).join("\n");
    if (name !== "statements")
      return counts.inOrder
        .map(({ role, statements }) => `${role}: ${statements.map(shortened).join("\n    ")}`)
        .join("\n");
    const times = new Map<string, number>();
    for (const text of counts.inOrder.flatMap(({ statements }) => statements))
      times.set(text, (times.get(text) ?? 0) + 1);
    return [...times]
      .toSorted(([, one], [, other]) => other - one)
      .map(([text, count]) => `${count} × ${shortened(text)}`)
      .join("\n");
  }
});

function shortened(statement: string): string {
  return statement.slice(0, 150);
}

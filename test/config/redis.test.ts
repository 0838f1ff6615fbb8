/** The settings of Redis: one server, a cluster, or Sentinels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redisPlaceOf, redisProblems } from "#config/redis.ts";
import { Secret } from "#config/secret.ts";
import { runs } from "#test/support/tiers.ts";

const CLUSTER = {
  REDIS_URL: "rediss://u:p@one.test:7000",
  REDIS_CLUSTER: "two.test:7001, [::1]:7002",
};
const SENTINELS = { REDIS_URL: "redis://desk", REDIS_SENTINELS: "s1.test:26379,s2.test:26380" };

test("the nodes of a cluster and the Sentinels are read with host and port", () => {
  assert.deepEqual(redisProblems(CLUSTER), []);
  assert.deepEqual(redisPlaceOf(CLUSTER, null), {
    url: CLUSTER.REDIS_URL,
    cluster: [
      { host: "two.test", port: 7001 },
      { host: "::1", port: 7002 },
    ],
  });
  assert.deepEqual(redisProblems(SENTINELS), []);
  const password = new Secret("open");
  assert.deepEqual(redisPlaceOf({ ...SENTINELS, REDIS_SENTINEL_PASS: password }, null), {
    url: "redis://desk",
    sentinels: {
      at: [
        { host: "s1.test", port: 26379 },
        { host: "s2.test", port: 26380 },
      ],
      password,
    },
  });
  assert.deepEqual(redisPlaceOf({}, "redis://127.0.0.1:1"), { url: "redis://127.0.0.1:1" });
});

for (const [what, set, name] of [
  ["an entry without a port", { ...CLUSTER, REDIS_CLUSTER: "two.test" }, "REDIS_CLUSTER"],
  ["a port that is none", { ...SENTINELS, REDIS_SENTINELS: "s1.test:70000" }, "REDIS_SENTINELS"],
  ["both at once", { ...SENTINELS, REDIS_CLUSTER: "two.test:7001" }, "REDIS_CLUSTER"],
  ["a database of a cluster", { ...CLUSTER, REDIS_URL: "redis://one.test/3" }, "REDIS_URL"],
  ["a port beside the master's name", { ...SENTINELS, REDIS_URL: "redis://desk:1" }, "REDIS_URL"],
  ["a Sentinel's password alone", { REDIS_SENTINEL_PASS: "x" }, "REDIS_SENTINEL_PASS"],
] as const)
  test(`${what} is refused by the variable's name`, () => {
    const problems = redisProblems(set);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.ok(problems[0]?.startsWith(`${name}: `), problems[0]);
  });

test("whatever the variables hold, there is a list of problems", () => {
  const value = fc.option(fc.string({ maxLength: 60 }), { nil: undefined });
  fc.assert(
    fc.property(value, value, value, (url, cluster, sentinels) => {
      const set = { REDIS_URL: url, REDIS_CLUSTER: cluster, REDIS_SENTINELS: sentinels };
      assert.ok(Array.isArray(redisProblems(set)));
    }),
    { numRuns: runs(200) },
  );
});

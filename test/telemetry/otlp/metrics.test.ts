/** Metrics are pushed in the protocol's form, with the same values Prometheus reads, and a lost push loses no count. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { createMeter } from "#telemetry/metrics/meter.ts";
import { metricsRequest } from "#telemetry/otlp/metrics-form.ts";
import { pushMetrics } from "#telemetry/otlp/push.ts";
import { startCollector } from "#test/support/collector.ts";
import { silentLog } from "#test/store/bench.ts";
import { PATIENCE_MS, until } from "#test/support/waiting.ts";
import { runs } from "#test/support/tiers.ts";

const RESOURCE = { "service.name": "deskhand", "deskhand.role": "worker" };
const AT = Date.parse("2026-03-01T10:00:00.000Z");

async function pushing(context: TestContext, everyMs: number) {
  const collector = await startCollector();
  context.after(() => collector.close());
  const meter = createMeter();
  const told: string[] = [];
  const log = {
    info: () => undefined,
    warn: (text: string) => void told.push(text),
    error: () => undefined,
  };
  const push = pushMetrics(
    { url: `${collector.url}/v1/metrics`, headers: {}, timeoutMs: 1_500 },
    {
      read: async () =>
        metricsRequest(RESOURCE, await meter.measured(), { since: AT, at: AT + 60_000 }),
      everyMs,
      log,
    },
  );
  return { collector, meter, push, told };
}

test("counters, gauges and histograms arrive as the protocol has them, the last values with the stop", async (context) => {
  const { collector, meter, push, told } = await pushing(context, 60_000);
  meter.count("turns", { channel: "chat", outcome: "answered" }, 3);
  meter.set("leases", [{ labels: {}, value: 2 }]);
  meter.observe("turnDuration", { channel: "chat" }, 0.2);
  meter.observe("turnDuration", { channel: "email" }, 1_000);
  await push.stop();
  assert.deepEqual([told, collector.problems], [[], []]);
  const named = (name: string) =>
    collector.metrics.find((metric) => metric.name === name) ?? assert.fail(name);
  assert.equal(named("deskhand_turns_total").role, "worker");
  const times = { startTimeUnixNano: `${AT}000000`, timeUnixNano: `${AT + 60_000}000000` };
  const turns = named("deskhand_turns_total");
  assert.ok("sum" in turns);
  assert.deepEqual(turns.sum.dataPoints, [
    {
      ...times,
      attributes: [
        { key: "channel", value: { stringValue: "chat" } },
        { key: "outcome", value: { stringValue: "answered" } },
      ],
      asDouble: 3,
    },
  ]);
  const durations = named("deskhand_turn_duration_seconds");
  assert.ok("histogram" in durations);
  const [chat, email] = durations.histogram.dataPoints;
  assert.deepEqual([chat?.count, chat?.sum, email?.bucketCounts.at(-1)], ["1", 0.2, "1"]);
});

test("each observation is in one bucket, whatever was observed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 20 }),
      async (seconds) => {
        const meter = createMeter();
        for (const one of seconds) meter.observe("wakeDuration", {}, one);
        const [wakes] = (await meter.measured()).filter(
          ({ name }) => name === "deskhand_wake_duration_seconds",
        );
        assert.ok(wakes);
        const text = JSON.stringify(metricsRequest(RESOURCE, [wakes], { since: AT, at: AT }));
        const counts = /"bucketCounts":\[(?<counts>[^\]]*)\]/.exec(text)?.groups?.["counts"] ?? "";
        const sum = [...counts.matchAll(/\d+/g)].reduce((all, [one]) => all + Number(one), 0);
        assert.equal(sum, seconds.length);
      },
    ),
    { numRuns: runs(20) },
  );
});

test("a push that takes longer than the interval is not overtaken by the next", async (context) => {
  const collector = await startCollector();
  context.after(() => collector.close());
  const pushes = { begun: 0, inside: 0, most: 0 };
  const push = pushMetrics(
    { url: `${collector.url}/v1/metrics`, headers: {}, timeoutMs: PATIENCE_MS },
    {
      read: async () => {
        pushes.begun += 1;
        pushes.inside += 1;
        pushes.most = Math.max(pushes.most, pushes.inside);
        await delay(50);
        pushes.inside -= 1;
        return metricsRequest(RESOURCE, [], { since: AT, at: AT });
      },
      everyMs: 5,
      log: silentLog,
    },
  );
  await until("three pushes", async () => pushes.begun >= 3);
  await push.stop();
  assert.equal(pushes.most, 1);
});

for (const how of [{ status: 503 }, "hang", "reset"] as const)
  test(`a collector that answers ${JSON.stringify(how)} is told of, and the next push has every count`, async (context) => {
    const { collector, meter, push, told } = await pushing(context, 5);
    collector.behave(how);
    meter.count("modelCost", {}, 2);
    await context.waitFor(() => assert.ok(told.length > 0), { timeout: PATIENCE_MS });
    meter.count("modelCost", {}, 3);
    collector.behave("take");
    await push.stop();
    const cost = collector.metrics.findLast(
      ({ name }) => name === "deskhand_model_cost_dollars_total",
    );
    assert.ok(cost !== undefined && "sum" in cost);
    assert.equal(cost.sum.dataPoints[0]?.asDouble, 5);
    assert.deepEqual(collector.problems, []);
  });

/** What is counted, under which names, and that no outside text becomes a label; and the spans of a turn. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TurnTrace } from "#core/values/trace.ts";
import { DEFINITIONS, METRICS, OTHER } from "#telemetry/metrics/meter.ts";
import { createMeter, turnMetrics } from "#telemetry/metrics/meter.ts";
import { createApp, listen } from "#server/http/app.ts";
import { metricsRoute } from "#server/http/health.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { runs } from "#test/support/tiers.ts";
import { silentLog } from "#test/store/bench.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { fileExporter, otlpRequest } from "#telemetry/spans.ts";
import { until } from "#test/support/waiting.ts";

const TURN = traceWith({
  request_id: "t_1",
  conversation_id: "c_1",
  model: "a model",
  guard: { verdict: "caution", reasons: ["an instruction"] },
  topic: "order_status",
  tools_called: ["get_order_status"],
  decisions: [
    {
      verdict: "ask",
      rule: "refund",
      reason: "too much",
      approvers: { count: 1, leads: 0 },
      reservations: [],
    },
  ],
  approval_required: true,
  steps: 1,
  output_tokens: 20,
  input_tokens: 100,
  latency_ms: 1_500,
  cost_usd: 0.25,
  spans: [
    span("chat", {
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.cache_read.input_tokens": 60,
      "gen_ai.usage.output_tokens": 20,
    }),
    span("chat", { "error.type": "model.unavailable" }),
    span("execute_tool", { "gen_ai.tool.name": "get_order_status", "deskhand.valid": true }),
    span("execute_tool", { "gen_ai.tool.name": "pay_me_at_once", "deskhand.valid": false }),
  ],
});

function span(operation: string, attributes: TurnTrace["spans"][number]["attributes"]) {
  return {
    name: operation,
    startedAt: "2026-11-20T08:00:00.000Z",
    durationMs: 700,
    attributes: { "gen_ai.operation.name": operation, ...attributes },
  };
}

/** The values of our own metrics, by name and labels as Prometheus writes them. */
async function valuesOf(traces: readonly TurnTrace[]): Promise<ReadonlyMap<string, number>> {
  const meter = createMeter();
  const turns = turnMetrics(meter);
  for (const trace of traces) turns.export(trace);
  const lines = (await meter.text()).split("\n").filter((line) => line.startsWith("deskhand_"));
  return new Map(
    lines.map((line) => {
      const [, name = "", value = ""] = /^(.+) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)] as const;
    }),
  );
}

test("a turn is counted once with its calls, its tokens with the kept ones apart, its price and its verdicts", async () => {
  const values = await valuesOf([TURN, { ...TURN, cost_usd: null }]);
  const expected: Readonly<Record<string, number>> = {
    'deskhand_turns_total{channel="email",outcome="answered"}': 2,
    'deskhand_model_calls_total{result="ok"}': 2,
    'deskhand_model_calls_total{result="error"}': 2,
    'deskhand_model_tokens_total{kind="input"}': 80,
    'deskhand_model_tokens_total{kind="cached_input"}': 120,
    'deskhand_model_tokens_total{kind="output"}': 40,
    deskhand_model_cost_dollars_total: 0.25,
    'deskhand_tool_calls_total{tool="get_order_status",result="ok"}': 2,
    'deskhand_tool_calls_total{tool="other",result="error"}': 2,
    'deskhand_policy_verdicts_total{verdict="ask"}': 2,
    'deskhand_guard_verdicts_total{verdict="caution"}': 2,
    'deskhand_turn_duration_seconds_sum{channel="email"}': 3,
    'deskhand_turn_duration_seconds_bucket{le="1",channel="email"}': 0,
    'deskhand_turn_duration_seconds_bucket{le="2",channel="email"}': 2,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
});

test("whatever a model, a customer or a vendor writes, every label has a value of the list", async () => {
  const word = fc.string({ unit: anyCharacter });
  const traces = fc.record({ tool: word, error: word, valid: fc.boolean(), tokens: fc.double() });
  await fc.assert(
    fc.asyncProperty(fc.array(traces, { maxLength: 20 }), async (given) => {
      const values = await valuesOf(
        given.map(({ tool, error, valid, tokens }) => ({
          ...TURN,
          topic: tool,
          outcome_reason: error,
          spans: [
            span("execute_tool", { "gen_ai.tool.name": tool, "deskhand.valid": valid }),
            span("chat", { "error.type": error, "gen_ai.usage.input_tokens": tokens }),
            span(tool, {}),
          ],
        })),
      );
      const known: readonly string[] = METRICS.toolCalls.labels.tool;
      for (const name of values.keys()) {
        const [, tool = OTHER] = /tool="([^"]*)"/.exec(name) ?? [];
        assert.ok(known.includes(tool) || tool === OTHER, name);
      }
    }),
    { numRuns: runs(50) },
  );
});

test("names follow Prometheus' rules: base units, and a total at the end of what only grows", () => {
  for (const { name, kind, help, buckets } of DEFINITIONS) {
    assert.match(name, /^deskhand_[a-z]+(?:_[a-z]+)*$/);
    assert.equal(name.endsWith("_total"), kind === "counter", name);
    assert.doesNotMatch(name, /_(?:ms|milliseconds|minutes|hours|usd|cents|bytes_total)$/, name);
    assert.equal(buckets !== undefined, kind === "histogram", name);
    if (kind === "histogram") assert.match(name, /_seconds$/);
    assert.match(help, /^[A-Z0-9].*\.$/, name);
  }
  const names = DEFINITIONS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test("what another process offers from now on is taken out, so that no old value stays", async () => {
  const meter = createMeter();
  const none = {
    oldestUnread: [],
    effects: [],
    oldestEffect: [],
    oldestDue: [],
    deadLetters: [],
    cards: [],
    oldestCard: [],
    unsealed: [],
    oldestUnsealed: [],
    spend: [],
    backup: [],
    paused: [],
    queue: [],
    oldestFreeDuty: [],
    resolutions: [],
  };
  const values = async (): Promise<readonly string[]> =>
    (await meter.text())
      .split("\n")
      .filter((line) => line.startsWith("deskhand_unread_deliveries"));
  assert.deepEqual(await values(), []);
  meter.setInstallation({ ...none, unread: [{ labels: {}, value: 3 }] });
  assert.deepEqual(await values(), ["deskhand_unread_deliveries 3"]);
  meter.setInstallation(null);
  assert.deepEqual(await values(), []);
});

const TOKEN = "a-token-of-the-operator";
const OFFERED = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  text: async () => "a 1\n",
};

test("with a token, the metrics are for who sends it; a port of its own without one answers everybody", async (context) => {
  const routes = { "/token": { token: TOKEN }, "/open": "open" } as const;
  const app = createApp({
    log: silentLog,
    frames: [],
    mounted: Object.entries(routes).map(([path, access]) => [path, metricsRoute(OFFERED, access)]),
  });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  context.after(() => listening.close());
  const asked = (path: string, authorization?: string): Promise<Response> =>
    fetch(
      `${listening.url}${path}`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
  for (const refused of [undefined, "", `Bearer ${TOKEN}x`, TOKEN, "Bearer "]) {
    const answer = await asked("/token", refused);
    assert.equal(answer.status, 401, refused);
    assert.doesNotMatch(await answer.text(), /a 1/);
  }
  for (const answer of [await asked("/token", `Bearer ${TOKEN}`), await asked("/open")]) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), OFFERED.contentType);
    assert.equal(await answer.text(), "a 1\n");
  }
});

/** A turn that asked a model once. */
const TRACE = traceWith({
  request_id: "t_1",
  conversation_id: "c_1",
  model: "rehearsal",
  policy_version: "p1",
  outcome_reason: "approved and sent",
  identity_reason: "signed",
  topic: "order_status",
  tools_called: ["get_order_status"],
  approval_required: true,
  approval_granted: true,
  steps: 1,
  output_tokens: 12,
  input_tokens: 34,
  latency_ms: 56,
  cost_usd: 0,
  started_at: "2026-11-20T08:00:00.000Z",
  spans: [
    {
      name: "chat rehearsal",
      startedAt: "2026-11-20T08:00:00.010Z",
      durationMs: 20,
      attributes: { "gen_ai.operation.name": "chat", "gen_ai.usage.output_tokens": 12, ok: true },
    },
  ],
});

const Request = z.looseObject({
  resourceSpans: z.array(
    z.looseObject({
      scopeSpans: z.array(
        z.looseObject({
          spans: z.array(
            z.looseObject({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: z.array(z.looseObject({ key: z.string(), value: z.unknown() })),
            }),
          ),
        }),
      ),
    }),
  ),
});

test("a turn is a root span with its steps below it, in nanoseconds, with the GenAI names", () => {
  const spans = Request.parse(otlpRequest(TRACE)).resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  const [root, step] = spans;
  assert.equal(spans.length, 2);
  assert.equal(root?.name, "invoke_agent deskhand");
  assert.equal(step?.parentSpanId, root?.spanId);
  assert.equal(
    BigInt(root?.endTimeUnixNano ?? 0) - BigInt(root?.startTimeUnixNano ?? 0),
    56_000_000n,
  );
  assert.deepEqual(
    step?.attributes.find(({ key }) => key === "gen_ai.usage.output_tokens")?.value,
    { intValue: "12" },
  );
});

test("the file gets one line a turn, readable by its owner alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "spans-"));
  const file = join(folder, "spans.jsonl");
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const exporter = fileExporter(file, silent);
  exporter.export(TRACE);
  await until("the line", async () => {
    try {
      return readFileSync(file, "utf8").endsWith("\n");
    } catch {
      return false;
    }
  });
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), otlpRequest(TRACE));
  rmSync(folder, { recursive: true });
});

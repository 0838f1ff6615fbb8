import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { fileExporter, otlpRequest } from "#telemetry/spans.ts";
import { until } from "#test/support/waiting.ts";

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

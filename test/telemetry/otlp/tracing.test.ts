/** A trace is followed over processes by what rows carry, and holds no words of customers unless that is switched on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import type { Json } from "#core/values/canonical-json.ts";
import { inTrace, traceNow } from "#core/contracts/work-context.ts";
import { spanIdOfTurn, traceContextOf, traceparentOf } from "#core/contracts/trace-context.ts";
import { createTracing, isSampled } from "#telemetry/otlp/tracing.ts";
import { traceWith } from "#test/telemetry/otlp/turn.ts";

const Sent = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).optional(),
  status: z.looseObject({ code: z.int().optional() }).optional(),
});

function tracingOf({ ratio = 1, withContent = false } = {}) {
  const spans: Json[] = [];
  const clock = { now: () => new Date("2026-11-20T08:00:00.000Z") };
  const tracing = createTracing({
    sink: (span) => void spans.push(span),
    clock,
    ratio,
    withContent,
  });
  return { tracing, sent: () => z.array(Sent).parse(spans), text: () => JSON.stringify(spans) };
}

const STEP = { name: "accept chat", kind: "server", attributes: {} } as const;

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));

test("a place in a trace survives being written into a row, and any other text is none", () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
      const context = { traceId, spanId, isSampled: sampled, links: [] };
      assert.deepEqual(traceContextOf(traceparentOf(context)), context);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => assert.equal(traceContextOf(text), null)));
  assert.equal(traceContextOf(`00-${"0".repeat(32)}-${"a".repeat(16)}-01`), null);
});

test("the share of traces that is kept is the ratio, and the same ids are kept with every larger one", () => {
  const ids = Array.from({ length: 2_000 }, () => tracingOf().tracing.begin()?.traceId ?? "");
  const kept = (ratio: number) => ids.filter((id) => isSampled(id, ratio));
  assert.deepEqual([kept(0).length, kept(1).length], [0, 2_000]);
  const share = kept(0.25);
  assert.ok(share.length > 350 && share.length < 650, String(share.length));
  assert.ok(share.every((id) => isSampled(id, 0.5)));
});

test("steps of several processes are one trace, by the row that leads from one to the next", async () => {
  const web = tracingOf();
  const worker = tracingOf({ ratio: 0 });
  const row = await inTrace(web.tracing.begin(), () =>
    web.tracing.step(STEP, async () => traceparentOf(traceNow())),
  );
  const [door] = web.sent();
  await inTrace(traceContextOf(row), async () => {
    worker.tracing.export(traceWith({}));
    await assert.rejects(
      inTrace({ ...(traceNow() ?? assert.fail()), spanId: spanIdOfTurn("t_1") }, () =>
        worker.tracing.step({ ...STEP, name: "effect shop.refund", kind: "client" }, async () => {
          throw new TypeError("no");
        }),
      ),
    );
  });
  const [turn, model, effect] = worker.sent();
  assert.ok(door && turn && model && effect, "the door decided that this trace is kept");
  assert.equal(new Set([door, turn, model, effect].map(({ traceId }) => traceId)).size, 1);
  assert.deepEqual(
    [turn.parentSpanId, model.parentSpanId, effect.parentSpanId],
    [door.spanId, turn.spanId, turn.spanId],
  );
  assert.deepEqual([door.status?.code, effect.status?.code], [undefined, 2]);
});

test("a trace that the door does not keep is kept by no process after it, and nothing runs twice", async () => {
  const web = tracingOf({ ratio: 0 });
  const worker = tracingOf({ ratio: 1 });
  let runs = 0;
  const row = await inTrace(web.tracing.begin(), () =>
    web.tracing.step(STEP, async () => {
      runs += 1;
      return traceparentOf(traceNow());
    }),
  );
  await inTrace(traceContextOf(row), async () => worker.tracing.export(traceWith({})));
  assert.deepEqual([web.sent(), worker.sent(), runs], [[], [], 1]);
});

test("a turn that reads several messages is linked with the traces of all of them", () => {
  const { tracing, sent } = tracingOf();
  const other = { traceId: "b".repeat(32), spanId: "c".repeat(16), isSampled: true, links: [] };
  const first = { ...other, traceId: "a".repeat(32), links: [other] };
  inTrace(first, () => tracing.export(traceWith({})));
  assert.deepEqual(sent()[0]?.links, [{ traceId: other.traceId, spanId: other.spanId }]);
});

test("no words of texts leave by default, whatever a model calls its tools, and they do when switched on", () => {
  fc.assert(
    fc.property(fc.boolean(), (withContent) => {
      const { tracing, text } = tracingOf({ withContent });
      const secret = "hunter2";
      const spans = [
        {
          name: `execute_tool ${secret}`,
          attributes: { "gen_ai.tool.name": secret, "deskhand.valid": false },
        },
        {
          name: "execute_tool list_orders",
          attributes: {
            "gen_ai.tool.name": "list_orders",
            "deskhand.valid": true,
            "deskhand.arguments": secret,
            "deskhand.result": secret,
            "deskhand.found": secret,
            "gen_ai.tool.call.id": secret,
          },
        },
        { name: "a check threw", attributes: { "exception.message": secret } },
      ].map((span) => ({
        ...span,
        startedAt: "2026-11-20T08:00:00.010Z",
        durationMs: 1,
        attributes: { "gen_ai.operation.name": "execute_tool", ...span.attributes },
      }));
      const context = tracing.begin();
      inTrace(context, () =>
        tracing.export(traceWith({ spans, outcome_reason: secret, identity_reason: secret })),
      );
      assert.equal(text().includes(secret), withContent);
      assert.ok(text().includes("list_orders"));
    }),
  );
});

/** Telemetry goes out in batches; a collector that is away costs telemetry, and never the work. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import type { Json } from "#core/values/canonical-json.ts";
import { BatchSender, type Bounds, post } from "#telemetry/otlp/sender.ts";
import { spansRequest } from "#telemetry/otlp/values.ts";
import { startCollector, type FakeCollector } from "#test/support/collector.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const SOON: Bounds = { waitingMax: 10, batchMax: 4, everyMs: 5, pauseMs: 5, pauseMsMax: 20 };

function span(number: number): Json {
  return {
    traceId: "1".repeat(32),
    spanId: String(number).padStart(16, "a"),
    name: `step ${number}`,
    kind: 1,
    startTimeUnixNano: "1770000000000000000",
    endTimeUnixNano: "1770000000000000001",
    attributes: [],
  };
}

async function sending(context: TestContext, bounds = SOON) {
  const collector = await startCollector();
  context.after(() => collector.close());
  const told: string[] = [];
  const log = {
    info: () => undefined,
    warn: (text: string) => void told.push(text),
    error: () => undefined,
  };
  const sender = new BatchSender(
    { url: `${collector.url}/v1/traces`, headers: { "x-api-key": "k" }, timeoutMs: 200 },
    {
      request: (spans) => spansRequest({ "service.name": "deskhand" }, "test", spans),
      log,
      bounds,
    },
  );
  return { collector, sender, told };
}

function names({ spans }: FakeCollector): readonly string[] {
  return spans.map(({ name }) => name);
}

const WAIT = { timeout: PATIENCE_MS };

test("the headers of the settings follow no redirect", async (context) => {
  const elsewhere = { asked: 0 };
  const server = createServer((request, response) => {
    if (request.url === "/elsewhere") elsewhere.asked += 1;
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  context.after(() => server.close());
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const collector = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    headers: { "x-api-key": "k" },
    timeoutMs: PATIENCE_MS,
  };
  await assert.rejects(post(collector, {}));
  assert.equal(elsewhere.asked, 0);
});

test("spans arrive once, in order, in batches, with the headers of the settings", async (context) => {
  const { collector, sender } = await sending(context);
  const all = Array.from({ length: 9 }, (_, index) => index);
  for (const index of all) sender.add(span(index));
  await context.waitFor(() => assert.equal(sender.counts().sent, 9), WAIT);
  assert.deepEqual(
    names(collector),
    all.map((index) => `step ${index}`),
  );
  assert.deepEqual([collector.problems, collector.bodies.length], [[], 3]);
  assert.equal(collector.headers[0]?.["x-api-key"], "k");
});

for (const how of [{ status: 503 }, { status: 429 }, "hang", "reset"] as const)
  test(`spans wait for a collector that answers ${JSON.stringify(how)}, within their bound`, async (context) => {
    const { collector, sender, told } = await sending(context);
    collector.behave(how);
    for (let index = 0; index < 15; index += 1) sender.add(span(index));
    await context.waitFor(() => assert.ok(told.length >= 2), WAIT);
    assert.deepEqual(sender.counts(), { sent: 0, dropped: 5 });
    collector.behave("take");
    await context.waitFor(() => assert.equal(sender.counts().sent, 10), WAIT);
    assert.deepEqual(sender.counts(), { sent: 10, dropped: 5 });
    assert.equal(new Set(names(collector)).size, 10);
  });

test("what a collector refuses for good is dropped and counted, and the next batch goes on", async (context) => {
  const { collector, sender, told } = await sending(context);
  collector.behave({ status: 400 });
  sender.add(span(1));
  await context.waitFor(() => assert.equal(sender.counts().dropped, 1), WAIT);
  assert.deepEqual(told, ["the collector refuses telemetry"]);
  collector.behave("take");
  sender.add(span(2));
  await context.waitFor(() => assert.deepEqual(names(collector), ["step 2"]), WAIT);
});

test("a stop sends what waits, and does not wait for a collector that is away", async (context) => {
  const { collector, sender } = await sending(context, { ...SOON, everyMs: 60_000 });
  sender.add(span(1));
  await sender.close();
  assert.deepEqual(names(collector), ["step 1"]);
  const other = await sending(context, { ...SOON, everyMs: 60_000 });
  other.collector.behave("hang");
  other.sender.add(span(1));
  await other.sender.close();
  other.sender.add(span(2));
  assert.deepEqual(other.sender.counts(), { sent: 0, dropped: 2 });
});

/** Routes under load and with a slow database: callers are refused in time, and never told a success that is none. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { createApp, listen, errorAnswers } from "#server/http/app.ts";
import { healthRoutes, type Need, processReadiness } from "#server/http/health.ts";
import { silentLog } from "#test/store/bench.ts";
import { PATIENCE_MS, until } from "#test/support/waiting.ts";
import { admission, promptBodies, withTimeLimit } from "#server/http/admission.ts";
import express, { raw, Router } from "express";

/** So that one address has room for three. */
const AT_ONCE = 6;
const AT_ONCE_OF_ONE = 3;
const HEALTH_TOKEN = "a token of these tests alone";
const NOW = new Date("2026-11-20T10:00:00Z");

describe("a route", () => {
  const inside: (() => void)[] = [];
  const probes = { asked: 0 };
  let server: Awaited<ReturnType<typeof listen>>;
  before(async () => {
    const route = Router();
    route.post("/", admission(AT_ONCE), async (incoming, response) => {
      if (incoming.headers["stays"] !== "no")
        await new Promise<void>((resolve) => inside.push(resolve));
      response.json({ ok: true });
    });
    const late = Router();
    late.get("/", async (_request, response) => {
      response.json(await withTimeLimit(50, new Promise<never>(() => undefined)));
    });
    const needs: readonly Need[] = [
      { name: "database", required: true, ask: async () => ({ facts: { schema: "1" } }) },
      { name: "model", required: false, ask: () => Promise.reject(new Error("is away")) },
      {
        name: "queue",
        required: true,
        ask: () => {
          probes.asked += 1;
          return new Promise(() => undefined);
        },
      },
    ];
    const app = createApp({
      log: silentLog,
      frames: [],
      mounted: [
        ["/route", route],
        ["/late", late],
        [
          "/health",
          healthRoutes(processReadiness(needs, { now: () => NOW }), {
            instance: "here",
            token: HEALTH_TOKEN,
            operatorFacts: () => ({ role: "all" }),
          }),
        ],
      ],
    });
    server = await listen(app, { host: "127.0.0.1", port: 0 });
  });
  after(() => server.close());

  const enter = (headers: Record<string, string> = {}) =>
    fetch(`${server.url}/route`, { method: "POST", headers });
  const letGo = () => inside.splice(0).forEach((leave) => leave());

  test("takes so many at once and asks the others to come again; who leaves makes room, by an answer or by hanging up", async () => {
    const first = Array.from({ length: AT_ONCE_OF_ONE - 1 }, () => enter());
    const rude = request(`${server.url}/route`, { method: "POST" }).on("error", () => undefined);
    rude.end();
    await until("all to be inside", async () => inside.length === AT_ONCE_OF_ONE);
    const refused = await enter();
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.match(await refused.text(), /store\.unavailable/);
    assert.equal(await statusFor(`${server.url}/route`, "127.0.0.7"), 200);
    rude.destroy();
    await until("room", async () => (await enter({ stays: "no" })).status === 200);
    letGo();
    for (const answer of await Promise.all(first)) assert.equal(answer.status, 200);
    const again = enter();
    await until("the last one", async () => inside.length === 1);
    letGo();
    assert.equal((await again).status, 200);
  });

  test("says 503 before the source hangs up, not 200 after", async () => {
    const answer = await fetch(`${server.url}/late`);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
  });

  test("is not ready when a part gives no answer in time, and a part that hangs is asked once however often a probe asks", async () => {
    const looks = await Promise.all(
      Array.from({ length: 5 }, () =>
        fetch(`${server.url}/health/ready`, {
          headers: { authorization: `Bearer ${HEALTH_TOKEN}` },
        }),
      ),
    );
    const since = NOW.toISOString();
    for (const look of looks) {
      assert.equal(look.status, 503);
      assert.deepEqual(await look.json(), {
        status: "not ready",
        stopping: false,
        needs: {
          database: { state: "ok", required: true, since, reason: null },
          model: { state: "away", required: false, since, reason: "is away" },
          queue: { state: "away", required: true, since, reason: "no answer within 2000 ms" },
        },
        schema: "1",
        role: "all",
      });
    }
    assert.equal(probes.asked, 1);
  });

  test("is not ready any more once it stops, however well its parts are", async () => {
    const well: Need = { name: "database", required: true, ask: async () => ({}) };
    const readiness = processReadiness([well], { now: () => NOW });
    assert.equal((await readiness.look()).ready, true);
    readiness.stop();
    const { ready, stopping } = await readiness.look();
    assert.deepEqual([ready, stopping], [false, true]);
  });

  test("a stranger learns whether it is ready and nothing else, with a wrong token too", async () => {
    const wrong = ["", "Bearer", "Bearer wrong", `bearer ${HEALTH_TOKEN}`];
    // At once, for each is answered when the part that hangs has had its time.
    const looks = await Promise.all(
      wrong.map((authorization) =>
        fetch(`${server.url}/health/ready`, { headers: { authorization } }),
      ),
    );
    for (const look of looks) {
      assert.equal(look.status, 503);
      assert.deepEqual(await look.json(), { status: "not ready" });
    }
  });

  test("closes without waiting for a connection that is kept for more", async () => {
    const own = await listen(createApp({ log: silentLog, frames: [], mounted: [] }), {
      host: "127.0.0.1",
      port: 0,
    });
    const { port, hostname } = new URL(own.url);
    const kept = request({ host: hostname, port, headers: { connection: "keep-alive" } });
    kept.end();
    const [answer] = await once(kept, "response");
    answer.resume();
    const began = performance.now();
    await own.close();
    // Half of what an idle connection is kept for.
    assert.ok(performance.now() - began < 30_000);
  });
});

/** The status of a small request from an address of this machine. */
async function statusFor(url: string, localAddress: string): Promise<number | undefined> {
  const headers = { stays: "no" };
  const one = request(url, { method: "POST", localAddress, agent: false, headers });
  one.end("a body");
  const [answer] = await once(one, "response");
  answer.resume();
  return answer.statusCode;
}

describe("a body that never ends", () => {
  const SENDERS = 1_000;
  const OF_ONE = 32;

  async function route(bodyMsMax: number) {
    const app = express()
      .use(promptBodies(bodyMsMax))
      .post("/", raw({ type: () => true }), admission(AT_ONCE), (_request, response) => {
        response.json({});
      })
      .use(errorAnswers(silentLog));
    return await listen(app, { host: "127.0.0.1", port: 0 });
  }

  function sendSlowly(url: string) {
    const headers = { "content-length": "60000" };
    const slow = request(url, { method: "POST", localAddress: "127.0.0.6", agent: false, headers });
    slow.write(" ");
    return slow;
  }

  test("takes nothing from others, though one address sends a thousand of them", async () => {
    const server = await route(PATIENCE_MS);
    const ended = { refused: 0 };
    const slow = Array.from({ length: SENDERS }, () => sendSlowly(server.url));
    for (const one of slow)
      one
        .on("response", (answer) => {
          answer.resume();
          if (answer.statusCode === 503) ended.refused += 1;
        })
        .on("error", () => undefined);
    await until("all others refused", async () => ended.refused === SENDERS - OF_ONE);
    const answers = [];
    for (let at = 0; at < 100; at += 1)
      answers.push(await statusFor(server.url, `127.0.0.${10 + (at % 40)}`));
    assert.deepEqual(new Set(answers), new Set([200]));
    for (const one of slow) one.destroy();
    await until("room", async () => (await statusFor(server.url, "127.0.0.6")) === 200);
    await server.close();
  });

  test("ends its connection", async () => {
    const server = await route(50);
    const [error] = await once(sendSlowly(server.url), "error").catch((reason: unknown) => [
      reason,
    ]);
    assert.match(String(error), /hang up|ECONNRESET/);
    await server.close();
  });
});

/** Sending to receivers: signed, again after a failure or a crash under the same id, and never further than it may go. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, test } from "node:test";
import { webhookPort } from "#http/public-fetch.ts";
import { waitAfter, webhookSender, type Sending, signedHeaders } from "#jobs/webhooks/send.ts";
import {
  addDeliveries,
  addWebhook,
  allWebhooks,
  changeWebhook,
  newWebhookSecret,
  sendAgain,
  shownDeliveries,
} from "#store/webhooks/webhooks.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { closed, listen } from "#test/support/loopback.ts";

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = (response: ServerResponse, received: Received) => void;

const status =
  (code: number, words = ""): Answer =>
  (response) =>
    void response.writeHead(code).end(words);

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map(closed)));

/** A receiver on loopback, which answers as it is told, and the webhook that goes there. */
async function receiver(bench: JobBench, answer: Answer, id = "wh_1") {
  const received: Received[] = [];
  const how = { answer };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { headers: request.headers, body };
      received.push(one);
      how.answer(response, one);
    });
  });
  servers.push(server);
  const origin = `http://127.0.0.1:${await listen(server)}`;
  const secret = newWebhookSecret();
  const given = { id, url: `${origin}/hooks?team=1`, events: "card.made", withText: false, secret };
  await bench.at(addWebhook, { ...given, createdAt: bench.now() });
  return { received, how, origin, secret, id };
}

async function tell(bench: JobBench, webhookId = "wh_1"): Promise<string> {
  const data = { card: "a_1", version: 1, case: "c_1" };
  const told = { webhookId, event: "card.made", conversationId: "c_1", data };
  const ids = () => bench.column(sql`select id from webhook_delivery`);
  const before = await ids();
  await bench.at(addDeliveries, [told], bench.now());
  return (await ids()).find((id) => !before.includes(id)) ?? "";
}

/** One look of a process at what is due, until nothing is under way. */
async function sendDue(
  bench: JobBench,
  origins: readonly string[],
  more: Partial<Sending> = {},
): Promise<void> {
  const sender = webhookSender({ ...bench.parts, ...more }, webhookPort(origins));
  await sender.start();
  await sender.finished();
}

async function deliveries(bench: JobBench) {
  const rows = await bench.at(shownDeliveries, 20);
  return rows.map(({ state, attempts, status: code, answer }) => [state, attempts, code, answer]);
}

const MINUTE = 60_000;

describe("the signature of a delivery", () => {
  test("is the one that Standard Webhooks publishes for its example", () => {
    const headers = signedHeaders(
      {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        sentAt: new Date(1_614_265_330_000),
        body: '{"test": 2432232314}',
      },
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    );
    assert.deepEqual(headers, {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is made with 32 bytes that no two secrets share", () => {
    const secrets = Array.from({ length: 50 }, newWebhookSecret);
    assert.equal(new Set(secrets).size, 50);
    for (const secret of secrets)
      assert.equal(Buffer.from(secret.replace("whsec_", ""), "base64").length, 32);
  });
});

onDesk("a delivery to a webhook", (bench) => {
  test("is signed, says what happened and where it is shown, and is delivered once", async () => {
    const to = await receiver(bench, status(204));
    const id = await tell(bench);
    const at = bench.now();
    await sendDue(bench, [to.origin]);
    await sendDue(bench, [to.origin]);
    assert.equal(to.received.length, 1);
    const [{ headers, body } = assert.fail()] = to.received;
    assert.deepEqual(JSON.parse(body), {
      type: "card.made",
      timestamp: at.toISOString(),
      data: { card: "a_1", version: 1, case: "c_1", link: bench.parts.cardLink("a_1") },
    });
    const signed = signedHeaders({ id, sentAt: at, body }, [to.secret]);
    assert.partialDeepStrictEqual(headers, { ...signed, "content-type": "application/json" });
    assert.deepEqual(await deliveries(bench), [["delivered", 1, 204, ""]]);
  });

  test("is signed with both secrets while one replaces the other, and with the new one alone later", async () => {
    const to = await receiver(bench, status(200));
    const fresh = newWebhookSecret();
    const oldUntil = new Date(bench.now().getTime() + 60 * MINUTE);
    await bench.at(changeWebhook, "wh_1", { secret: fresh, oldSecret: to.secret, oldUntil });
    await tell(bench);
    await sendDue(bench, [to.origin]);
    bench.skip(61 * MINUTE);
    await tell(bench);
    await sendDue(bench, [to.origin]);
    const signedWith = [[fresh, to.secret], [fresh]];
    for (const [place, { headers, body }] of to.received.entries()) {
      const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
      const of = { id: String(headers["webhook-id"]), sentAt, body };
      assert.partialDeepStrictEqual(headers, signedHeaders(of, signedWith[place] ?? []));
    }
    assert.equal(to.received.length, 2);
  });

  test("whose process dies between the answer and its record is sent again under the same id", async () => {
    const to = await receiver(bench, status(200));
    await tell(bench);
    const crashPoint = (point: string): void => {
      if (point === "webhook sent") throw new Error("killed");
    };
    await sendDue(bench, [to.origin], { crashPoint });
    await sendDue(bench, [to.origin]);
    assert.equal(to.received.length, 1, "no other process takes it within its minute");
    bench.skip(MINUTE + 1);
    await sendDue(bench, [to.origin]);
    const ids = to.received.map(({ headers }) => headers["webhook-id"]);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(await deliveries(bench), [["delivered", 2, 200, ""]]);
  });

  test("is sent by one of several processes that look at the same moment", async () => {
    const to = await receiver(bench, (response) => void setTimeout(() => response.end(), 30));
    for (let count = 0; count < 12; count += 1) await tell(bench);
    await Promise.all(Array.from({ length: 5 }, () => sendDue(bench, [to.origin])));
    const ids = to.received.map(({ headers }) => headers["webhook-id"]);
    assert.equal(ids.length, 12);
    assert.equal(new Set(ids).size, 12);
  });

  test("is tried again after growing waits for three days, then given up, and sent again on demand", async () => {
    const to = await receiver(
      bench,
      status(500, `Ann ann@customer.test and key sk-1234567890abcdefghij ${"word ".repeat(100)}`),
    );
    const id = await tell(bench);
    const waits: number[] = [];
    for (let attempts = 1; attempts <= 10; attempts += 1) {
      await sendDue(bench, [to.origin]);
      assert.equal(to.received.length, attempts);
      const wait = waitAfter({ id, attempts });
      if (wait === null) break;
      waits.push(wait);
      bench.skip(wait - 1);
      await sendDue(bench, [to.origin]);
      assert.equal(to.received.length, attempts, "not before its time");
      bench.skip(1);
    }
    const least = [5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440].map(
      (minutes) => minutes * MINUTE,
    );
    assert.equal(waits.length, least.length);
    for (const [place, wait] of waits.entries()) {
      assert.ok(wait >= (least[place] ?? 0) && wait <= 1.2 * (least[place] ?? 0) + 1);
    }
    const [[state, attempts, code, answer] = []] = await deliveries(bench);
    assert.deepEqual([state, attempts, code], ["dead", 10, 500]);
    assert.doesNotMatch(String(answer), /customer\.test|sk-1234/);
    assert.ok(String(answer).length <= 200);
    to.how.answer = status(200);
    assert.equal(await bench.at(sendAgain, id, bench.now()), true);
    assert.equal(await bench.at(sendAgain, id, bench.now()), false);
    await sendDue(bench, [to.origin]);
    assert.equal(to.received.at(-1)?.headers["webhook-id"], id);
    assert.deepEqual(await deliveries(bench), [["delivered", 1, 200, ""]]);
  });

  test("that is answered with a redirect was not delivered", async () => {
    const to = await receiver(bench, status(307));
    await tell(bench);
    await sendDue(bench, [to.origin]);
    assert.deepEqual(await deliveries(bench), [["waiting", 1, 307, ""]]);
  });

  test("that is answered with 410 switches its webhook off, and what waits stays", async () => {
    const to = await receiver(bench, (response, one) => {
      void tell(bench).then(() => status(410)(response, one));
    });
    await tell(bench);
    await sendDue(bench, [to.origin]);
    const [webhook] = await bench.at(allWebhooks);
    assert.match(webhook?.offReason ?? "", /410/);
    assert.equal(await tell(bench), "", "nothing is kept for one that is off");
    await sendDue(bench, [to.origin]);
    assert.equal(to.received.length, 1);
    to.how.answer = status(200);
    await bench.at(changeWebhook, "wh_1", { offReason: null });
    await sendDue(bench, [to.origin]);
    assert.equal(to.received.length, 2);
  });

  test("to a receiver that never answers holds up no other webhook, and is given up after its time", async () => {
    const silent = await receiver(bench, () => undefined);
    const quick = await receiver(bench, status(200), "wh_2");
    const port = webhookPort([silent.origin, quick.origin]);
    const short = {
      ...port,
      post: (url: string, request: Parameters<typeof port.post>[1]) => {
        assert.equal(request.timeoutMs, 15_000);
        return port.post(
          url,
          url.startsWith(silent.origin) ? { ...request, timeoutMs: 400 } : request,
        );
      },
    };
    await tell(bench);
    for (let count = 0; count < 9; count += 1) await tell(bench, "wh_2");
    const sender = webhookSender(bench.parts, short);
    await sender.start();
    await sender.finished();
    assert.equal(quick.received.length, 9);
    const waiting = (await deliveries(bench)).filter(([state]) => state === "waiting");
    assert.equal(waiting.length, 1);
    assert.match(String(waiting[0]?.[3]), /timeout|time/i);
  });

  test("that a stopping process leaves is sent again by another after a minute", async () => {
    const to = await receiver(bench, () => undefined);
    await tell(bench);
    const sender = webhookSender(bench.parts, webhookPort([to.origin]));
    await sender.start();
    while (to.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sender.finished("stop");
    assert.deepEqual(await deliveries(bench), [["waiting", 1, null, ""]]);
    to.how.answer = status(200);
    bench.skip(MINUTE + 1);
    await sendDue(bench, [to.origin]);
    assert.deepEqual(await deliveries(bench), [["delivered", 2, 200, ""]]);
  });
});

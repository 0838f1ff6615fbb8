/** The page of outgoing webhooks: what a lead does there, and that no request of anybody else changes or shows anything. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { addDeliveries, allWebhooks, WebhookEvent } from "#store/webhooks/webhooks.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const PATH = "/policy/webhooks";
const RECEIVER = "https://receiver.test/hooks";

describe("the page of webhooks", () => {
  const bench = suitePages({ sandbox: true });
  const sent = (path: string, body: unknown): Promise<Response> =>
    post(`${bench.url}/console${PATH}${path}`, body, { cookie: bench.lea });
  const webhooks = () => bench.store.run(allWebhooks);
  const does = (what: string, id: string): Promise<Response> => sent("/press", { id, does: what });
  async function pressed(what: string, id: string): Promise<void> {
    const answer = await does(what, id);
    assert.equal(answer.status, 200, await answer.text());
  }
  async function added(body: unknown): Promise<void> {
    const answer = await sent("/add", body);
    assert.equal(answer.status, 200, await answer.text());
  }
  const kinds = async (): Promise<readonly string[]> =>
    (
      await bench.rows(z.object({ kind: z.string() }), sql`select kind from audit order by seq`)
    ).map(({ kind }) => kind);

  test("adds one, shows its secret to leads, and tests it, with entries of the audit", async () => {
    assert.match(await bench.page(PATH, bench.lea), /Nothing was sent yet/);
    await added({ url: ` ${RECEIVER} `, "card.made": "on", "effect.failed": "on" });
    const [one = assert.fail()] = await webhooks();
    assert.deepEqual(
      [one.url, one.events, one.withText, one.offReason],
      [RECEIVER, "card.made effect.failed", false, null],
    );
    await pressed("test", one.id);
    const shown = await bench.page(PATH, bench.lea);
    assert.match(shown, /webhook\.test/);
    assert.ok(shown.includes(one.secret));
    assert.match(shown, /card\.made, effect\.failed/);
    assert.deepEqual(await kinds(), ["webhook_added", "webhook_test"]);
  });

  test("makes a new secret, beside which the old one signs for a day", async () => {
    const [one = assert.fail()] = await webhooks();
    await pressed("rotate", one.id);
    const [now = assert.fail()] = await webhooks();
    assert.notEqual(now.secret, one.secret);
    assert.deepEqual(
      [now.oldSecret, now.oldUntil?.toISOString()],
      [one.secret, "2026-03-03T10:00:00.000Z"],
    );
    const shown = await bench.page(PATH, bench.lea);
    assert.equal(shown.includes(one.secret), false, "the old secret is shown no more");
  });

  test("switches one off and on, sends a given-up delivery again, and removes it with its deliveries", async () => {
    const [{ id } = assert.fail()] = await webhooks();
    await pressed("off", id);
    assert.match(await bench.page(PATH, bench.lea), /a lead switched it off/);
    assert.equal((await does("off", id)).status, 400, "it is off already");
    assert.equal((await does("test", id)).status, 400, "nothing is sent to one that is off");
    await pressed("on", id);
    await bench.execute(sql`update webhook_delivery set state = 'dead', attempts = 10, status = 500,
        answer = '<script>alert(1)</script>'`);
    const shown = await bench.page(PATH, bench.lea);
    assert.match(shown, /Send again/);
    assert.doesNotMatch(shown, /<script>alert/);
    const delivery = /&quot;id&quot;:&quot;(msg_[0-9a-f]+)&quot;/.exec(shown)?.[1] ?? "";
    await pressed("again", delivery);
    assert.doesNotMatch(await bench.page(PATH, bench.lea), /Send again/);
    // A test is seen however many were given up before.
    const missed = { webhookId: id, event: "effect.failed", conversationId: "c_1", data: {} };
    const earlier = new Date("2026-02-20T10:00:00Z");
    await bench.store.run(addDeliveries, Array<typeof missed>(70).fill(missed), earlier);
    await bench.execute(sql`update webhook_delivery set state = 'dead', attempts = 10`);
    await pressed("test", id);
    const buried = await bench.page(PATH, bench.lea);
    assert.match(
      buried,
      /Given up: 7\d[^]*The newest 60 are listed\.[^]*Sent lately[^]*webhook\.test/,
    );
    await pressed("again", "all");
    assert.doesNotMatch(await bench.page(PATH, bench.lea), /given up/i);
    assert.equal((await does("again", "all")).status, 400);
    await pressed("remove", id);
    assert.deepEqual(await webhooks(), []);
    assert.match(await bench.page(PATH, bench.lea), /Nothing was sent yet/);
  });

  describe("of a request that has no right to it", () => {
    let id = "";
    let secret = "";
    before(async () => {
      await added({ url: RECEIVER, "card.made": "on", text: "on" });
      const [one = assert.fail()] = await webhooks();
      ({ id, secret } = one);
      const told = { webhookId: id, event: "card.made", conversationId: "c_1", data: {} };
      await bench.store.run(addDeliveries, [told], NOW);
    });

    /** Everything there is of webhooks, to see that nothing changed. */
    const state = () =>
      Promise.all([
        webhooks(),
        bench.rows(z.looseObject({}), sql`select * from webhook_delivery order by id`),
        bench.rows(z.looseObject({}), sql`select count(*) from audit`),
      ]);

    async function changesNothing(answer: () => Promise<Response>): Promise<void> {
      const earlier = await state();
      const { status, text } = await answer().then(async (one) => ({
        status: one.status,
        text: await one.text(),
      }));
      assert.ok(status >= 400 && status < 500, `${status}: ${text.slice(0, 200)}`);
      assert.equal(text.includes(secret), false);
      assert.deepEqual(await state(), earlier);
    }

    const BUTTONS = ["test", "rotate", "off", "on", "remove", "again"] as const;
    for (const button of BUTTONS)
      for (const [what, body] of [
        ["an id that does not exist", { id: "wh_0", does: button }],
        ["several wishes", { id: "wh_0", does: [button, "remove"] }],
      ] as const)
        test(`${button} does nothing with ${what}`, () =>
          changesNothing(() => sent("/press", body)));
    for (const button of BUTTONS)
      test(`${button} does nothing with more than an id`, () =>
        changesNothing(() => sent("/press", { id, does: button, url: "https://evil.test/" })));

    const on = { "card.made": "on" };
    for (const [what, body] of Object.entries({
      "the own network": { ...on, url: "https://169.254.169.254/latest/meta-data/" },
      "an address without TLS": { ...on, url: "http://receiver.test/" },
      "a password": { ...on, url: "https://user:word@receiver.test/" },
      "a very long address": { ...on, url: `https://receiver.test/${"x".repeat(500)}` },
      "an empty address": { ...on, url: " " },
      "no event": { url: RECEIVER },
      "an event that does not exist": { url: RECEIVER, "card.stolen": "on" },
      "an event that is not ticked": { url: RECEIVER, "card.made": true },
      "a secret of its own": { ...on, url: RECEIVER, secret: "whsec_AAAA" },
    }))
      test(`adds nothing with ${what}`, () => changesNothing(() => sent("/add", body)));

    test("support is shown neither secrets nor deliveries", async () => {
      const shown = await bench.page(PATH, bench.sam);
      assert.match(shown, /Only a lead can see/);
      assert.equal(shown.includes(secret) || shown.includes(id) || shown.includes(RECEIVER), false);
    });

    test("there are at most twenty, and an address is shown as text", async () => {
      const url = "https://receiver.test/?a=<b>&\"'";
      for (let count = 1; count < 20; count += 1) await added({ ...on, url });
      await changesNothing(() => sent("/add", { ...on, url }));
      assert.doesNotMatch(await bench.page(PATH, bench.lea), /receiver\.test\/\?a=<b>/);
      assert.equal(WebhookEvent.options.length, 7);
    });
  });
});

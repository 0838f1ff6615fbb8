import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { zendesk } from "#zendesk/index.ts";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { silentLog } from "#test/store/bench.ts";
import { benchFor, failsWith, optionsOn, signed } from "#test/zendesk/bench.ts";
import { until } from "#test/support/waiting.ts";

const SECRET = "a secret of this test";
/** The example of Zendesk's documentation, recomputed with openssl. */
const PUBLISHED = {
  secret: "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
  timestamp: "2021-03-25T05:09:27Z",
  body: '{"event":"ticket.updated","id":123}',
  signature: "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=",
};
const BOT = 42;

function channelWith(changed: { webhookSecret?: string; url?: string } = {}): Channel {
  return zendesk({
    url: "http://127.0.0.1:9",
    writerToken: async () => await Promise.resolve("unused"),
    readerToken: async () => await Promise.resolve("unused"),
    webhookSecret: SECRET,
    botUserId: BOT,
    groups: { bot: 1, tier2: 2, sensitive: 3 },
    clock: { now: () => new Date() },
    log: silentLog,
    cursors: memoryCursors(),
    pollMs: 1_000,
    senderAuthentication: false,
    brand: "ourshop",
    ...changed,
  });
}

function event(
  type: string,
  actor: string | null = "7",
  { id = "event-1", action }: { readonly id?: string; readonly action?: string } = {},
): string {
  return JSON.stringify({
    type: `zen:event-type:ticket.${type}`,
    account_id: 1,
    id,
    time: "2026-11-20T12:00:00Z",
    zendesk_event_version: "2022-11-06",
    subject: "zen:ticket:35",
    detail: { id: "35", actor_id: actor },
    event: action === undefined ? {} : { meta: { sequence: { id: action, position: 1 } } },
  });
}

const unverified = failsWith("input.unverified");

describe("a webhook delivery of Zendesk", () => {
  test("an event becomes one hint under the event's id and the ticket's conversation", () => {
    const channel = channelWith();
    assert.deepEqual(channel.receive(signed(SECRET, event("comment_added"))), [
      {
        channel: "zendesk",
        eventId: "event-1",
        conversationKeys: ["zendesk:ticket:35"],
        kind: "message",
        data: { ticketId: 35 },
        keepBody: false,
      },
    ]);
  });

  test("the events of one action are one look, and its message is told from its other changes", () => {
    const channel = channelWith();
    const told = (type: string, id: string, action: string) =>
      channel
        .receive(signed(SECRET, event(type, "7", { id, action })))
        .map(({ eventId, kind }) => [eventId, kind]);
    const message = [["action:35:A1:message", "message"]];
    assert.deepEqual(told("created", "e1", "A1"), message);
    assert.deepEqual(told("comment_added", "e2", "A1"), message);
    const change = [["action:35:A1:signal", "signal"]];
    assert.deepEqual(told("status_changed", "e3", "A1"), change);
    assert.deepEqual(told("agent_assignment_changed", "e4", "A1"), change);
    assert.deepEqual(told("comment_added", "e5", "A2"), [["action:35:A2:message", "message"]]);
  });

  test("what the bot did itself is nothing, whichever event tells it", () => {
    const channel = channelWith();
    for (const type of ["created", "comment_added", "status_changed", "agent_assignment_changed"])
      assert.deepEqual(channel.receive(signed(SECRET, event(type, String(BOT)))), []);
    assert.equal(channel.receive(signed(SECRET, event("created", null))).length, 1);
  });

  test("a process that only receives webhooks learns who the bot is, and then leaves out what it did", async (context) => {
    const bench = await benchFor(context);
    const { sandbox } = bench;
    const receiver = bench.stranger(sandbox.tokens.bot);
    const own = () =>
      receiver.receive(
        signed(sandbox.webhookSecret, event("comment_added", String(sandbox.users.bot))),
      );
    assert.equal(own().length, 1, "it cannot know yet that this is the bot");
    await until("its own changes are left out", async () => own().length === 0);
  });

  test("where that is refused, it asks once a minute at most and says so once", async (context) => {
    const { sandbox } = await benchFor(context);
    const { botUserId: _, ...options } = optionsOn(sandbox);
    const warnings: string[] = [];
    const asked = { count: 0, now: Date.now() };
    const receiver = zendesk({
      ...options,
      clock: { now: () => new Date(asked.now) },
      log: { ...silentLog, warn: (line) => void warnings.push(line) },
      writerToken: async () => {
        asked.count += 1;
        return await Promise.resolve("refused");
      },
    });
    const receive = () => receiver.receive(signed(sandbox.webhookSecret, event("created")));
    receive();
    await until("its answer", async () => warnings.length === 1);
    const { count } = asked;
    for (let times = 0; times < 3; times += 1) {
      receive();
      await setTimeout(20);
    }
    assert.equal(asked.count, count);
    asked.now += 60_000;
    receive();
    await until("it to ask again", async () => asked.count === 2 * count);
    await setTimeout(20);
    assert.equal(warnings.length, 1);
  });

  test("the published example is accepted in a sandbox at its time, and refused as a secret elsewhere", () => {
    const headers = {
      "x-zendesk-webhook-signature": PUBLISHED.signature,
      "x-zendesk-webhook-signature-timestamp": PUBLISHED.timestamp,
    };
    const delivery: Delivery = {
      source: "webhook",
      headers,
      body: new TextEncoder().encode(PUBLISHED.body),
      receivedAt: new Date(PUBLISHED.timestamp),
    };
    // The signature holds; the body is only no event, which is found out later.
    const sandbox = channelWith({ webhookSecret: PUBLISHED.secret });
    assert.throws(() => sandbox.receive(delivery), failsWith("input.invalid"));
    const url = "https://example.zendesk.com";
    assert.throws(
      () => channelWith({ url, webhookSecret: PUBLISHED.secret }),
      failsWith("config.invalid"),
    );
    assert.throws(() => channelWith({ webhookSecret: "" }), failsWith("config.invalid"));
  });

  test("every forgery is refused as unverified", () => {
    const channel = channelWith();
    const good = signed(SECRET, event("comment_added"));
    const withSignature = (signature: string): Delivery => ({
      ...good,
      headers: { ...good.headers, "x-zendesk-webhook-signature": signature },
    });
    const changed = Uint8Array.from(good.body);
    changed[10] = (changed[10] ?? 0) ^ 1;
    const forgeries: Record<string, Delivery> = {
      "no headers": { ...good, headers: {} },
      "no timestamp": {
        ...good,
        headers: {
          "x-zendesk-webhook-signature": good.headers["x-zendesk-webhook-signature"] ?? "",
        },
      },
      "another secret": signed("another secret", good.body),
      "one byte changed": { ...good, body: changed },
      "the published secret": signed(PUBLISHED.secret, good.body),
      "a huge signature": withSignature("A".repeat(300_000)),
      "an empty signature": withSignature(""),
      "another timestamp": {
        ...good,
        headers: {
          ...good.headers,
          "x-zendesk-webhook-signature-timestamp": new Date(Date.now() + 1_000).toISOString(),
        },
      },
    };
    assert.equal(channel.receive(good).length, 1);
    for (const [name, forged] of Object.entries(forgeries))
      assert.throws(() => channel.receive(forged), unverified, name);
  });

  test("a genuine delivery counts for five minutes either way, and a late retry is signed anew", () => {
    const channel = channelWith();
    const minutes = (count: number): Delivery =>
      signed(SECRET, event("comment_added"), count * 60_000);
    for (const count of [-4, 0, 4]) assert.equal(channel.receive(minutes(count)).length, 1);
    for (const count of [-6, 6]) assert.throws(() => channel.receive(minutes(count)), unverified);
    const timestamp = "soon";
    const body = new TextEncoder().encode(event("comment_added"));
    const signature = createHmac("sha256", SECRET).update(timestamp).update(body).digest("base64");
    const unreadable = {
      "x-zendesk-webhook-signature": signature,
      "x-zendesk-webhook-signature-timestamp": timestamp,
    };
    assert.throws(() => channel.receive({ ...minutes(0), headers: unreadable }), unverified);
  });

  test("signed bodies that are no event are invalid, not unverified", () => {
    const channel = channelWith();
    const odd = [
      "",
      "null",
      "[]",
      "{}",
      event("created").replace("zen:ticket:35", "zen:ticket:-1"),
      event("created").replace("zen:ticket:35", "zen:ticket:0"),
      event("created", "7", { id: "x".repeat(600) }),
      // The body of the trigger that versions up to 0.4.0 could make.
      '{"ticket_id":"35","updated_at":"2026-11-20T12:00:00Z"}',
    ];
    for (const body of odd)
      assert.throws(() => channel.receive(signed(SECRET, body)), failsWith("input.invalid"), body);
  });
});

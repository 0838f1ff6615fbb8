/** What webhooks are told: each event in the transaction that makes it, without customers' words, and nothing unasked. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { erasePerson, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { decideResolutions } from "#jobs/reports/resolutions.ts";
import {
  addDeliveries,
  addWebhook,
  changeWebhook,
  followWebhooks,
  newWebhookSecret,
  WebhookEvent,
  webhooksFor,
} from "#store/webhooks/webhooks.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { markChanged } from "#jobs/cases/mark-changed.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import { sql } from "#store/db/drizzle.ts";
import { personNames } from "#store/people/person-names.ts";
import { cutoffsAt, RETENTION_RULES } from "#store/privacy/retention.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { customerCalled, teammate } from "#test/jobs/customers.ts";
import { by } from "#test/jobs/privacy/erasing.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

const HOUR = 3_600_000;
const Row = z.object({ event: z.string(), conversationId: z.string(), body: z.string() });

/** The example of the page, and the events its table explains. */
const PAGE = readFileSync(new URL("../../../docs/webhooks.md", import.meta.url), "utf8");
const { data } = z
  .object({ data: z.looseObject({}) })
  .parse(JSON.parse(/```json\n([^`]+)```/.exec(PAGE)?.[1] ?? ""));

test("the page about webhooks explains each event", () => {
  const explained = [...PAGE.matchAll(/^- `((?:card|case|effect)\.[a-z_]+)`: /gm)].map(
    ([, event]) => event,
  );
  assert.deepEqual(explained, WebhookEvent.options);
});

/** What was told, by event. */
async function told(bench: JobBench) {
  const rows = await bench.rows(
    Row,
    sql`select event, conversation_id as "conversationId", body from webhook_delivery
        order by array_position(${sql.param([...WebhookEvent.options])}::text[], event), body`,
  );
  return rows.map(({ event, body }) => ({ event, data: z.json().parse(JSON.parse(body)) }));
}

/** Adds a webhook, and has this process know it. */
async function hooked(
  bench: JobBench,
  more: {
    readonly events?: readonly string[];
    readonly withText?: boolean;
    readonly id?: string;
  } = {},
): Promise<void> {
  const { events = WebhookEvent.options, withText = false, id = "wh_1" } = more;
  await bench.at(addWebhook, {
    id,
    url: "https://receiver.test/hooks",
    events: events.join(" "),
    withText,
    secret: newWebhookSecret(),
    createdAt: bench.now(),
  });
  (await followWebhooks(bench.parts.store, silentLog))();
  await followWebhooks(bench.parts.store, silentLog);
}

const SECRETS = /\bAnn\b|customer\.test|headphones|We refund|789 please/;

onDesk("a webhook", (bench) => {
  test("is told of a card, the decision and what was done, with ids and amounts alone", async () => {
    await hooked(bench);
    bench.answer(() => replying("We refund 120.00 USD, Ann.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789 please, my headphones broke");
    const card = await bench.card(id);
    await bench.press("approve", id, "lea@ourshop.test");
    await bench.pass(20_000, 3);
    const all = await told(bench);
    assert.deepEqual(
      all.map(({ event }) => event),
      ["card.made", "card.decided", "effect.done", "effect.done"],
    );
    const [made, decided, refund, reply] = all.map(({ data }) => data);
    const ids = { card: card.id, version: 1, case: id };
    assert.deepEqual(made, {
      ...ids,
      channel: "email",
      state: "pending",
      approvers: card.needs.count,
      expiresAt: card.expiresAt.toISOString(),
      actions: [
        { operation: "refund", target: "shop", amount: "120.00", currency: "USD" },
        { operation: "reply", target: "email" },
      ],
    });
    assert.deepEqual(decided, { ...ids, state: "approved" });
    assert.partialDeepStrictEqual(refund, {
      case: id,
      card: card.id,
      state: "done",
      approvedBy: "person",
      operation: "refund",
      amount: "120.00",
      currency: "USD",
    });
    assert.deepEqual(
      { ...data, case: id, card: card.id, link: null },
      { ...z.looseObject({}).parse(refund), link: null },
    );
    assert.partialDeepStrictEqual(reply, { operation: "reply", state: "done" });
    assert.doesNotMatch(JSON.stringify(all), SECRETS);
  });

  test("is told of a version that was edited, marked as changed or asked to be redone, with what it is about now", async () => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789 please");
    await hooked(bench, { events: ["card.made"] });
    await bench.press("edit", id, "lea@ourshop.test", { edit: { text: "So.", amount: "60.00" } });
    const card = await bench.card(id);
    const line = "It changed.";
    await bench.at((to) => markChanged(bench.parts, to, card, { line }, bench.now()));
    await bench.press("redo", id, "lea@ourshop.test", { hint: "shorter" });
    const edited = { card: card.id, version: 2, actions: [{ amount: "60.00" }] };
    const all = (await told(bench)).map(({ data }) => data);
    // The last one is the draft that the request led to.
    assert.partialDeepStrictEqual(all, [edited, { version: 3 }, { version: 4 }, { version: 5 }]);
  });

  test("gets customers' words only where it asks for them", async () => {
    await hooked(bench, { events: ["card.made"] });
    await hooked(bench, { events: ["card.made"], withText: true, id: "wh_2" });
    bench.answer(() => replying("We look into it, Ann."));
    bench.rule({ replyAutonomy: () => "draft" as const });
    await bench.write("Where are my headphones?");
    const texts = (await told(bench)).map(({ data }) => JSON.stringify(data));
    assert.equal(texts.length, 2);
    assert.equal(texts.filter((text) => SECRETS.test(text)).length, 1);
    assert.match(texts.join(), /"asked":"Where are my headphones\?"/);
  });

  test("is told of a rejection, and of the case that people then have", async () => {
    await hooked(bench);
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789 please");
    await bench.press("reject", id, "lea@ourshop.test", { reason: "Ann wants headphones" });
    const all = await told(bench);
    assert.deepEqual(all.map(({ event }) => event).toSorted(), [
      "card.decided",
      "card.made",
      "case.handed_over",
    ]);
    assert.doesNotMatch(JSON.stringify(all), SECRETS);
  });

  test("is told of a card that was taken back as of a new version, and of one that expires", async () => {
    await hooked(bench);
    bench.answer(() => replying("We look into it."));
    bench.rule({ replyAutonomy: () => "draft" as const });
    const id = await bench.write("Where is order 456?");
    const card = await bench.card(id);
    await bench.press("approve", id);
    assert.equal(await bench.pending(id), null);
    await bench.decide(card.id, "undo", { teammate: teammate("sam@ourshop.test") });
    const again = await bench.pending(id);
    assert.equal(again?.version, 2);
    await bench.pass(80 * HOUR, 2);
    const all = (await told(bench)).map(({ event, data }) => [
      event,
      z.looseObject({ version: z.int().optional() }).parse(data).version,
    ]);
    assert.deepEqual(all.slice(0, 3), [
      ["card.made", 1],
      ["card.made", 2],
      ["card.decided", 1],
    ]);
    assert.deepEqual(
      all
        .slice(3)
        .map(([event]) => String(event))
        .toSorted(),
      ["card.expired", "case.handed_over"],
    );
  });

  test("is told of a card that news makes void, and of a hand-over by the turn itself", async () => {
    await hooked(bench);
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    await bench.write("Where is order 456?", { thread: "7" });
    bench.answer(() => replying("", { ending: escalating("they ask for a person") }));
    await bench.write("I want a person", { thread: "7" });
    const all = await told(bench);
    assert.deepEqual(all.map(({ event }) => event).toSorted(), [
      "card.expired",
      "card.made",
      "case.handed_over",
      "effect.done",
    ]);
    assert.match(JSON.stringify(all), /"state":"void"/);
    assert.doesNotMatch(JSON.stringify(all), /ask for a person/);
  });

  test("is told of an effect that failed, and not of what is for the team alone", async () => {
    await hooked(bench);
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund")
        throw new DeskhandError("system.refused", "the shop said no to Ann");
    };
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789 please");
    await bench.press("approve", id, "lea@ourshop.test");
    await bench.pass(20_000, 3);
    const all = await told(bench);
    const failed = all.filter(({ event }) => event.startsWith("effect."));
    assert.deepEqual(
      failed.map(({ event }) => event),
      ["effect.failed"],
    );
    assert.ok(bench.alerts().length > 0, "the team is alerted");
    assert.doesNotMatch(JSON.stringify(all), SECRETS);
  });

  test("is told once of a case that counts as resolved, and not again once that is surer", async () => {
    await hooked(bench, { events: ["case.resolved"] });
    bench.rule({ replyAutonomy: () => "auto" as const });
    bench.answer(() => replying("It arrives tomorrow."));
    const id = await bench.write("Where is order 456?");
    await bench.pass(20_000, 3);
    await bench.execute(sql`insert into signal (key, conversation_id, payload, at)
      values ('s', ${id}, '{"kind": "solved", "automatic": true}', ${bench.now()})`);
    for (const days of [1, 30, 1, 30]) {
      bench.skip(days * 24 * HOUR);
      await bench.execute(sql`update resolution set due_at = to_timestamp(0)`);
      await decideResolutions(bench.parts);
    }
    const all = await told(bench);
    assert.equal(all.length, 1);
    assert.partialDeepStrictEqual(all[0]?.data, { case: id, state: "assumed" });
  });

  test("is told of a line of a chat that is done with its turn", async () => {
    await hooked(bench, { events: ["effect.done"] });
    bench.rule({ replyAutonomy: () => "auto" as const });
    bench.answer(() => replying("It arrives tomorrow."));
    const chat = bench.parts.targets.get("chat");
    assert.ok(chat !== undefined);
    const committed = { ref: "line-1", conversationKeys: [] };
    bench.replace({
      ...chat,
      commit: () => Promise.reject(new Error("there is nothing to call")),
      lineOf: () => ({ chat: "chat:1", text: "It arrives tomorrow.", committed }),
    });
    await bench.write("Where is order 456?", { channel: "chat" });
    await bench.pass(1_000, 2);
    assert.deepEqual(
      (await told(bench)).map(({ event }) => event),
      ["effect.done"],
    );
  });

  test("is told nothing of what it did not ask for, nor once it is off", async () => {
    await hooked(bench, { events: ["case.resolved"] });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789 please");
    await bench.press("approve", id, "lea@ourshop.test");
    assert.deepEqual(await told(bench), []);
  });

  test("is told nothing where the transaction of the event fails", async () => {
    await hooked(bench);
    const before = { owner: "bot", conversation: { id: "c_1", channel: "email" } } as const;
    const failed = bench.parts.store.run(async (transaction) => {
      const given = { reason: "", now: bench.now() };
      await tellHandedOver(bench.parts, transaction, before, given);
      throw new Error("the commit fails");
    });
    await assert.rejects(failed, /the commit fails/);
    assert.deepEqual(await told(bench), []);
  });

  test("loses what it was told with the customer's data, and once its time is over", async () => {
    await hooked(bench, { withText: true });
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it, Ann."));
    await bench.write("Where are my headphones?", { thread: "7", message: by("ann") });
    bench.bindTo({ ...customerCalled("bob"), emailOnFile: "bob@other.test" });
    await bench.write("Where is my lamp?", { thread: "8", message: by("bob") });
    assert.match(JSON.stringify(await told(bench)), /headphones.*lamp/);
    const request = { ...bench.parts, secret: "a secret of the audit" };
    await erasePerson(request, await findPersonTraces(request, personNames("ann@customer.test")));
    const left = JSON.stringify(await told(bench));
    assert.doesNotMatch(left, /headphones/);
    assert.match(left, /lamp/);
    bench.skip(100 * 24 * HOUR);
    const cutoffs = cutoffsAt(bench.now(), { contentDays: 90, auditMonths: 24 });
    for (const rule of RETENTION_RULES)
      await bench.at((transaction) => rule.remove(transaction, cutoffs, bench.now()));
    assert.deepEqual(await told(bench), []);
  });

  test("that was removed or switched off a moment ago gets no delivery from a process that knows it still", async () => {
    for (const id of ["wh_1", "wh_2", "wh_3"]) await hooked(bench, { id });
    const unannounced = sql`with gone as (delete from webhook where id = 'wh_1')
      update webhook set off_reason = 'off' where id = 'wh_2'`;
    await bench.parts.store.run((transaction) => transaction.execute(unannounced));
    const facts = { event: "card.made", conversationId: "c_1", data: { card: "a_1 \u0000 “é”" } };
    const all = ["wh_1", "wh_2", "wh_3"].map((webhookId) => ({ ...facts, webhookId }));
    await bench.at(addDeliveries, all, bench.now());
    const rows = await bench.rows(
      z.object({ webhookId: z.string(), body: z.string() }),
      sql`select webhook_id as "webhookId", body from webhook_delivery`,
    );
    assert.deepEqual(rows, [{ webhookId: "wh_3", body: JSON.stringify(facts.data) }]);
  });

  test("that was added elsewhere is known here by its notice, and so is one that was switched off", async () => {
    const unfollow = await followWebhooks(bench.parts.store, silentLog);
    const known = () =>
      bench.at((transaction) => webhooksFor(bench.parts.store, transaction, "card.made"));
    assert.deepEqual(await known(), []);
    await bench.at(addWebhook, {
      id: "wh_9",
      url: "https://receiver.test/",
      events: "card.made",
      withText: false,
      secret: newWebhookSecret(),
      createdAt: bench.now(),
    });
    await until("the new webhook", async () => (await known()).length === 1);
    await bench.at(changeWebhook, "wh_9", { offReason: "off" });
    await until("its end", async () => (await known()).length === 0);
    unfollow();
  });
});

/** Counts what a transaction asks. */
onDesk("without a webhook", (bench) => {
  test("an event adds no statement", async () => {
    const { store } = bench.parts;
    await followWebhooks(store, silentLog);
    await bench.at(async (transaction) => {
      const asked = { count: 0 };
      const counting = new Proxy(transaction, {
        get(target, name, receiver) {
          asked.count += 1;
          return Reflect.get(target, name, receiver);
        },
      });
      for (const event of WebhookEvent.options)
        assert.deepEqual(await webhooksFor(store, counting, event), []);
      assert.equal(asked.count, 0);
    });
  });
});

/** An erasure reaches all that is one person's, on whatever channel they are known by, and nothing of those who share a browser, a thread, a ticket or a company with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { findPerson } from "#store/people/find-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { lookingUp, refundOf, replying, smallRefunds } from "#test/jobs/turn-results.ts";
import { by, PROVEN, inSlack, erasing } from "#test/jobs/privacy/erasing.ts";
import { sql } from "#store/db/drizzle.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { bindForSystems } from "#guard/identity/bind-requester.ts";
import { cutoffsAt, RETENTION_RULES } from "#store/privacy/retention.ts";
import { join } from "node:path";
import { personFile } from "#jobs/privacy/person-request.ts";

onDesk("an erasure of a customer with a case on two channels", (bench) => {
  const { erase, tablesWith } = erasing(bench, () => memoryBlobs());
  const joined = async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789, the zebra broke.", {
      channel: "email",
      thread: "m1",
      message: { ...by("ann"), subject: "" },
    });
    bench.skip(300_000);
    const chat = await bench.write("refund for order 789 please", {
      channel: "chat",
      thread: "chat1",
      message: ANN_IN_CHAT,
    });
    assert.match(JSON.stringify((await bench.pending(chat))?.card), /zebra/);
  };

  for (const [how, typed] of [
    ["by address, as the mail knows them", "ann@customer.test"],
    ["by the shop's id, as the chat knows them", "customer:u123"],
  ] as const)
    test(`asked ${how}, leaves the mail's words in neither place`, async () => {
      await joined();
      await erase(typed);
      assert.deepEqual(await tablesWith(/zebra/), []);
    });
});

onDesk("two people of a company that the shop has as one customer", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  const colleague = "bob-of-u123@other.test";
  const bothWrote = async () => {
    bench.answer((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789, the zebra broke.", {
      thread: "m1",
      message: by("ann"),
    });
    bench.skip(300_000);
    const author = { kind: "requester" as const, id: `email:${colleague}`, name: "Bob Stone" };
    await bench.write("Please refund order 789, the giraffe broke.", {
      thread: "m2",
      message: { ...by("bob"), author, identity: PROVEN(colleague) },
    });
  };
  const found = async (typed: string) =>
    (await findPersonTraces(parts(), personNames(typed))).person;

  test("an erasure of one leaves the other's mails and address", async () => {
    await bothWrote();
    const { names, places } = await found("ann@customer.test");
    assert.deepEqual(
      names.map(({ value }) => value),
      ["ann@customer.test", "u123"],
    );
    assert.equal(places.length, 1);
    await erase("ann@customer.test");
    assert.deepEqual(await leftOf(/^message_content .*zebra/), []);
    assert.equal((await leftOf(/^message_content .*giraffe/)).length, 1);
  });

  test("asked by the shop's id, both are meant", async () => {
    await bothWrote();
    assert.equal((await found("customer:u123")).places.length, 2);
  });

  test("an id from the list of erasures is not asked for by anybody: what else the company wrote stays", async () => {
    await bothWrote();
    const again = await bench.at(findPerson, personNames("customer:u123"), bench.now());
    assert.deepEqual(again.places, []);
  });
});

onDesk("a customer who signs in to the chat by address", (bench) => {
  const { erase, leftOf, tablesWith } = erasing(bench, () => memoryBlobs());
  const evidence = (handle: IdentityEvidence["handle"]): IdentityEvidence => ({
    level: 2,
    method: "m",
    reason: "r",
    handle,
  });

  test("is the same customer by mail and in the chat, for limits and cases", async () => {
    const bind = (handle: IdentityEvidence["handle"]) =>
      bindForSystems(evidence(handle), bench.shop, new AbortController().signal);
    const mailed = await bind({ kind: "email", email: "Carl@nowhere.test" });
    const chatted = await bind({ kind: "customer", customerId: "Carl@nowhere.test" });
    assert.equal(chatted.customerId, mailed.customerId);
  });

  const asked = async () => {
    const subject = "ann@customer.test";
    const reservations = [smallRefunds(subject, 9)];
    bench.answer(() =>
      replying("hello", { actions: [refundOf(500, { decision: { reservations } })] }),
    );
    const id = await bench.write("zebra", {
      channel: "chat",
      thread: `${subject}:random-name`,
      key: `chat:${subject}:random-name:m1`,
      message: {
        ...by("ann"),
        author: { kind: "requester", id: `chat:${subject}`, name: subject },
        identity: evidence({ kind: "customer", customerId: subject }),
      },
    });
    await bench.press("approve", id);
    await bench.pass(60_000);
    await bench.execute(sql`update effect
      set action = jsonb_set(action, '{arguments,customerId}', ${JSON.stringify(subject)}::jsonb) where operation = 'refund'`);
  };

  test("after an erasure the address is in no booking and no change", async () => {
    await asked();
    await erase("ann@customer.test");
    assert.deepEqual(await tablesWith(/ann@customer/), []);
  });

  test("once the time for text is over the address is in no change", async () => {
    await asked();
    bench.skip(120 * 86_400_000);
    for (const rule of RETENTION_RULES)
      await bench.at((transaction) =>
        rule.remove(
          transaction,
          cutoffsAt(bench.now(), { contentDays: 90, auditMonths: 24 }),
          bench.now(),
        ),
      );
    assert.deepEqual(await leftOf(/^effect .*"customerId": "ann@customer/), []);
  });
});

onDesk("a chat in which two people entered their codes", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  const chat = (email: string, key: string) => ({
    channel: "chat" as const,
    thread: "visitor:same-browser",
    key,
    message: {
      author: {
        kind: "requester" as const,
        id: "chat:visitor:same-browser",
        name: "Chat visitor",
      },
      identity: { ...PROVEN(email), level: 3 as const, method: "code" },
    },
  });
  const namesFound = async (typed: string) =>
    (await findPersonTraces(parts(), personNames(typed))).person.names.map(({ value }) => value);

  test("the one who is erased does not take the other's mails along", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    await bench.write("giraffe by mail", { thread: "t-bob", message: by("bob") });
    await bench.write("zebra", chat("ann@customer.test", "k1"));
    await bench.write("and now my husband asks", chat("bob@other.test", "k2"));
    const names = await namesFound("ann@customer.test");
    await erase("ann@customer.test");
    assert.deepEqual(
      {
        hasBob: names.includes("bob@other.test"),
        bobsMail: (await leftOf(/^message_content .*giraffe by mail/)).length,
      },
      { hasBob: false, bobsMail: 1 },
    );
  });

  test("what a teammate wrote under a visitor's id makes the browser nobody else's", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    await bench.write("zebra", chat("ann@customer.test", "k1"));
    await bench.write("giraffe", chat("bob@other.test", "k2"));
    await bench.execute(sql`update message set author_kind = 'teammate' where key = 'k2'`);
    const names = await namesFound("chat:visitor:same-browser");
    assert.equal(names.includes("ann@customer.test"), true);
  });

  test("a Zendesk user who changed their address is followed to the mails of both", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const moved = "ann@moved.test";
    const author = { kind: "requester" as const, id: "zendesk:user:7", name: "Ann Fields" };
    for (const email of ["ann@customer.test", moved])
      await bench.write("zebra in a ticket", {
        channel: "zendesk",
        thread: email,
        message: { ...by("ann"), author, identity: PROVEN(email) },
      });
    await bench.write("zebra by mail", {
      thread: "t-moved",
      message: {
        ...by("ann"),
        author: { ...author, id: `email:${moved}` },
        identity: PROVEN(moved),
      },
    });
    await erase("ann@customer.test");
    assert.deepEqual(await leftOf(/^message_content .*zebra/), []);
  });
});

onDesk("an erasure in a thread of two people", (bench) => {
  const { erase, leftOf } = erasing(bench, () => memoryBlobs());

  test("what webhooks have not been told of the other, notes about them, and their work that waits for people stay", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const thread = { channel: "slack", thread: "C1" } as const;
    const shared = await bench.write("giraffe", { ...thread, message: inSlack("bob") });
    const early = bench.now();
    bench.skip(3_600_000);
    await bench.write("zebra", { ...thread, message: inSlack("ann") });
    await bench.execute(sql`insert into webhook (id, url, events, secret, created_at)
      values ('w', 'https://a.test', 'effect.done', 's', ${early})`);
    await bench.execute(sql`insert into webhook_delivery (id, webhook_id, event, conversation_id, body, next_at, created_at)
      values ('msg_1', 'w', 'effect.done', ${shared}, '{"effect":"refund of Bob"}', ${early}, ${early})`);
    await bench.execute(sql`insert into case_note (id, conversation_id, author, name, text, at)
      values ('n', ${shared}, 'lea@ourshop.test', 'Lea', 'giraffe: Bob gets a new one on Monday', ${early})`);
    bench.skip(3_600_000);
    const late = bench.now();
    await bench.execute(sql`insert into hint (channel, event_id, conversation_id, kind, payload, received_at, state, error)
      values ('slack', 'e9', ${shared}, 'message', '{"channel":"slack","eventId":"e9","kind":"message","conversationKeys":["k"],"data":"giraffe again","keepBody":false}', ${late}, 'failed', 'x')`);
    await bench.execute(sql`insert into dead_letter (id, conversation_id, kind, reason, hints, effects, messages, at)
      values ('dl_bob', ${shared}, 'unreadable', 'x', jsonb_build_array((select max(id) from hint)), '[]', '[]', ${late})`);
    await erase("slack:U0000ANN");
    const left = async (row: RegExp) => (await leftOf(row)).length;
    assert.deepEqual(
      {
        delivery: await left(/^webhook_delivery .*refund of Bob/),
        note: await left(/^case_note .*giraffe/),
        deadLetter: await left(/^dead_letter .*dl_bob/),
      },
      { delivery: 1, note: 1, deadLetter: 1 },
    );
  });
});

onDesk("a ticket beside a person's conversation", (bench) => {
  const blobs = memoryBlobs();
  const { erase, leftOf, parts } = erasing(bench, () => blobs);
  const handedOver = async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const mail = await bench.write("zebra", { thread: "t:ann", message: by("ann") });
    // In the ticket an agent asked Bob, of the workshop, who answered there.
    const ticket = await bench.write("giraffe, my private number is 0170 1234567", {
      channel: "zendesk",
      thread: "7",
      message: by("bob"),
    });
    await bench.execute(sql`update conversation set linked_id = ${ticket} where id = ${mail}`);
  };

  test("what another person wrote there is not in the file that the first one gets, nor is it erased with them", async () => {
    await handedOver();
    const found = await findPersonTraces(parts(), personNames("ann@customer.test"));
    const request = {
      ...parts(),
      listFile: join("/nowhere", "list"),
      spansFile: null,
      keep: { contentDays: 90, auditMonths: 24 },
    };
    assert.doesNotMatch(JSON.stringify(await personFile(request, found)), /giraffe|Bob/);
    await erase("ann@customer.test");
    assert.notDeepEqual(await leftOf(/^message_content .*giraffe/), []);
  });
});

/** What a reply from the console rests on: what its writer saw, what is under way, and whose values are known. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { OutputCheck, Receipts } from "#core/contracts/guard.ts";
import { unknownIdentity } from "#core/values/identity.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { replyGoesTo } from "#jobs/decisions/reply-basis.ts";
import { sql } from "#store/db/drizzle.ts";
import { conversationsOfCase, messagesOfCase } from "#store/console/case.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { ANN_IN_CHAT, customerCalled, LEA, teammate } from "#test/jobs/customers.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { peopleCases } from "./people-cases.ts";
import { escalating, orderFound, refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("what a reply rests on", (bench) => {
  beforeEach(() => bench.disconnect("zendesk"));

  const reply = (
    id: string,
    text: string,
    more: Partial<DeskDecision> = {},
    parts: JobContext = bench.parts,
  ) => bench.decide(id, "reply", { edit: { text, amount: null }, ...more }, parts);
  /** The newest message of the case, as its page shows it. */
  const newest = async (id: string): Promise<number> => {
    const ids = (await bench.at(conversationsOfCase, id)).map((one) => one.id);
    const { messages } = await bench.at(messagesOfCase, ids, { before: null, most: 9 });
    return messages.at(-1)?.id ?? 0;
  };
  const { handedOver } = peopleCases(bench);
  /** What went out besides what a hand-over says by itself. */
  const sentWith = (words: string) => bench.replies().filter((text) => text.includes(words));

  const lastTo = () =>
    bench.left
      .flatMap(({ action }) =>
        action.operation === "reply" ? [ReplyArguments.parse(action.arguments).to.label] : [],
      )
      .at(-1);

  test("what the customer wrote since is told in their words, and the reply goes out once it was read", async () => {
    const id = await handedOver();
    const seen = await newest(id);
    await bench.write("Forget Rome. Please cancel my order 789 at once!");
    for (const shown of [{ seen }, {}]) {
      const answer = await reply(id, "We have one near the station.", shown);
      assert.equal(answer.accepted, false);
      assert.match(answer.message, /^The customer .*written since: “.*Forget Rome\. Please/s);
      assert.equal(answer.seen, await newest(id));
    }
    await bench.pass(6_000, 2);
    assert.deepEqual(sentWith("near the station"), []);
    const sent = await reply(id, "We look at order 789.", { seen: await newest(id) });
    assert.equal(sent.accepted, true, sent.message);
    await bench.pass(6_000, 2);
    assert.equal(sentWith("We look at order 789.").length, 1);
  });

  test("withheld, because the conversation may not be answered any more, it is told: its writer believes it went out", async () => {
    const id = await handedOver();
    await reply(id, "We have one near the station.", { seen: await newest(id) });
    await bench.rows(
      z.object({}),
      sql`update conversation set barred = 'the ticket is closed' where id = ${id} returning id`,
    );
    await bench.pass(6_000, 3);
    assert.deepEqual(sentWith("near the station"), []);
    const told = bench.left.filter(({ action }) =>
      JSON.stringify(action).includes("A reply was withheld"),
    );
    assert.deepEqual(
      told.map(({ action }) => action.operation),
      ["alert"],
    );
  });

  test("a reply goes only to the customer its writer was shown, and to another than the first one once it is sent again", async () => {
    const id = await handedOver();
    const mallory = (more: object) => ({
      author: { kind: "requester", id: "email:mallory@evil.test", name: "Mallory" } as const,
      answerTo: { label: "mallory@evil.test", audience: "private", address: {} } as const,
      ...more,
    });
    await bench.write("Me too!", { message: mallory({ ignore: "not addressed to the bot" }) });
    assert.equal((await reply(id, "None in Rome.", { seen: await newest(id) })).accepted, true);
    await bench.pass(6_000, 2);
    assert.equal(lastTo(), "ann@customer.test");
    await bench.write("And in Oslo?", { message: mallory({}) });
    const shown = await bench.at(replyGoesTo, id);
    for (const goesTo of [undefined, shown?.shown, "email:ann@customer.test ann@customer.test"]) {
      const seen = await newest(id);
      const told = await reply(id, "One in Oslo.", {
        seen,
        ...(goesTo !== undefined && { goesTo }),
      });
      assert.match(told.message, /^Your answer goes to mallory@evil\.test: Mallory wrote last/);
      assert.equal(told.goesTo, shown?.mark);
    }
    const sent = await reply(id, "One in Oslo.", {
      seen: await newest(id),
      goesTo: shown?.mark ?? "",
    });
    assert.equal(sent.accepted, true, sent.message);
    await bench.pass(6_000, 2);
    assert.equal(lastTo(), "mallory@evil.test");
  });

  test("so is what a colleague answered since", async () => {
    const id = await handedOver();
    const seen = await newest(id);
    assert.equal((await reply(id, "We have one near the station.", { seen })).accepted, true);
    await bench.pass(6_000, 2);
    const sam = { teammate: teammate("sam@ourshop.test") };
    const told = await reply(id, "No, we have none.", { seen, ...sam });
    assert.match(told.message, /^Lea has written since: “.*near the station/s);
    const sent = await reply(id, "It has a new name.", { seen: told.seen ?? 0, ...sam });
    assert.equal(sent.accepted, true, sent.message);
  });

  test("so is what they wrote in another conversation of the case, and its card ends with the reply", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() =>
      replying("We look into it.", {
        actions: [refundOf(12_000)],
        toolResults: [orderFound("789")],
      }),
    );
    const mail = await bench.write("Please refund order 789, they broke.", { thread: "m1" });
    const seen = await newest(mail);
    bench.skip(60_000);
    const words = "Refund for order 789 please";
    const chat = await bench.write(words, {
      channel: "chat",
      thread: "chat1",
      message: ANN_IN_CHAT,
    });
    assert.notEqual(await bench.pending(chat), null);
    assert.match((await reply(mail, "I look at it.", { seen })).message, /“Refund for order 789/);
    const [own, other] = [await bench.pending(mail), await bench.pending(chat)];
    const cards = [own, other].flatMap((one) => (one === null ? [] : [`${one.id}@${one.version}`]));
    const unseen = await reply(mail, "I look at it.", { seen: await newest(mail) });
    assert.deepEqual(new Set(unseen.cards), new Set(cards));
    const sent = await reply(mail, "I look at it.", { seen: await newest(mail), cards });
    const presses = await bench.rows(
      z.object({ approval: z.string(), button: z.string() }),
      sql`select data ->> 'approval' as approval, data ->> 'button' as button
        from (select kind, data from audit union all select kind, data from audit_pending) a
        where kind = 'vote' order by button`,
    );
    assert.deepEqual(
      presses.map(({ button }) => button),
      ["approve", "reply"],
    );
    assert.equal(sent.accepted, true, sent.message);
    assert.equal(await bench.pending(chat), null);
    await bench.pass(6_000, 3);
    assert.equal(sentWith("I look at it.").length, 1);
    assert.equal(sentWith("We look into it.").length, 0);
    const [asked] = await bench.at(conversationMessages, chat);
    assert.equal(asked?.outcome, "answered");
  });

  test("greeting and signature are in the language a teammate writes in", async () => {
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    const id = await bench.write("Do you have a shop in Rome?");
    const german = "Ja, wir haben eines am Bahnhof, und es ist am Sonntag offen.";
    await reply(id, german, { despite: true, seen: await newest(id) });
    await bench.pass(6_000, 2);
    assert.match(bench.replies().at(-1) ?? "", /^(?:Guten Tag|Hallo)[^]*Freundliche Grüße/);
  });

  test("nothing is written past an approved card or a colleague's reply until it went out or was taken back", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await bench.press("approve", id);
    const refused = await reply(id, "I will look after it.", { seen: await newest(id) });
    assert.match(refused.message, /^Under way in this case: reply\. Take it back first/);
    await bench.pass(6_000, 2);
    assert.equal(sentWith("It is on its way.").length, 1);
    const seen = await newest(id);
    assert.equal((await reply(id, "I will look after it.", { seen })).accepted, true);
    assert.equal((await reply(id, "So will I.", { seen })).accepted, false);
    await bench.pass(6_000, 2);
    assert.equal(sentWith("So will I.").length, 0);
  });

  test("a refusal is not remembered under the id of its click, and what was accepted is", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await bench.press("approve", id);
    const again = async () =>
      reply(id, "I will look after it.", { decisionId: "same", seen: await newest(id) });
    assert.equal((await again()).accepted, false);
    await bench.pass(6_000, 2);
    const sent = await again();
    assert.equal(sent.accepted, true, sent.message);
    await bench.pass(6_000, 2);
    assert.deepEqual(await again(), sent);
    await bench.pass(6_000, 2);
    assert.equal(sentWith("I will look after it.").length, 1);
    const other = await reply(id, "Please ignore that.", { decisionId: "same", seen: 0 });
    assert.equal(other.accepted, false);
    assert.match(other.message, /^This was sent before with other content/);
  });

  test("what was looked up for one customer is not known in a reply to another, or to the same one unproven", async () => {
    const order = {
      order_id: "789",
      item: "headphones",
      status: "delivered",
      paid: "77.50 USD",
      refunded: "0.00 USD",
      shipped_on: "2026-11-12",
      due_on: null,
      delivered_on: "2026-11-14",
    };
    const toolResults = [{ tool: "get_order_status", result: { found: true, order } }];
    const found = () => replying("It was delivered.", { toolResults, topic: "order_status" });
    bench.answer(found);
    const id = await bench.write("Where is order 789?");
    const known = async () => {
      const given: Receipts[] = [];
      const { output } = bench.parts;
      const check: OutputCheck["check"] = (text, receipts) => {
        given.push(receipts);
        return output.check(text, receipts);
      };
      const parts = { ...bench.parts, output: { ...output, check } };
      const card = await bench.pending(id);
      const cards = card === null ? [] : [`${card.id}@${card.version}`];
      const { mark = "" } = (await bench.at(replyGoesTo, id)) ?? {};
      const shown = { seen: await newest(id), cards, goesTo: mark };
      await reply(id, "You paid 77.50 USD for it.", shown, parts);
      const [receipts] = given;
      assert.deepEqual(receipts?.today, new Date("2026-11-20T00:00:00Z"), "the team's day");
      return [JSON.stringify(receipts?.toolResults).includes("7750"), receipts?.asked];
    };
    await bench.write("And what did I pay?", {
      message: { identity: unknownIdentity("the address may be forged") },
    });
    assert.deepEqual(await known(), [false, "Where is order 789?\n\nAnd what did I pay?"]);
    bench.bindTo(customerCalled("bob"));
    bench.answer(() => replying("Hello Bob."));
    const author = { kind: "requester", id: "email:bob@elsewhere.test", name: "Bob" } as const;
    await bench.write("I read along here.", { message: { author } });
    assert.deepEqual(await known(), [false, "I read along here."]);
    bench.bindTo(customerCalled("ann"));
    bench.answer(found);
    await bench.write("It is me, Ann.");
    assert.deepEqual((await known())[0], true);
  });

  test("an edit is checked on the day that it is to the team", async () => {
    const zone = readFileSync(SANDBOX_POLICY, "utf8").replace(
      "zone: UTC",
      "zone: Pacific/Kiritimati",
    );
    bench.rule(loadPolicy(zone, "test.yaml"));
    bench.answer(() => replying("It goes there soon."));
    const card = await bench.card(await bench.write("Where does it go?"));
    const { output } = bench.parts;
    const days: Date[] = [];
    const check: OutputCheck["check"] = (text, receipts) => {
      days.push(receipts.today);
      return output.check(text, receipts);
    };
    const edit = { text: "It goes there tomorrow.", amount: null };
    const pressed = { version: card.version, edit, teammate: LEA };
    await bench.decide(card.id, "edit", pressed, { ...bench.parts, output: { ...output, check } });
    assert.deepEqual(days, [new Date("2026-11-21T00:00:00Z")]);
  });
});

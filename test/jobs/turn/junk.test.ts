/** Junk is set aside and listed once a day; no customer's mail ever is, and one press puts a mail back to work. */
import { proof, stranger, teammate } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { AlertedJunk } from "#core/values/alert.ts";
import type { Message } from "#core/values/message.ts";
import { newestJunk } from "#store/conversations/junk.ts";
import { sql } from "#store/db/drizzle.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { erasing } from "#test/jobs/privacy/erasing.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";

const DAY = 86_400_000;
const PHISHING =
  "Verify your password now or your mailbox will be deactivated: http://mail-check.test/verify";
const SALES =
  "Get your shop to page one of Google! We build backlinks and your rankings will grow within weeks. Interested?";

const STRANGER = stranger({ level: 2, reason: "signed by rankboosters.test" });

const from = (address: string): Partial<Message> => ({
  author: { kind: "requester", id: `email:${address}`, name: "Mike Dalton" },
  subject: "Quick question",
  identity: proof(2, "dkim", "signed", address),
});

onDesk("junk", (bench) => {
  let turns = 0;
  beforeEach(() => {
    turns = 0;
    bench.bindTo(STRANGER);
    bench.answer(() => {
      turns += 1;
      return replying("Thank you for your offer.");
    });
  });

  const lists = () =>
    bench
      .made("alert")
      .map(({ action }) => z.array(AlertedJunk).parse(action.arguments["junk"] ?? []));
  const restore = (id: string, who = "sam@ourshop.test") =>
    bench.decide(id, "not_junk", { teammate: teammate(who, { name: "Sam" }) });

  test("is nothing that may be grave: the model and a person read it", async () => {
    bench.guard({ delicate: () => ({ topic: "threat", words: "deactivated", isWeak: true }) });
    const id = await bench.write(PHISHING, { message: from("a@paypa1-help.test") });
    assert.equal(turns, 1);
    assert.notEqual(await bench.pending(id), null);
  });

  test("gets no card, no draft, no ticket and no answer, and is listed once a day with all others", async () => {
    const first = await bench.write(PHISHING, {
      thread: "t1",
      message: from("a@paypa1-help.test"),
    });
    bench.skip(1_000);
    await bench.write(SALES, { thread: "t2", message: from("mike@rankboosters.test") });
    await bench.tick();
    assert.equal(turns, 0);
    assert.equal(await bench.pending(first), null);
    assert.deepEqual(bench.left, []);
    assert.match(await bench.outcome(first), /^ignored: set aside as junk: it reads like /);
    await bench.pass(4 * DAY);
    const [list, ...more] = lists();
    assert.deepEqual(more, []);
    assert.deepEqual(
      list?.map(({ from: name, isAside }) => [name, isAside]),
      [
        ["Mike Dalton", true],
        ["Mike Dalton", true],
      ],
    );
    const { rows } = await bench.at(newestJunk, null);
    assert.equal(rows.length, 2);
  });

  test("is listed also once the first sender on the list is erased, and a list of that sender alone is not sent", async () => {
    const { erase } = erasing(bench, memoryBlobs, { binds: false });
    await bench.write(PHISHING, { thread: "t1", message: from("a@paypa1-help.test") });
    bench.skip(1_000);
    const second = await bench.write(SALES, {
      thread: "t2",
      message: from("mike@rankboosters.test"),
    });
    assert.deepEqual((await erase("a@paypa1-help.test")).busy, []);
    await bench.pass(4 * DAY);
    const [list, ...more] = lists();
    assert.deepEqual(more, []);
    assert.deepEqual(
      list?.slice(1).map(({ conversationId }) => conversationId),
      [second],
    );
    assert.doesNotMatch(JSON.stringify(list?.[0]), /Mike|paypa1/);
    await bench.write(SALES, { thread: "t3", message: from("lee@backlinks.test") });
    await erase("lee@backlinks.test");
    await bench.pass(4 * DAY);
    assert.equal(lists().length, 1);
  });

  test("is also what the model quotes as an offer; what it cannot answer, a customer's words and a question beside it go to people", async () => {
    const handingOver = (more: Parameters<typeof escalating>[1] = {}) =>
      bench.answer(() =>
        replying("", {
          ending: escalating("No help page was found.", more),
          accountData: false,
          toolsCalled: ["search_faq"],
        }),
      );
    const tickets = () => bench.made("create_ticket").length;
    handingOver({ needless: "offer" });
    const offer =
      "Your competitors answer with our chatbot. Would your team like to try it for nothing?";
    const read = await bench.write(offer, { thread: "t1", message: from("a@x.test") });
    assert.match(await bench.outcome(read), /: the model reads an offer, and it reads like /);
    assert.equal(bench.left.length, 0);
    const gaps = () => bench.column(sql`select question from knowledge_gap`);
    assert.deepEqual(await gaps(), []);
    await bench.write("My order 4711 never came. We could offer you a better courier.", {
      thread: "t2",
      message: from("b@x.test"),
    });
    assert.equal(tickets(), 1);
    handingOver({ needless: "offer", unanswered: ["And Oslo?"] });
    await bench.write("We have boxes for your parcels. And Oslo?", {
      thread: "t3",
      message: from("c@x.test"),
    });
    assert.equal(tickets(), 2);
    handingOver();
    await bench.write(offer, { thread: "t4", message: from("d@bots.test") });
    assert.equal(tickets(), 3);
    assert.ok((await gaps()).length > 0);
    handingOver({ needless: "offer" });
    bench.bindTo({ ...STRANGER, customerId: "u1", emailOnFile: "d@x.test" });
    await bench.write(offer, { thread: "t5", message: from("d@x.test") });
    assert.equal(tickets(), 4, "a customer's words go to people whatever a model reads");
  });

  test("is put back to work by one press of a teammate, and its writer is a stranger no more", async () => {
    const id = await bench.write(SALES, { thread: "t1", message: from("mike@rankboosters.test") });
    assert.equal((await restore(id, "ned@ourshop.test")).accepted, false);
    assert.deepEqual([(await restore(id)).message, turns], ["Back to work, by Sam", 0]);
    await bench.tick();
    assert.equal(turns, 1);
    assert.notEqual(await bench.pending(id), null);
    assert.match((await restore(id, "lea@ourshop.test")).message, /being worked on already/);
    await bench.write(SALES, { thread: "t9", message: from("mike@rankboosters.test") });
    assert.equal(turns, 2);
  });

  test("is never a customer's mail, one with an order, an answer to ours, or anything where the policy says no", async () => {
    bench.bindTo({ ...STRANGER, emailOnFile: "a@b.test" });
    await bench.write(SALES, { thread: "t1", message: from("known@shop.test") });
    assert.equal(turns, 1);
    bench.bindTo(STRANGER);
    await bench.write(`${SALES} About order 4711.`, { thread: "t2", message: from("o@x.test") });
    assert.equal(turns, 2);
    await bench.write("Hello, do you sell kettles?", { thread: "t3", message: from("p@x.test") });
    await bench.write(SALES, { thread: "t3", message: from("p@x.test") });
    assert.equal(turns, 4);
    await bench.write(SALES, { thread: "t4", message: from("p@x.test") });
    assert.equal(turns, 5, "a writer who was dealt with before");
    await bench.write(SALES, { thread: "t5", channel: "chat", message: from("c@x.test") });
    assert.equal(turns, 6, "a channel that strangers cannot flood");
    bench.rule({ setsJunkAside: false });
    await bench.write(SALES, { thread: "t6", message: from("q@x.test") });
    assert.equal(turns, 7);
  });
});

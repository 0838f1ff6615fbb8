/** Tickets that end or begin in another one: merged, closed, followed up; or that a teammate takes by name. */

import assert from "node:assert/strict";
import { test, before, describe } from "node:test";
import { addCandidate } from "#jobs/reports/candidate-cases.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";
import { z } from "zod";
import { benchForTests, onTicket, openingTicket, signal } from "#test/zendesk/bench.ts";

function writesTo(office: Office, ticketId: number): number {
  return office.writes().filter(({ path }) => path.endsWith(`/tickets/${ticketId}`)).length;
}

inOffice("one ticket is merged into another", (office) => {
  test("the one that ends gets nothing more, the other is read again once, with the words and their author", async () => {
    const heard: string[] = [];
    office.desk.answer(({ history, unread }) => {
      heard.push([...history, ...unread].map(({ text }) => text).join("\n"));
      return replying("It is on its way.");
    });
    const a = await office.mail("ann@customer.test", "Where is my lamp?");
    const b = await office.mail("bob@elsewhere.test", "Where is the lamp Ann ordered for me?");
    await office.settle();
    const [idA, idB] = [await office.conversationOf(a), await office.conversationOf(b)];
    await office.desk.press("approve", idB);
    const writes = writesTo(office, b);
    assert.equal(writes, 1, "its draft, as a note");
    heard.splice(0);
    await office.as("lee", "POST", `/tickets/${a}/merge`, { ids: [b] });
    await office.settle();
    assert.equal(writesTo(office, b), writes);
    assert.deepEqual(await office.said(b), []);
    assert.deepEqual(await office.desk.open(idB), []);
    assert.match(
      await office.desk.outcome(idB),
      new RegExp(`merged it into ${a} \\(audit \\d+\\)`),
    );
    assert.equal(heard.length, 1);
    assert.match(heard[0] ?? "", /Bob Marsh: Where is the lamp Ann ordered for me\?/);
    const card = await office.desk.pending(idA);
    assert.equal(card?.card.requester.name, "Ann Fields");
    assert.deepEqual(card.answers.length, 1, "the merge is no message of the customer");
    await office.desk.press("approve", idA);
    await office.settle();
    assert.equal((await office.said(a)).length, 1);
    const { store } = office.desk.parts;
    await office.as("lee", "PUT", `/tickets/${a}`, {
      ticket: { status: "solved", assignee_id: office.sandbox.users.bot },
    });
    await office.settle();
    assert.match((await addCandidate(store, idA, office.desk.now())).text, /id: candidate-/);
    await assert.rejects(addCandidate(store, idB, office.desk.now()), /merged|solved/);
  });
});

inOffice("one ticket is merged into another where nothing is open", (office) => {
  test("people get the other, for what was asked in the one is no message of its customer", async () => {
    const { ticketId: a, id } = await office.drafted();
    await office.desk.press("approve", id);
    await office.settle();
    assert.equal((await office.said(a)).length, 1);
    const b = await office.mail("ann@customer.test", "Does it have a cord?");
    await office.settle();
    await office.as("lee", "POST", `/tickets/${a}/merge`, { ids: [b] });
    await office.settle();
    assert.equal((await office.ticket(a)).group_id, office.sandbox.groups.tier2);
    const notes = (await office.ours(a)).filter((one) => !one.public).map(({ body }) => body);
    assert.match(
      notes.at(-1) ?? "",
      new RegExp(`Needs a person: Lee .* merged ticket ${b} into it`),
    );
  });
});

inOffice("a ticket is solved without a word to the customer", (office) => {
  test("its card is withdrawn, and only what the customer writes after that is drafted again", async () => {
    const { ticketId, id } = await office.drafted();
    assert.notEqual(await office.desk.pending(id), null);
    await office.as("dana", "PUT", `/tickets/${ticketId}`, {
      ticket: { status: "solved", assignee_id: office.sandbox.users.bot },
    });
    await office.settle();
    const [card] = [...office.desk.cards.values()];
    assert.match(card?.closing ?? "", /^Withdrawn: Dana .*solved it\.$/);
    assert.deepEqual([await office.desk.pending(id), await office.desk.open(id)], [null, []]);
    await office.mail("ann@customer.test", "And its cord?", { ticketId });
    await office.settle();
    assert.equal((await office.desk.pending(id))?.answers.length, 1);
  });
});

inOffice("a ticket is closed", (office) => {
  const close = async (ticketId: number): Promise<void> => {
    const { dana } = office.sandbox.users;
    const ticket = { status: "closed", assignee_id: dana };
    await office.as("admin", "PUT", `/tickets/${ticketId}`, { ticket });
  };

  test("while an answer is under way: it is refused for good, tried once, and the team is told", async () => {
    const { ticketId, id } = await office.drafted();
    await office.as("lee", "PUT", `/tickets/${ticketId}`, {
      ticket: { assignee_id: office.sandbox.users.bot },
    });
    await office.settle();
    await office.desk.press("approve", id);
    await office.settleWhile(() =>
      office.as("admin", "PUT", `/tickets/${ticketId}`, { ticket: { status: "closed" } }),
    );
    const refused = office.writes().filter(({ status }) => status >= 400);
    assert.equal(refused.length, 1, "the one under way");
    assert.deepEqual(await office.said(ticketId), []);
    assert.deepEqual(await office.desk.open(id), []);
    const alerts = office.desk.alerts().map(({ text }) => text);
    assert.ok(
      alerts.some((text) => /reply failed .*closed/.test(text)),
      alerts.join("\n"),
    );
    const [card] = [...office.desk.cards.values()];
    assert.match(card?.closing ?? "", /Not done: .*closed/);
  });

  test("and answered: the follow-up is a conversation of its own that knows what was said, and none of the state", async () => {
    const heard: string[] = [];
    office.desk.answer(({ history, unread }) => {
      heard.push([...history, ...unread].map(({ text }) => text).join("\n"));
      return replying("It is on its way.");
    });
    const parent = await office.mail("ann@customer.test", "My lamp is broken.");
    await office.settle();
    await office.comment("dana", parent, "We sent you a new one.");
    await office.comment("dana", parent, "She complains a lot.", false);
    await office.as("dana", "PUT", `/tickets/${parent}`, {
      ticket: { tags: ["bot_resume", "deskhand_linked", "vip"] },
    });
    await close(parent);
    await office.settle();
    heard.splice(0);
    const child = await office.mail("ann@customer.test", "It never came.", { ticketId: parent });
    assert.notEqual(child, parent);
    await office.settle();
    const id = await office.conversationOf(child);
    assert.notEqual(id, await office.conversationOf(parent));
    assert.equal(heard.length, 1);
    const [words = ""] = heard;
    assert.match(words, new RegExp(`This conversation follows ticket ${parent}`));
    assert.match(words, /Dana .*: We sent you a new one\./);
    assert.doesNotMatch(words, /complains/);
    const card = await office.desk.pending(id);
    assert.equal(card?.answers.length, 1);
    await office.desk.press("approve", id);
    await office.settle();
    assert.equal((await office.said(child)).length, 1);
    assert.deepEqual((await office.ticket(child)).tags, ["vip"]);
    const last = (await office.audits(child)).at(-1);
    assert.ok(
      last?.events.some(({ type }) => type === "Notification"),
      "the customer is mailed",
    );
    // Taken from us, it is not given back by a tag it was born with.
    await office.as("lee", "PUT", `/tickets/${child}`, {
      ticket: { assignee_id: office.sandbox.users.dana },
    });
    await office.mail("ann@customer.test", "Hello?", { ticketId: child });
    await office.settle();
    assert.equal((await office.said(child)).length, 1);
  });
});

const Me = z.object({ user: z.object({ id: z.number(), name: z.string(), email: z.string() }) });

const assigning = (ticketId: number, taker: { name: string; email: string | null }) =>
  onTicket("assign", ticketId, {
    group: "tier2",
    note: `Needs a person: Taken over by ${taker.name}`,
    triage: { intent: null, language: null, priority: null, reason: null },
    taker,
  });

describe("a conversation that a teammate takes by name", () => {
  const bench = benchForTests();
  let dana: z.infer<typeof Me>["user"];

  before(async () => {
    const { user } = Me.parse(await bench.as("dana", "GET", "/users/me"));
    // People write addresses as they like.
    dana = { ...user, email: user.email.toUpperCase() };
  });

  test("a ticket is assigned to the agent with that address, in a group of theirs", async () => {
    const ticketId = await bench.ask("Where is my lamp?");
    const { name, email } = dana;
    const committed = await bench.channel.commit(
      assigning(ticketId, { name, email }),
      "handover:1",
      signal,
    );
    assert.equal(committed.remark, undefined);
    const { assignee_id, group_id, status } = await bench.ticket(ticketId);
    assert.deepEqual(
      [assignee_id, group_id, status],
      [dana.id, bench.sandbox.groups.tier2, "open"],
    );
  });

  test("a ticket that is opened for a conversation elsewhere is theirs from its first moment", async () => {
    const { name, email } = dana;
    const action = openingTicket({ taker: { name, email } });
    const { ref } = await bench.channel.commit(action, "handover:2", signal);
    assert.equal((await bench.ticket(Number(ref))).assignee_id, dana.id);
  });
});

describe("the ticket of an earlier hand-over that was merged into another", () => {
  const bench = benchForTests();

  for (const [whose, other, continues] of [
    ["the same customer's", "ann@customer.test", true],
    ["another customer's", "bob@customer.test", false],
  ] as const)
    test(`continues there only where it is ${whose}`, async () => {
      const { channel } = bench;
      const { ref } = await channel.commit(openingTicket(), `first ${other}`, signal);
      const into = await bench.mail(other, "Something of my own.");
      await bench.as("admin", "POST", `/tickets/${into}/merge`, { ids: [Number(ref)] });
      const later = openingTicket({ earlier: { externalId: ref, reassign: false } });
      const { ref: place } = await channel.commit(later, `later ${other}`, signal);
      assert.equal(place === String(into), continues);
      assert.notEqual(place, ref, "a ticket that is closed takes nothing");
      const notes = await bench.ours(into);
      assert.equal(notes.length, continues ? 1 : 0);
    });
});

/** Whose ticket it is: a lead takes it, a rule assigns it, it comes back, a teammate answers in passing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { traceText } from "#jobs/decisions/explain-card.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

/** The only write since then is the note for the team that the draft is withdrawn. */
async function onlyWithdrawn(office: Office, ticketId: number, before: number): Promise<void> {
  assert.equal(office.writes().length, before + 1, "no reply, tag or status of ours");
  const last = (await office.ours(ticketId)).at(-1);
  assert.equal(last?.public, false);
  assert.match(last.body, /^Withdrawn: the draft noted here on .* is not sent\. /);
}

function give(office: Office, ticketId: number, ticket: Record<string, unknown>): Promise<unknown> {
  return office.as("lee", "PUT", `/tickets/${ticketId}`, { ticket });
}

/** The last line of the only card there is. */
function closing(office: Office): string {
  const cards = [...office.desk.cards.values()];
  assert.equal(cards.length, 1);
  return cards[0]?.closing ?? "";
}

/** The newest audit that the bot did not write. */
async function lastAudit(office: Office, ticketId: number): Promise<number> {
  const audits = await office.audits(ticketId);
  return audits.findLast(({ author_id: author }) => author !== office.sandbox.users.bot)?.id ?? 0;
}

inOffice("a lead gives a ticket to a person or a group", (office) => {
  test("the draft that waits is withdrawn, with who did it and where that is recorded; a note says so, and nothing else is written", async () => {
    const { ticketId, id } = await office.drafted();
    const before = office.writes().length;
    await give(office, ticketId, { assignee_id: office.sandbox.users.dana });
    const { status, group_id: group } = await office.ticket(ticketId);
    assert.equal(status, "open");
    await office.settle();
    const audit = await lastAudit(office, ticketId);
    assert.match(
      closing(office),
      new RegExp(`Withdrawn: Lee .* assigned it to Dana .*audit ${audit}`),
    );
    assert.match(
      await office.desk.outcome(id),
      /^escalated: Withdrawn: Lee .* assigned it to Dana/,
    );
    await office.mail("ann@customer.test", "And when does it come?", { ticketId });
    await office.settle();
    await onlyWithdrawn(office, ticketId, before);
    assert.equal(
      (await office.ticket(ticketId)).group_id,
      group,
      "the group it came to is left alone",
    );
    const told = await office.desk.parts.store.run((transaction) => traceText(transaction, id));
    assert.equal(told.match(/to human:/g)?.length, 1, "one release, whatever else moved with it");
    assert.match(told, new RegExp(`to human: Lee .* assigned it to Dana .*\\(audit ${audit}\\)`));
  });

  test("while the answer is under way: Zendesk refuses the stale write, and it is not tried again", async () => {
    const { ticketId, id } = await office.drafted();
    await office.desk.press("approve", id);
    await office.settleWhile(() =>
      give(office, ticketId, { assignee_id: office.sandbox.users.dana }),
    );
    // The draft's note, the stale write, and after it only the note that the draft is withdrawn.
    assert.deepEqual(
      office
        .writes()
        .slice(-2)
        .map(({ status }) => status),
      [409, 200],
    );
    assert.deepEqual(await office.said(ticketId), []);
    assert.match(closing(office), /Lee .* assigned it to Dana .*\(audit \d+\)/);
    assert.deepEqual(await office.desk.open(id), []);
  });

  test("a rule that assigns is people having it as well, and is told as what it is", async () => {
    const { ticketId, id } = await office.drafted();
    const { users, groups } = office.sandbox;
    await office.control("POST", "rule-assigns", {
      ticketId,
      assignee: users.dana,
      group: groups.tier2,
      title: "Weekend shift",
    });
    await office.settle();
    assert.match(
      closing(office),
      /it was assigned to Dana .* automatically, by the rule “Weekend shift” \(audit \d+\)/,
    );
    // Only a person gives it back.
    await office.control("POST", "rule-assigns", { ticketId, assignee: null, group: groups.bot });
    await office.mail("ann@customer.test", "Hello?", { ticketId });
    await office.settle();
    assert.deepEqual(await office.said(ticketId), []);
    assert.equal(await office.desk.pending(id), null);
  });

  test("routing that takes what we handed over does not keep the word about it from the customer", async () => {
    office.desk.answer(() =>
      replying("", {
        ending: { kind: "escalate", reason: "unclear", summary: "s", tried: [], delicate: null },
      }),
    );
    const { channel } = office;
    const { users, groups } = office.sandbox;
    const ticketId = await office.mail("ann@customer.test", "Something odd");
    office.desk.connect({
      ...channel,
      async commit(action, key, signal) {
        const done = await channel.commit(action, key, signal);
        // Routing is faster than our sentence to the customer.
        if (action.operation === "assign")
          await office.control("POST", "rule-assigns", {
            ticketId,
            assignee: users.dana,
            group: groups.tier2,
            title: "Omnichannel routing",
          });
        return done;
      },
    });
    await office.settle();
    assert.equal((await office.ticket(ticketId)).assignee_id, users.dana);
    assert.equal((await office.said(ticketId)).length, 1, "that people take over");
    assert.deepEqual(office.desk.alerts(), []);
  });
});

inOffice("a ticket comes back to the bot", (office) => {
  test("by the tag: it reads what was said meanwhile and answers the newest message", async () => {
    const { ticketId, id } = await office.drafted();
    await give(office, ticketId, { assignee_id: office.sandbox.users.dana });
    await office.settle();
    await office.comment("dana", ticketId, "The warehouse burned down, say nothing.", false);
    await office.mail("ann@customer.test", "Is it on its way now?", { ticketId });
    await office.settle();
    assert.equal(await office.desk.pending(id), null, "a note alone hands nothing back");
    const asked: string[][] = [];
    office.desk.answer(({ history, unread }) => {
      asked.push([...history, ...unread].map(({ text, visibility }) => `${visibility}: ${text}`));
      return replying("We will tell you more soon.");
    });
    await give(office, ticketId, { tags: ["bot_resume", "vip"] });
    await office.settle();
    assert.equal(asked.length, 1);
    const [heard = []] = asked;
    assert.ok(heard.includes("internal: The warehouse burned down, say nothing."));
    assert.equal(heard.at(-1), "public: Is it on its way now?");
    await office.desk.press("approve", id);
    await office.settle();
    assert.equal((await office.said(ticketId)).length, 1);
    // The tag has done its work and can be added again.
    assert.ok(!(await office.ticket(ticketId)).tags.includes("bot_resume"));
    assert.ok((await office.ticket(ticketId)).tags.includes("vip"));
  });
});

inOffice("a teammate answers without taking the ticket", (office) => {
  for (const approved of [false, true])
    test(`the draft is withdrawn, ${approved ? "approved already" : "waiting"}, and that message gets no second answer`, async () => {
      const { ticketId, id } = await office.drafted();
      if (approved) await office.desk.press("approve", id);
      const before = office.writes().length;
      await office.comment("dana", ticketId, "It leaves tomorrow, Dana");
      await office.settle();
      assert.deepEqual(await office.said(ticketId), []);
      await onlyWithdrawn(office, ticketId, before);
      assert.match(closing(office), /Withdrawn: Dana .* answered/);
    });
});

inOffice("a teammate asks somebody else about the ticket in a side conversation", (office) => {
  const asking = (ticketId: number): Promise<unknown> =>
    office.control("POST", "side-conversation", {
      ticketId,
      agent: office.sandbox.users.dana,
      subject: "Is there a lamp left?",
    });
  const TOLD = /: Dana .* assigned it to the team, by a side conversation \(audit \d+\)/;

  test("the draft that waits is withdrawn once the ticket is looked at again", async () => {
    const { ticketId } = await office.drafted();
    const before = office.writes().length;
    await asking(ticketId);
    // It has no event of its own; the next one, or the export, has the ticket read.
    await office.comment("dana", ticketId, "I asked the warehouse.", false);
    await office.settle();
    assert.match(closing(office), TOLD);
    assert.deepEqual(await office.said(ticketId), []);
    await onlyWithdrawn(office, ticketId, before);
  });

  test("a reply that was approved already is not sent over it", async () => {
    const { ticketId, id } = await office.drafted();
    await office.desk.press("approve", id);
    await asking(ticketId);
    await office.settle();
    assert.deepEqual(await office.said(ticketId), []);
    assert.match(closing(office), TOLD);
  });
});

/** More than fits: long comments, long tickets and long answers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeTurn } from "#jobs/decisions/explain-card.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { calls, reply } from "#test/agent/play.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { agentUnderTest } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { benchFor } from "#test/zendesk/bench.ts";
import { inOffice } from "#test/zendesk/office.ts";
import { z } from "zod";

const Attached = z.array(
  z.looseObject({ file_name: z.string(), content_type: z.string(), content_url: z.string() }),
);

inOffice("a ticket that is longer than usual", (office) => {
  test("is read to its last page and no further, and what the model is not shown is said", async () => {
    await office.control("PUT", "settings", { alwaysNextLink: true });
    const model = scriptedModel([calls(reply("We look into all of it.", { topic: "other" }))]);
    office.desk.answer((input) => agentUnderTest({ model }).agent.run(input));
    const ticketId = await office.mail("ann@customer.test", `${"My lamp is dark. ".repeat(3_800)}`);
    await office.control("POST", "fill", { ticketId, comments: 300 });
    await office.settle();
    const pages = office.calls().filter(({ path }) => path.includes(`/${ticketId}/comments`));
    assert.deepEqual([pages.length % 4, pages.length > 0], [0, true]);
    const told = model.requests[0]?.messages.at(-1)?.content ?? "";
    assert.match(told, /\(271 older ones of these are left out\.\)/);
    const conversationId = await office.conversationOf(ticketId);
    const [turn] = await office.desk.parts.store.run((transaction) =>
      findTurns(transaction, conversationId),
    );
    assert.ok(turn !== undefined);
    assert.match(describeTurn(turn), /shorten context, \d+ ms: deskhand\.messages_left_out=271/);

    // What was answered stays answered, also the messages that are too old to be looked at every time.
    await office.desk.press("approve", conversationId);
    await office.settle();
    const unread: number[] = [];
    office.desk.answer((input) => {
      unread.push(input.unread.length);
      return replying("It is on its way.");
    });
    await office.mail("ann@customer.test", "Which day will it come?", { ticketId });
    await office.settle();
    assert.deepEqual(unread, [1]);
  });

  test("and takes no more comments goes to people, without a word and without trying on", async () => {
    await office.control("PUT", "settings", { commentsPerTicket: 2 });
    const { ticketId, id } = await office.drafted();
    await office.desk.press("approve", id);
    await office.settle();
    const { bot, groups } = { bot: office.sandbox.users.bot, groups: office.sandbox.groups };
    const ticket = await office.ticket(ticketId);
    assert.deepEqual([ticket.group_id, ticket.assignee_id], [groups.tier2, null]);
    // The note with the draft fitted in; the reply was refused once, and so was the note of the hand-over.
    assert.deepEqual(
      (await office.comments(ticketId)).map(({ author_id: author, public: shown }) => [
        author === bot,
        shown,
      ]),
      [
        [false, true],
        [true, false],
      ],
    );
    assert.deepEqual(
      office.writes().map(({ status }) => status),
      [200, 422, 422, 200],
    );
    await office.settle();
    assert.equal(office.writes().length, 4);
  });

  test("gets an answer that is longer than a comment as a comment and a file, in one update", async () => {
    const text = "😀".repeat(20_000);
    office.desk.answer(() => replying(text));
    const ticketId = await office.mail("ann@customer.test", "Tell me everything.");
    await office.settle();
    const approved = [...office.desk.cards.values()].at(-1)?.draft?.text ?? "";
    assert.ok(approved.includes(text));
    await office.desk.press("approve", await office.conversationOf(ticketId));
    await office.settle();
    const { bot } = office.sandbox.users;
    const answers = (await office.comments(ticketId)).filter(
      ({ author_id: author, public: shown }) => author === bot && shown,
    );
    assert.equal(answers.length, 1);
    const [answer] = answers;
    const body = answer?.body ?? "";
    assert.ok(Buffer.byteLength(body) <= 64_000 && body.isWellFormed());
    const [file] = Attached.parse(answer?.["attachments"]);
    assert.deepEqual(
      [file?.file_name, file?.content_type],
      ["answer.txt", "text/plain; charset=utf-8"],
    );
    const rest = await (await fetch(file?.content_url ?? "")).text();
    // Nothing of what was approved is missing, and nothing is there twice.
    assert.equal(body.replace("\n\n[… answer.txt]", "") + rest, approved);
    assert.ok(Buffer.byteLength(approved) > 80_000);
  });
});

describe("a ticket with 5,000 comments", () => {
  test("is read whole, once each", async (context) => {
    const { ask, control, read, calls } = await benchFor(context);
    const ticketId = await ask("Where is my lamp?");
    await control("POST", "fill", { ticketId, comments: 4_999 });
    const before = calls();
    const { messages } = await read(ticketId);
    assert.equal(new Set(messages.map(({ key }) => key)).size, 5_000);
    // The ticket, 50 pages of comments, 50 of audits, and the people.
    assert.equal(calls() - before, 102);
  });
});

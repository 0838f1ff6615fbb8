/** Who the customer of a ticket is, and who else writes on it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "#core/contracts/policy.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { loadConversation, type ConversationState } from "#store/conversations/conversations.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { ORGANIZATION } from "#sandbox/zendesk/records/ticket-model.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

/** What the agent was given, newest last; it answers with the same words each time. */
function listen(office: Office, text = "It is in the warehouse."): TurnInput[] {
  const inputs: TurnInput[] = [];
  office.desk.answer((input): TurnResult => {
    inputs.push(input);
    return replying(text);
  });
  return inputs;
}

async function stateOf(office: Office, ticketId: number): Promise<ConversationState> {
  const id = await office.conversationOf(ticketId);
  const state = await office.desk.parts.store.run((transaction) =>
    loadConversation(transaction, id),
  );
  assert.ok(state);
  return state;
}

const lose = (office: Office) => office.control("POST", "webhook-faults", { drop: 20 });
const annCopying = { cc: ["bob@elsewhere.test"] };
const auto: Partial<Policy> = { replyAutonomy: () => "auto" };

inOffice("who the customer of a ticket is", (office) => {
  test("one in copy is answered with a person's yes only, and the turn is told that others read along", async () => {
    office.desk.rule(auto);
    const inputs = listen(office);
    const alone = await office.ask("Where is 456?");
    await office.settle();
    assert.equal((await office.said(alone)).length, 1, "replies go out by themselves here");
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?", annCopying);
    await office.settle();
    const before = (await office.said(ticketId)).length;
    await office.mail("bob@elsewhere.test", "And what did she pay?", { ticketId });
    await office.settle();
    assert.deepEqual(
      inputs.map(({ audience, unread }) => [audience, unread.at(-1)?.identity.level]),
      [
        ["private", 2],
        ["shared", 1],
        ["shared", 0],
      ],
    );
    assert.equal((await office.said(ticketId)).length, before, "Bob's words wait for a person");
    await office.desk.press("approve", await office.conversationOf(ticketId));
    await office.settle();
    assert.equal((await office.said(ticketId)).length, before + 1);
  });

  test("a stranger's mail into a ticket is seen by the team alone and leads to nothing", async () => {
    const inputs = listen(office);
    const ticketId = await office.ask("Where is 456?");
    await office.settle();
    const { length } = office.writes();
    await office.mail("eve@nowhere.test", "Send it to me instead", { ticketId });
    await office.settle();
    assert.equal((await office.comments(ticketId)).at(-1)?.public, false);
    assert.deepEqual([inputs.length, office.writes().length], [1, length]);
  });

  test("when an agent makes another person the requester, the draft is made anew without any customer's data", async () => {
    const inputs = listen(office);
    const ticketId = await office.ask("Where is 456?");
    await office.settle();
    const id = await office.conversationOf(ticketId);
    const first = await office.desk.pending(id);
    const ticket = { requester_id: office.sandbox.users.bob };
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
    await office.settle();
    const second = await office.desk.pending(id);
    assert.deepEqual([first?.version, second?.version], [1, 2]);
    assert.notEqual(first?.revision, second?.revision);
    assert.deepEqual(
      inputs.map(({ audience, unread }) => [audience, unread.at(-1)?.identity.level]),
      [
        ["private", 2],
        ["shared", 0],
      ],
    );
    assert.equal(
      (await stateOf(office, ticketId)).participants.customer,
      `zendesk:user:${office.sandbox.users.bob}`,
    );
    await office.comment("bob", ticketId, "Where is 1001?");
    await office.settle();
    const newest = inputs.at(-1);
    assert.deepEqual([newest?.audience, newest?.unread.at(-1)?.identity.level], ["private", 2]);
    assert.deepEqual(
      newest?.history.map(({ text }) => text),
      [],
      "Bob hears nothing of what was Ann's",
    );
  });

  for (const sharedTickets of [true, false])
    test(`a ticket of an organisation whose people ${sharedTickets ? "" : "do not "}see each other's is answered to ${sharedTickets ? "all of them" : "its customer alone"}`, async () => {
      office.desk.rule(auto);
      await office.control("PUT", "settings", { sharedTickets });
      const inputs = listen(office);
      const ticketId = await office.ask("Where is 456?");
      const ticket = { organization_id: ORGANIZATION.id };
      await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
      await office.settle();
      assert.equal(inputs.at(-1)?.audience, sharedTickets ? "shared" : "private");
    });

  test("when an organisation begins to share its tickets after the yes, nothing meant for one alone goes out", async () => {
    listen(office);
    const ticketId = await office.ask("Where is 456?");
    const ticket = { organization_id: ORGANIZATION.id };
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
    await office.settle();
    const id = await office.conversationOf(ticketId);
    await office.desk.press("approve", id);
    await office.control("PUT", "settings", { sharedTickets: true });
    await office.settle();
    assert.deepEqual(await office.said(ticketId), []);
    const card = await office.desk.pending(id);
    assert.match(JSON.stringify(card?.proposal?.actions[0]), /"audience":"shared"/);
  });

  for (const [what, ticket] of [
    [
      "passed to another customer",
      (office_: Office) => ({ requester_id: office_.sandbox.users.bob }),
    ],
    ["got a reader", () => ({ email_ccs: [{ user_email: "bob@elsewhere.test" }] })],
  ] as const)
    test(`a ticket that ${what} after the yes, which no event told of, gets nothing that was meant for the one before`, async () => {
      listen(office);
      const ticketId = await office.ask("Where is 456?");
      await office.settle();
      const id = await office.conversationOf(ticketId);
      await office.desk.press("approve", id);
      await lose(office);
      await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: ticket(office) });
      await office.settle();
      assert.deepEqual(await office.said(ticketId), []);
      const card = await office.desk.pending(id);
      const [reply] = card?.proposal?.actions ?? [];
      assert.match(
        JSON.stringify(reply),
        /"audience":"shared"/,
        "a new draft for all participants waits",
      );
    });
});

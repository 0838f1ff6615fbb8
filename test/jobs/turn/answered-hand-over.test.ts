/** One message answers what is known and says that people take the rest; the team learns what is open. */
import assert from "node:assert/strict";
import { caseHeads } from "#store/conversations/conversations.ts";
import { beforeEach, test } from "node:test";
import { CreateTicketArguments } from "#core/values/action.ts";
import { withPeople } from "#store/console/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const ANSWER = "Your order 456 is being prepared.";
const OPEN = "Can it be engraved?";

onDesk("a hand-over with an answer", (bench) => {
  beforeEach(() =>
    bench.answer(() =>
      replying("", {
        topic: "order_status",
        ending: {
          kind: "escalate",
          reason: "engraving",
          summary: "Ann wants order 456 engraved.",
          tried: ["get_order_status: answered"],
          delicate: null,
          answer: ANSWER,
          unanswered: [OPEN],
        },
      }),
    ),
  );

  const tickets = () =>
    bench.left
      .filter(({ action }) => action.operation === "create_ticket")
      .map(({ action }) => CreateTicketArguments.parse(action.arguments));
  const card = () => [...bench.cards.values()].at(-1);
  const later = async (id: string): Promise<void> => {
    bench.skip(60_000);
    await bench.wake(id);
  };

  test("goes out at once where replies go out alone: one message, and the ticket says what is open", async () => {
    await bench.write("Where is order 456, and can it be engraved?", { channel: "chat" });
    const [told, ...others] = bench.replies();
    assert.deepEqual(others, []);
    assert.match(told ?? "", new RegExp(`${ANSWER}\\n\\nThank you for your message\\..*a person`));
    const [ticket] = tickets();
    assert.match(ticket?.summary ?? "", /Ann wants order 456 engraved\./);
    assert.match(ticket?.summary ?? "", /Not answered: Can it be engraved\?/);
    assert.match(ticket?.summary ?? "", /Told the customer: “Your order 456 is being prepared\./);
  });

  test("from a chat is listed under the name the shop has, not under the id the chat knows", async () => {
    const author = { kind: "requester", id: "chat:u123", name: "u123" } as const;
    const message = { ...ANN_IN_CHAT, author };
    await bench.write("Can it be engraved?", { channel: "chat", message });
    const { rows } = await bench.parts.store.run((transaction) => withPeople(transaction, null));
    assert.deepEqual(
      rows.map(({ customer }) => customer),
      ["Ann Fields"],
    );
  });

  test("from a chat is by that name in alerts and lists too, also after they wrote again", async () => {
    const author = { kind: "requester", id: "chat:u123", name: "u123" } as const;
    const more = { channel: "chat", message: { ...ANN_IN_CHAT, author } } as const;
    const id = await bench.write("Can it be engraved?", more);
    await later(id);
    await bench.write("Is anybody there?", more);
    const named = await bench.parts.store.run(async (transaction) => [
      (await withPeople(transaction, null)).rows[0]?.customer,
      (await caseHeads(transaction, [id])).get(id)?.name,
    ]);
    assert.deepEqual(named, ["Ann Fields", "Ann Fields"]);
  });

  test("waits on a card where replies are drafts, and people take over once it is sent", async () => {
    const id = await bench.write("Where is order 456, and can it be engraved?");
    assert.deepEqual([bench.replies(), tickets()], [[], []]);
    assert.match(card()?.draft?.text ?? "", /is being prepared\.\n\nThank you[^]*a person/);
    assert.ok(flagTexts(card()).includes("People take over once this is sent: engraving"));
    assert.ok(flagTexts(card()).includes(`Not answered: ${OPEN}`));
    await bench.press("approve", id);
    await later(id);
    assert.equal(bench.replies().length, 1);
    const [ticket, ...others] = tickets();
    assert.deepEqual(others, []);
    assert.match(
      ticket?.summary ?? "",
      /Summary: Ann wants order 456 engraved\.[^]*Not answered: Can it/,
    );
    assert.match(ticket?.summary ?? "", /Told the customer: “[^”]*being prepared/);
    assert.doesNotMatch(ticket?.summary ?? "", /drafted and not sent/);
    assert.deepEqual(await bench.open(id), []);
    await bench.write("Hello?");
    assert.equal(bench.replies().length, 1, "people answer now");
  });

  test("does not hand over twice when its reply is done twice over, nor before it is done", async () => {
    const id = await bench.write("Where is order 456, and can it be engraved?");
    await bench.press("approve", id);
    await bench.wake(id);
    assert.deepEqual(tickets(), [], "the undo time is not over");
    await later(id);
    await later(id);
    await bench.tick();
    assert.equal(tickets().length, 1);
  });

  test("that nobody sends is handed over as ever, with the answer as a draft", async () => {
    const id = await bench.write("Where is order 456, and can it be engraved?");
    await bench.press("escalate", id);
    await later(id);
    assert.match(tickets()[0]?.summary ?? "", /Not answered: Can it be engraved\?/);
    assert.match(tickets()[0]?.summary ?? "", /drafted and not sent: /);
    assert.equal(bench.replies().filter((text) => text.includes(ANSWER)).length, 0);
  });

  test("is a draft for the team where the channel only watches", async () => {
    bench.rule({ replyAutonomy: () => "shadow" });
    await bench.write("Where is order 456, and can it be engraved?");
    assert.deepEqual(bench.replies(), []);
    assert.match(tickets()[0]?.summary ?? "", /drafted and not sent: Your order 456/);
  });
});

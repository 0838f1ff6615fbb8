/** Past tickets are read from lines and from conversations, and what people did from what there is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "#core/values/message.ts";
import { ticketToRehearse, ticketsInLines } from "#jobs/rehearsal/past-tickets.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";

const LINE = {
  id: "1",
  customer: "Ann@Customer.test",
  messages: [{ by: "customer", name: "Ann", text: "Where is it?", at: "2026-10-05T10:00:00.000Z" }],
  answer: { by: "Sam", text: "On its way.", at: "2026-10-05T11:00:00.000Z" },
};

test("a line needs little, each bad line is named with field and reason, and the rest goes on", () => {
  const text = [
    JSON.stringify(LINE),
    "",
    "{",
    JSON.stringify({ ...LINE, id: "2", answer: { by: "Sam", text: "", at: "yesterday" } }),
    JSON.stringify(LINE),
    JSON.stringify({ ...LINE, id: "3", messages: [{ ...LINE.messages[0], by: "team" }] }),
    JSON.stringify({ ...LINE, id: "4", actions: [], identityAssumed: false }),
    JSON.stringify(pastTicket({ id: "5", identityAssumed: false })),
  ].join("\n");
  const { tickets, leftOut } = ticketsInLines(text);
  assert.deepEqual(
    tickets.map(({ id, customer, identityAssumed, actions }) => [
      id,
      customer,
      identityAssumed,
      actions?.length,
    ]),
    [
      ["1", "ann@customer.test", true, undefined],
      ["4", "ann@customer.test", true, 0],
      ["5", "ann@customer.test", false, 1],
    ],
  );
  assert.deepEqual(
    leftOut.map((line) => line.replace(/(: \S+: \w+).*/, "$1")),
    [
      "line 3: is no JSON",
      "line 4: answer.text: Too",
      "line 5: a second ticket 1",
      "line 6: messages: the",
    ],
  );
  assert.match(leftOut[1] ?? "", /answer\.at: /);
});

describe("a conversation", () => {
  const message = (kind: Message["author"]["kind"], text: string, more: object = {}) => ({
    author: { kind, id: `${kind}:1`, name: kind },
    visibility: "public" as const,
    text,
    sentAt: "2026-10-05T10:00:00.000Z",
    identity: pastTicket().identity,
    ignore: null,
    ...more,
  });
  const read = (...messages: ReturnType<typeof message>[]) =>
    ticketToRehearse({
      id: "7",
      link: "",
      channel: "zendesk",
      brand: "",
      subject: "Lamp",
      customer: "Ann@customer.test",
      identityAssumed: false,
      messages,
    });

  test("ends with the first public answer of a person; notes, bulk and the bot are no answer", () => {
    const ticket = read(
      message("requester", "Broken."),
      message("requester", "Out of office", { ignore: "auto-reply" }),
      message("bot", "A person will look."),
      message("teammate", "refund it?", { visibility: "internal" }),
      message("teammate", "Refunded."),
      message("teammate", "Anything else?"),
    );
    assert.ok("answer" in ticket);
    assert.equal(ticket.answer.text, "Refunded.");
    assert.deepEqual(
      ticket.messages.map(({ by, text }) => [by, text]),
      [
        ["customer", "Broken."],
        ["team", "A person will look."],
      ],
    );
  });
});

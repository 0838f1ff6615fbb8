/** What the team and the customer are told when a turn hands over, and in a chat after it. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CreateTicketArguments } from "#core/values/action.ts";
import { NO_SUMMARY } from "#core/contracts/agent.ts";
import { handOverSummary } from "#jobs/handoff/messages.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { caseHeads } from "#store/conversations/conversations.ts";
import { ANN_IN_CHAT, stranger } from "#test/jobs/customers.ts";
import { flagTexts } from "#test/support/flag-texts.ts";
import { findTurns } from "#store/conversations/traces.ts";

const FACTS = {
  name: "Bob Marsh",
  channel: "email",
  topic: "refund",
  subject: "Laptop",
  messageCount: 3,
  words: "",
  isModelsOwn: false,
  orders: ["Order 1001 · laptop · paid 900.00 USD · delivered 16 Nov · nothing refunded"],
  unanswered: [],
  told: "",
};

test("without a summary of the model's it is composed; the model's own stands in its place", () => {
  assert.equal(
    handOverSummary(FACTS),
    [
      "Bob Marsh wrote by email about a refund, subject “Laptop”, 3 messages without an answer.",
      "The shop says: Order 1001 · laptop · paid 900.00 USD · delivered 16 Nov · nothing refunded",
      "Promised to the customer: nothing.",
    ].join("\n"),
  );
  const own = handOverSummary({
    ...FACTS,
    words: "Bob wants 100 of 900 back.",
    isModelsOwn: true,
    told: "A person answers.",
  });
  assert.match(own, /^Bob wants 100 of 900 back\.\nThe shop says: /);
  assert.match(own, /Told the customer: “A person answers\.”$/);
});

onDesk("a hand-over", (bench) => {
  const summary = (): string => {
    const [made] = bench.made("create_ticket");
    return CreateTicketArguments.parse(made?.action.arguments).summary;
  };
  const handingOver = () =>
    bench.answer(() => replying("", { ending: escalating("unclear", { summary: NO_SUMMARY }) }));

  test("is needless where the customer took all of it back: no ticket, no word, and the card goes", async () => {
    const id = await bench.write("How long can I return it?");
    assert.notEqual(await bench.pending(id), null);
    const before = bench.left.length;
    bench.answer(() => replying("", { ending: escalating("nothing", { needless: "settled" }) }));
    await bench.write("Never mind, I found it.");
    assert.equal(await bench.pending(id), null);
    assert.deepEqual(
      bench.left.slice(before).filter(({ action }) => action.operation !== "alert"),
      [],
    );
    // Of the question or of what took it back: both turns are of one moment.
    assert.match(await bench.outcome(id), /^ignored: .*\b(?:took it back|taken back)\b/);
    for (const asking of [
      "Forget it. Where is the other one?",
      "FORGET IT!!! You are useless!!!",
    ]) {
      bench.answer(() => replying("30 days."));
      await bench.write("How long can I return it?", { thread: asking });
      bench.answer(() => replying("", { ending: escalating("nothing", { needless: "settled" }) }));
      const other = await bench.write(asking, { thread: asking });
      assert.match(await bench.outcome(other), /^escalated/, asking);
    }
  });

  test("is needed where what is taken back was approved already", async () => {
    const id = await bench.write("I want to return it.");
    assert.equal((await bench.press("approve", id)).accepted, true);
    bench.answer(() => replying("", { ending: escalating("nothing", { needless: "settled" }) }));
    await bench.write("Never mind, I found it.");
    assert.ok(bench.left.some(({ action }) => action.operation === "create_ticket"));
  });

  test("tells the orders of a proven customer, those they name first, also when nothing was looked up", async () => {
    handingOver();
    await bench.write("asdf order 789 asdf");
    assert.match(
      summary(),
      /Summary: Ann Fields wrote by email about a refund, subject “Headphones”\./,
    );
    assert.match(summary(), /The shop says: Order 789 · .* paid 120\.00 USD/);
    assert.doesNotMatch(summary(), /The customer wrote|asdf/);
    assert.match(summary(), /Told the customer: “/);
  });

  test("names the files the customer sent, a few of many, without what a name must not show", async () => {
    handingOver();
    const photo = (name: string) => ({ name, mediaType: "image/jpeg", bytes: 9 });
    const named = ["lamp.jpg", "my\nNeeds a person: pay.jpg", "a", "b", "c", "d", "e", "f"];
    await bench.write("It leaks, see the pictures.", {
      message: { attachments: named.map(photo) },
    });
    assert.match(
      summary(),
      /^Sent with it: 8 photos: lamp\.jpg, my Needs a person: pay\.jpg, a, b, c and 3 more$/m,
    );
    assert.doesNotMatch(summary(), /^Needs a person: pay/m);
  });

  test("tells nothing of the shop's about a writer who proved nothing", async () => {
    bench.bindTo(stranger({ level: 1, emailOnFile: "ann@customer.test", reason: "claimed" }));
    handingOver();
    await bench.write("order 789 please");
    assert.doesNotMatch(summary(), /The shop says/);
  });
});

const ANSWER = "Your order 456 is being prepared.";

const OPEN = "Can it be engraved?";

onDesk("a hand-over with an answer", (bench) => {
  beforeEach(() =>
    bench.answer(() =>
      replying("", {
        topic: "order_status",
        ending: escalating("engraving", {
          summary: "Ann wants order 456 engraved.",
          tried: ["get_order_status: answered"],
          answer: ANSWER,
          unanswered: [OPEN],
        }),
      }),
    ),
  );

  const tickets = () =>
    bench.made("create_ticket").map(({ action }) => CreateTicketArguments.parse(action.arguments));
  const card = () => [...bench.cards.values()].at(-1);
  const later = async (id: string): Promise<void> => {
    bench.skip(60_000);
    await bench.wake(id);
  };

  /** Customers of the cases that people have, as the inbox names them. */
  const withPeople = async () =>
    (await bench.listed("people")).map((row) => row.kind === "case" && row.about.name);

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

  test("from a chat is by that name in alerts and lists too, also after they wrote again", async () => {
    const author = { kind: "requester", id: "chat:u123", name: "u123" } as const;
    const more = { channel: "chat", message: { ...ANN_IN_CHAT, author } } as const;
    const id = await bench.write("Can it be engraved?", more);
    await later(id);
    await bench.write("Is anybody there?", more);
    const heads = await bench.at(caseHeads, [id]);
    assert.deepEqual([...(await withPeople()), heads.get(id)?.name], ["Ann Fields", "Ann Fields"]);
  });

  test("waits on a card where replies are drafts, and people take over once it is sent", async () => {
    const id = await bench.write("Where is order 456, and can it be engraved?");
    assert.deepEqual([bench.replies(), tickets()], [[], []]);
    assert.match(card()?.draft?.text ?? "", /is being prepared\.\n\nThank you[^]*a person/);
    assert.ok(flagTexts(card()).includes("People take over once this is sent: engraving"));
    assert.ok(flagTexts(card()).includes(`Not answered: ${OPEN}`));
    await bench.press("approve", id);
    await bench.wake(id);
    assert.deepEqual(tickets(), [], "the undo time is not over");
    await later(id);
    await later(id);
    await bench.tick();
    assert.equal(bench.replies().length, 1);
    const [ticket, ...others] = tickets();
    assert.deepEqual(others, []);
    assert.match(
      ticket?.summary ?? "",
      /Summary: Ann wants order 456 engraved\.[^]*Not answered: Can it/,
    );
    assert.match(ticket?.summary ?? "", /Told the customer: “[^”]*being prepared/);
    assert.doesNotMatch(ticket?.summary ?? "", /drafted and not sent|done:/);
    assert.deepEqual(await bench.open(id), []);
    await bench.write("Hello?");
    assert.equal(bench.replies().length, 1, "people answer now");
  });

  test("waits for a person where it does something as well: both are done, then people take over", async () => {
    bench.answer(() =>
      replying("", {
        actions: [refundOf(500, { decision: { verdict: "allow" } })],
        ending: escalating("engraving", { summary: "Engrave it.", answer: ANSWER }),
      }),
    );
    const id = await bench.write("Refund 5.00 of order 789 and engrave it.", { channel: "chat" });
    assert.deepEqual([bench.replies(), tickets(), bench.made("refund").length], [[], [], 0]);
    await bench.press("approve", id);
    await later(id);
    await later(id);
    assert.equal(bench.replies().length, 1);
    assert.equal(bench.made("refund").length, 1);
    assert.equal(tickets().length, 1);
    assert.match(tickets()[0]?.summary ?? "", /^- done: Refund 5\.00 USD, order 789$/m);
    assert.doesNotMatch(tickets()[0]?.summary ?? "", /proposed: |not done: /);
  });

  test("waits for a person, marked, where something is said against it", async () => {
    const findings = [
      { kind: "unbacked", words: "is being prepared", reason: "no source says it" },
    ];
    bench.answer(() => replying("", { findings, ending: escalating("x", { answer: ANSWER }) }));
    const id = await bench.write("Where is 456, and can it be engraved?", { channel: "chat" });
    assert.deepEqual([bench.replies(), tickets()], [[], []]);
    assert.match(flagTexts(card()).join("\n"), /no source says it/);
    await bench.press("approve", id);
    await later(id);
    assert.deepEqual([bench.replies().length, tickets().length], [1, 1]);
  });

  for (const [where, autonomy, message] of [
    ["nothing is sent", "shadow", {}],
    ["there is no place to answer at", "auto", { answerTo: null }],
  ] as const)
    test(`says what stays undone where ${where}`, async () => {
      bench.rule({ replyAutonomy: () => autonomy });
      bench.answer(() =>
        replying("", {
          actions: [refundOf(500, { decision: { verdict: "allow" } })],
          ending: escalating("engraving", { summary: "Engrave it.", answer: ANSWER }),
        }),
      );
      await bench.write("Refund 5.00 of order 789 and engrave it.", { channel: "chat", message });
      const refunds = bench.made("refund");
      assert.deepEqual([refunds, bench.replies()], [[], []]);
      assert.match(
        tickets()[0]?.summary ?? "",
        /^- not done: Refund 5\.00 USD, order 789$[^]*drafted and not sent: /m,
      );
    });

  test("that nobody sends is handed over as ever, with the answer as a draft", async () => {
    const id = await bench.write("Where is order 456, and can it be engraved?");
    await bench.press("escalate", id);
    await later(id);
    assert.match(tickets()[0]?.summary ?? "", /Not answered: Can it be engraved\?/);
    assert.match(tickets()[0]?.summary ?? "", /drafted and not sent: /);
    assert.equal(bench.replies().filter((text) => text.includes(ANSWER)).length, 0);
  });

  test("fits a note however long the draft was that nobody sent", async () => {
    bench.answer(() => replying("word ".repeat(6_000)));
    const id = await bench.write("Where is order 456, and can it be engraved?");
    await bench.press("escalate", id);
    await later(id);
    assert.match(tickets()[0]?.summary ?? "", /not sent: Hello.*word…\n\nEverything .*http/s);
  });
});

onDesk("a chat that was handed over", (bench) => {
  beforeEach(() =>
    bench.answer(() => replying("", { ending: escalating("unclear", { wantsPerson: true }) })),
  );
  const chat = (text: string, more = {}) =>
    bench.write(text, { channel: "chat", message: { ...ANN_IN_CHAT, ...more } });
  const PASSED_ON = /I have passed it on to our team, and a person will get back to you\./;

  test("answers another question by saying that the team has it too, each time, and is silent once a teammate has written there", async () => {
    const id = await chat("Can it be engraved?");
    assert.equal(bench.replies().length, 1);
    const [turn] = await bench.at(findTurns, id);
    assert.equal(turn?.asked_for_person, true);
    bench.skip(60_000);
    await chat("And where is my order 456?");
    bench.skip(60_000);
    await chat("Is anybody there?");
    assert.equal(bench.replies().length, 3);
    for (const text of bench.replies()) assert.match(text, PASSED_ON);
    bench.skip(120_000);
    await chat("Yes, it can. Which name?", {
      author: { kind: "teammate", id: "slack:U1", name: "Lea" },
      answerTo: null,
    });
    bench.skip(60_000);
    await chat("Ann, please.");
    assert.equal(bench.replies().length, 3);
  });

  test("by mail nothing is told again: there no customer waits in front of a window", async () => {
    await bench.write("Can it be engraved?");
    bench.skip(60_000);
    await bench.write("And where is my order 456?");
    assert.equal(bench.replies().length, 1);
  });
});

/** Who has a conversation after a card ended by a person's no, and after a press on an alert or a list. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AssignArguments, CreateTicketArguments } from "#core/values/action.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { customerCalled, teammate } from "#test/jobs/customers.ts";
import { AlertedCase } from "#core/values/alert.ts";
import type { DecisionButton } from "#core/contracts/approval-desk.ts";
import { sql } from "#store/db/drizzle.ts";

const SAM = { name: "sam", email: "sam@ourshop.test" };

onDesk("taking over", (bench) => {
  beforeEach(() => bench.answer(() => replying("It is on its way.")));

  const owner = (id: string) => bench.at(loadConversation, id);
  const outcomes = async (id: string) =>
    (await bench.at(conversationMessages, id)).map(({ outcome }) => outcome);
  const card = () => [...bench.cards.values()].at(-1);
  const undo = async (id: string, approvalId = card()?.approvalId ?? "") => {
    const shown = [...bench.cards.values()].findLast((one) => one.approvalId === approvalId);
    assert.ok(shown, id);
    return bench.decide(approvalId, "undo", {
      version: shown.version,
      teammate: teammate(SAM.email),
    });
  };
  /** What a click on it began happens after the undo time. */
  const settle = async (): Promise<void> => {
    await bench.pass(bench.parts.policy.undoMs + 1_000, 2);
  };
  const handedOver = () =>
    bench.left.find(({ action }) => ["assign", "create_ticket"].includes(action.operation))?.action;

  test("a ticket is assigned to the teammate who takes over, and nothing of ours goes out", async () => {
    const id = await bench.write("Where is it?", { channel: "zendesk", thread: "7" });
    await bench.press("take_over", id);
    await settle();
    const assigned = AssignArguments.parse(handedOver()?.arguments);
    assert.deepEqual(assigned.taker, SAM);
    assert.match(assigned.note, /Needs a person: Taken over by sam/);
    assert.equal(card()?.closing, "Taken over by sam · 10:00:00 UTC");
    assert.equal((await owner(id))?.owner, "human");
    assert.deepEqual(bench.replies(), []);
  });

  test("a reason alone is what is wrong, whatever it begins with", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("reject", id, undefined, { reason: "I answered that last week" });
    assert.match(await bench.outcome(id), /^escalated: Rejected: I answered that last week/);
    bench.bindTo(customerCalled("bob"));
    const known = await bench.write("Where is it?", { thread: "t2" });
    await bench.press("reject", known, undefined, { rejection: "i_answer", reason: "I know them" });
    assert.match(card()?.closing ?? "", /^Rejected, sam answers: I know them · sam · /);
  });

  test("a person who is no agent there is told that the ticket is with the group", async () => {
    const { parts } = bench;
    const zendesk = parts.targets.get("zendesk");
    assert.ok(zendesk);
    bench.replace({
      ...zendesk,
      commit: async (...given) => ({
        ...(await zendesk.commit(...given)),
        remark: "sam is no agent there, so the ticket is with the group.",
      }),
    });
    const id = await bench.write("Where is it?");
    await bench.press("take_over", id);
    await settle();
    const [told] = bench.alerts(/^sam is no agent there/);
    assert.deepEqual(told?.people, ["sam@ourshop.test"]);
  });

  test("for the undo time the card says what was done and when it takes effect, and nothing happens yet", async () => {
    for (const [button, words] of [
      ["escalate", "Escalated by sam"],
      ["take_over", "Taken over by sam"],
    ] as const) {
      const id = await bench.write("Where is it?", { thread: button });
      await bench.press(button, id);
      assert.deepEqual(
        [card()?.state, card()?.buttons, card()?.closing],
        ["undoable", ["undo"], `${words} · 10:00:00 UTC. It takes effect at 10:00:05 UTC.`],
      );
      assert.equal(handedOver(), undefined);
      assert.deepEqual(bench.replies(), []);
      assert.equal((await owner(id))?.owner, "human");
      await undo(id);
    }
  });

  test("undo gives the conversation back to the bot as it was, and the same card can be approved", async () => {
    const id = await bench.write("Where is it?");
    const before = await owner(id);
    await bench.press("escalate", id);
    assert.equal(await bench.outcome(id), "escalated: Escalated by sam");
    assert.equal((await undo(id)).accepted, true);
    const after = await owner(id);
    assert.deepEqual([after?.owner, after?.revision], ["bot", before?.revision]);
    assert.deepEqual([after?.handedOverAt, await bench.open(id)], [null, []]);
    assert.deepEqual(await outcomes(id), [null]);
    assert.deepEqual(
      [card()?.state, card()?.version, card()?.changes],
      ["pending", 2, ["sam took the hand-over back."]],
    );
    await bench.press("approve", id);
    await settle();
    assert.equal(bench.replies().length, 1);
    assert.equal(handedOver(), undefined);
    assert.match(await bench.outcome(id), /^answered/);
  });

  test("undo gives the case back to whom it was given before, with the closed period its customer was told of", async () => {
    bench.rule({ closedText: () => "We are back on Monday 09:00." });
    const holder = { name: "Bob", voter: "bob@ourshop.test" };
    for (const [button, closedNoticeUntil] of [
      ["escalate", null],
      ["take_over", new Date("2026-11-19T10:00:00Z")],
    ] as const) {
      const id = await bench.write("Where is it?", { thread: button });
      const ownerReason = { words: "", holder, delicate: null };
      const given = { ownerReason, closedNoticeUntil };
      await bench.at(updateConversation, id, given, bench.now());
      await bench.press(button, id);
      assert.equal((await owner(id))?.owner, "human");
      assert.equal((await undo(id)).accepted, true);
      const after = await owner(id);
      assert.deepEqual(
        [after?.reason.holder, after?.closedNoticeUntil],
        [holder, closedNoticeUntil],
      );
      await settle();
      const kept = sql`select name from setting where name like 'before%'`;
      assert.deepEqual(await bench.column(kept), []);
    }
  });

  test("undo comes too late once the time is over, also where no worker has begun, and after the customer wrote again", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("take_over", id);
    const { approvalId = "" } = card() ?? {};
    bench.skip(bench.parts.policy.undoMs);
    assert.match((await undo(id, approvalId)).message, /^Too late/);
    await settle();
    assert.deepEqual(
      [card()?.state, card()?.closing],
      ["closed", "Taken over by sam · 10:00:00 UTC"],
    );
    assert.ok(handedOver());
    bench.bindTo(customerCalled("bob"));
    const other = await bench.write("Where is it?", { thread: "t2" });
    await bench.press("escalate", other);
    const again = card()?.approvalId ?? "";
    await bench.write("It is urgent", { thread: "t2" });
    assert.match((await undo(other, again)).message, /^Too late/);
    assert.equal((await owner(other))?.owner, "human");
  });

  test("undo comes too late once a case is given to another teammate, whose reason has the same words", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("escalate", id);
    const { approvalId = "" } = card() ?? {};
    const { reason } = (await owner(id)) ?? {};
    assert.ok(reason !== undefined);
    const ownerReason = { ...reason, holder: { name: "lea", voter: "lea@ourshop.test" } };
    await bench.at(updateConversation, id, { ownerReason }, bench.now());
    assert.match((await undo(id, approvalId)).message, /^Too late/);
    assert.equal((await owner(id))?.reason.holder?.name, "lea");
  });

  test("undo comes too late once another teammate has answered or closed the case", async () => {
    const edit = { text: "It comes on Monday.", amount: null };
    const seen = Number.MAX_SAFE_INTEGER;
    for (const button of ["reply", "close"] as const) {
      bench.bindTo(customerCalled(button));
      const id = await bench.write("Where is it?", { thread: button });
      await bench.press("take_over", id);
      const { approvalId = "" } = card() ?? {};
      const more = button === "reply" ? { edit, seen } : { seen };
      const answer = await bench.decide(id, button, more);
      assert.ok(answer.accepted, answer.message);
      assert.match((await undo(id, approvalId)).message, /^Too late/, button);
      assert.equal((await owner(id))?.owner, "human");
      await settle();
    }
    assert.equal(bench.replies().length, 1);
  });

  test("where the customer waits live, a hand-over takes effect at once", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const id = await bench.write("Where is it?", { channel: "chat" });
    await bench.press("escalate", id);
    assert.ok(handedOver());
    assert.equal(card()?.state, "closed");
  });
});

const LONG = `My lawyer will sue you. ${"I want my money back. ".repeat(30)}`;

onDesk("an alert about a case", (bench) => {
  beforeEach(() => {
    bench.answer(() => replying("It is on its way."));
    bench.guard({
      delicate: (messages) =>
        messages.some(({ text }) => text.includes("lawyer"))
          ? { topic: "legal", words: "lawyer" }
          : null,
    });
  });

  const shown = () =>
    bench
      .made("alert")
      .flatMap(({ action: { arguments: given } }) =>
        given["case"] === undefined ? [] : [AlertedCase.parse(given["case"])],
      );
  const owner = (id: string) => bench.at(loadConversation, id);
  const press = async (button: DecisionButton, id: string, who = "lea@ourshop.test") => {
    const answer = await bench.decide(id, button, { teammate: teammate(who) });
    await bench.tick();
    return answer;
  };

  test("says who, about what, the first 200 characters, what they were told, and where it is", async () => {
    const id = await bench.write(LONG, {
      channel: "zendesk",
      thread: "7",
      message: {
        subject: "Last warning",
        author: { kind: "requester", id: "z:9", name: "Bob Marsh" },
      },
    });
    const [about] = shown();
    assert.ok(about !== undefined);
    assert.deepEqual(
      [about.conversationId, about.name, about.subject, about.channel],
      [id, "Bob Marsh", "Last warning", "zendesk"],
    );
    assert.ok(about.words.length <= 200 && about.words.endsWith("…"), about.words);
    assert.ok(LONG.startsWith(about.words.slice(0, -1).trim()));
    assert.match(about.told, /^Told the customer: “.*It is with our team now.*”$/);
    assert.match(about.expects, /^No time was promised\. A reminder comes at 20 Nov \d\d:\d\d/);
    assert.deepEqual(about.link, {
      label: "Ticket #7",
      url: "http://zendesk.test/agent/tickets/7",
    });
    assert.equal(about.canBeTaken, true);
    // What the ledger keeps is what an older version of the desk accepts.
    const [{ text, people } = { text: "", people: [] }] = bench.alerts();
    assert.match(text, /Delicate \(legal\)/);
    assert.deepEqual(people, ["lea@ourshop.test"]);
  });

  test("leaves the customer's words out where the policy says so, and names the next opening while closed", async () => {
    bench.rule({ alertsShowWords: false, closedText: () => "We are back on Monday 09:00." });
    await bench.write("My lawyer will call", { thread: "t1" });
    const [about] = shown();
    assert.equal(about?.words, "");
    assert.equal(about?.expects, "The team is closed: “We are back on Monday 09:00.”");
  });

  test("is taken over once: the ticket gets the name after the undo time, and nobody is reminded", async () => {
    const id = await bench.write("My lawyer will call", { channel: "zendesk", thread: "7" });
    const before = bench.made("assign").length;
    assert.equal((await press("take_over", id, "ned@ourshop.test")).accepted, false);
    const taken = await press("take_over", id);
    assert.deepEqual([taken.accepted, taken.message], [true, "Taken over by lea"]);
    assert.equal(taken.undoMs, bench.parts.policy.undoMs);
    assert.equal(bench.made("assign").length, before);
    assert.match((await press("take_over", id, "sam@ourshop.test")).message, /^lea has this/);
    await bench.pass(bench.parts.policy.undoMs + 1_000);
    const last = AssignArguments.parse(bench.made("assign").at(-1)?.action.arguments);
    assert.deepEqual(last.taker, { name: "lea", email: "lea@ourshop.test" });
    assert.deepEqual((await owner(id))?.reason.holder, { name: "lea", voter: "lea@ourshop.test" });
    assert.equal((await press("undo", id)).accepted, false);
  });

  test("is given back within the undo time, and can be taken by the next one", async () => {
    const id = await bench.write("My lawyer will call", { channel: "zendesk", thread: "7" });
    const before = bench.made("assign").length;
    const held = async () => {
      const { holder, delicate } = (await owner(id))?.reason ?? {};
      return [holder?.name ?? null, delicate];
    };
    assert.deepEqual(await held(), [null, "legal"]);
    await press("take_over", id);
    assert.deepEqual(await held(), ["lea", "legal"], "what it is about stays known");
    assert.equal((await press("undo", id)).message, "Given back to the team.");
    assert.deepEqual(await held(), [null, "legal"]);
    await bench.pass(60_000);
    assert.equal(bench.made("assign").length, before);
    assert.notEqual((await owner(id))?.handedOverAt, null);
    assert.equal((await press("take_over", id, "sam@ourshop.test")).message, "Taken over by sam");
  });

  test("a conversation the bot still has ends its card, or gets a ticket with the teammate's name", async () => {
    bench.bindTo(customerCalled("bob"));
    const id = await bench.write("Where is it?", { thread: "t2" });
    assert.notEqual(await bench.pending(id), null);
    assert.equal((await press("take_over", id)).message, "Taken over by lea");
    assert.equal(await bench.pending(id), null);
    await bench.pass(60_000);
    const [made] = bench.made("create_ticket");
    assert.equal(CreateTicketArguments.parse(made?.action.arguments).taker?.name, "lea");
    assert.deepEqual(bench.replies(), []);
  });

  test("a conversation that waits for nothing but the bot is the teammate's with its open question, which the bot leaves", async () => {
    await bench.pause("all");
    const id = await bench.write("Where is it?", { thread: "t3" });
    assert.equal((await press("take_over", id)).accepted, true);
    await bench.pause("all", false);
    await bench.pass(60_000, 2);
    assert.match(await bench.outcome(id), /^escalated: Taken over by lea/);
    const [made] = bench.made("create_ticket");
    assert.equal(CreateTicketArguments.parse(made?.action.arguments).taker?.name, "lea");
    assert.deepEqual([await bench.pending(id), bench.replies()], [null, []]);
  });
});

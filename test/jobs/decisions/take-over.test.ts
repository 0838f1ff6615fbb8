/** Who has a conversation after a card ended by a person's no. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AssignArguments, CreateTicketArguments } from "#core/values/action.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { customerCalled } from "#test/jobs/customers.ts";

const SAM = { name: "sam", email: "sam@ourshop.test" };

onDesk("taking over", (bench) => {
  beforeEach(() => bench.answer(() => replying("It is on its way.")));

  const owner = (id: string) =>
    bench.parts.store.run((transaction) => loadConversation(transaction, id));
  const outcomes = async (id: string) =>
    (await bench.parts.store.run((transaction) => conversationMessages(transaction, id))).map(
      ({ outcome }) => outcome,
    );
  const card = () => [...bench.cards.values()].at(-1);
  let clicks = 0;
  const undo = async (id: string, approvalId = card()?.approvalId ?? "") => {
    const shown = [...bench.cards.values()].findLast((one) => one.approvalId === approvalId);
    assert.ok(shown, id);
    return deskHandler(bench.parts).decide({
      decisionId: `undo${(clicks += 1)}`,
      approvalId,
      version: shown.version,
      button: "undo",
      teammate: { id: SAM.email, ...SAM, eligible: true },
      reason: "",
      edit: null,
    });
  };
  /** What a click on it began happens after the undo time. */
  const settle = async (): Promise<void> => {
    bench.skip(bench.parts.policy.undoMs + 1_000);
    await bench.tick();
    await bench.tick();
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

  test("a mail's conversation gets a ticket of theirs, and no teammate is reminded of it", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("take_over", id);
    await settle();
    assert.deepEqual(CreateTicketArguments.parse(handedOver()?.arguments).taker, SAM);
    assert.equal((await owner(id))?.handedOverAt, null);
    assert.equal(await bench.outcome(id), "escalated: Taken over by sam");
    assert.deepEqual(bench.replies(), []);
  });

  test("rejecting with “I answer” is the same, and the card says who answers", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("reject", id, undefined, { rejection: "i_answer", reason: "I know them" });
    assert.deepEqual(CreateTicketArguments.parse(handedOver()?.arguments).taker, SAM);
    assert.match(card()?.closing ?? "", /^Rejected, sam answers: I know them · sam · /);
  });

  test("rejecting because no answer is needed ends it", async () => {
    const id = await bench.write("Thanks for the fish");
    await bench.press("reject", id, undefined, { rejection: "no_answer" });
    assert.equal(handedOver(), undefined);
    assert.equal((await owner(id))?.owner, "bot");
    assert.match(await bench.outcome(id), /^rejected: Rejected, no answer needed/);
  });

  test("rejecting for a reason hands it to the group", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("reject", id, undefined, { rejection: "reason", reason: "wrong order" });
    assert.equal(CreateTicketArguments.parse(handedOver()?.arguments).taker, undefined);
    assert.match(card()?.closing ?? "", /^Rejected: wrong order · sam · /);
  });

  test("a reason alone is what is wrong, whatever it begins with", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("reject", id, undefined, { reason: "I answered that last week" });
    assert.match(await bench.outcome(id), /^escalated: Rejected: I answered that last week/);
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
    const [told] = bench.alerts().filter(({ text }) => text.startsWith("sam is no agent there"));
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

  test("where the customer waits live, a hand-over takes effect at once", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const id = await bench.write("Where is it?", { channel: "chat" });
    await bench.press("escalate", id);
    assert.ok(handedOver());
    assert.equal(card()?.state, "closed");
  });

  test("a person without a role takes nothing over", async () => {
    const id = await bench.write("Where is it?");
    const answer = await bench.press("take_over", id, "ned@ourshop.test");
    assert.match(answer.message, /Only support/);
    assert.equal((await bench.pending(id))?.state, "pending");
  });
});

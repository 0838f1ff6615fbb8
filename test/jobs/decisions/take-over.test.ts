/** Who has a conversation after a card ended by a person's no. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AssignArguments, CreateTicketArguments } from "#core/values/action.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { messagesOf } from "#store/conversations/messages.ts";
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
    (await bench.parts.store.run((transaction) => messagesOf(transaction, id))).map(
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

  test("a person without a role takes nothing over", async () => {
    const id = await bench.write("Where is it?");
    const answer = await bench.press("take_over", id, "ned@ourshop.test");
    assert.match(answer.message, /Only support/);
    assert.equal((await bench.pending(id))?.state, "pending");
  });
});

/** What every desk promises, on Slack, on the console and beside a ticket, over the real jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadApproval } from "#store/approvals/approvals.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { onEachDesk, type Shown } from "./desks.ts";

const DRAFT = "We refund your headphones.";

onEachDesk((desk) => {
  const { bench } = desk;
  const asked = async (): Promise<Shown> => {
    bench.answer(() => replying(DRAFT, { actions: [refundOf(12_000)] }));
    const message = await bench.write("They broke.", { channel: "zendesk", thread: "35" });
    return desk.shown(message);
  };
  const row = async ({ approvalId }: Shown) => {
    const found = await bench.at(loadApproval, approvalId);
    assert.ok(found);
    return found;
  };
  const done = async (): Promise<readonly string[]> => {
    await bench.pass(bench.parts.policy.undoMs + 1_000, 2);
    return bench.left
      .map(({ action }) => action.operation)
      .filter((operation) => operation === "refund" || operation === "reply");
  };

  test("shows what happens, why it is asked, and the whole draft", async () => {
    const shown = await asked();
    const text = await desk.text("sam", shown);
    for (const words of ["Refund 120.00 USD", DRAFT, "They broke."])
      assert.ok(text.includes(words), words);
  });

  test("one teammate's Approve carries out what the card says, once", async () => {
    const shown = await asked();
    assert.equal((await desk.press("sam", shown, { button: "approve" })).accepted, true);
    const again = await desk.press("lea", shown, { button: "approve" });
    assert.equal(again.accepted, false);
    assert.match(again.message, /approved already, by /);
    assert.deepEqual(await done(), ["refund", "reply"]);
    const { votes } = await row(shown);
    assert.deepEqual(
      votes.map(({ voter }) => voter),
      ["sam@ourshop.test"],
    );
  });

  test("a person without a role changes nothing", async () => {
    const shown = await asked();
    const before = await row(shown);
    const answer = await desk.press("ned", shown, { button: "approve" });
    assert.equal(answer.accepted, false);
    assert.deepEqual(await row(shown), before);
    assert.deepEqual(await done(), []);
  });

  test("what was edited is what goes out, and an older version is approved by no one", async () => {
    const shown = await asked();
    const text = "Hello Ann,\n\nit is <b>on its way</b> & done.";
    assert.equal((await desk.press("sam", shown, { button: "edit", text })).accepted, true);
    const stale = await desk.press("lea", shown, { button: "approve" });
    assert.equal(stale.accepted, false);
    assert.match(stale.message, /changed meanwhile/);
    const { version } = await row(shown);
    assert.equal(
      (await desk.press("lea", { ...shown, version }, { button: "approve" })).accepted,
      true,
    );
    await done();
    assert.deepEqual(bench.replies(), [text]);
  });

  test("a rejected card does nothing, and the reason is kept with who gave it", async () => {
    const shown = await asked();
    const answer = await desk.press("lea", shown, { button: "reject", text: "Wrong action" });
    assert.equal(answer.accepted, true);
    const { state, votes } = await row(shown);
    assert.equal(state, "rejected");
    assert.deepEqual(
      votes.map(({ voter }) => voter),
      ["lea@ourshop.test"],
    );
    assert.deepEqual(await done(), []);
    assert.match(await desk.text("sam", shown), /Wrong action/);
  });

  test("what was approved is taken back in time, and nothing goes out", async () => {
    const shown = await asked();
    assert.equal((await desk.press("sam", shown, { button: "approve" })).accepted, true);
    assert.equal((await desk.press("sam", shown, { button: "undo" })).accepted, true);
    assert.equal((await row(shown)).state, "pending");
    assert.deepEqual(await done(), []);
  });
});

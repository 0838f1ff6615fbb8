import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ApprovalDesk, DeskDecision } from "#core/contracts/approval-desk.ts";
import { eventually, type Jobs } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { forEachDesk } from "./desk-alone.ts";
import { CHANNELS, USERS, type TestSlack } from "#test/slack/local-slack.ts";

let server: TestSlack;
let desk: ApprovalDesk;
let decisions: DeskDecision[];
let jobs: Jobs;

const signal = new AbortController().signal;

forEachDesk((alone) => {
  ({ server, desk, jobs } = alone);
  ({ decisions } = jobs);
});

const posted = async (): Promise<string> =>
  (await desk.post(refundCard(), "key", signal)).split(":")[1] ?? "";

/** Opens the form behind a button and waits until it can be submitted. */
async function openForm(context: TestContext, ts: string, button: string): Promise<void> {
  const before = server.people.view()?.id;
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, button);
  await eventually(context, () => {
    assert.equal(server.people.view()?.callback_id, button);
    assert.notEqual(server.people.view()?.id, before);
  });
}

test("an edited text and amount arrive as typed", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  const text = "Hello Ann,\n\n<b> & *you*.\n";
  await server.people.submit(USERS.sam, { text, amount: "12,50" });
  assert.deepEqual(decisions[0]?.edit, { text, amount: "12,50" });
  assert.equal(decisions[0]?.button, "edit");
});

test("an empty reply never becomes a decision", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  assert.deepEqual(await server.people.submit(USERS.sam, { text: " \n" }), {
    errors: { text: "The reply must not be empty." },
  });
  assert.deepEqual(decisions, []);
});

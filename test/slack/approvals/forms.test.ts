import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ApprovalDesk, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { SlackMessage } from "#test/support/slack.ts";
import { eventually, recordingJobs, type Jobs } from "#test/slack/bench.ts";
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

const whispers = async (): Promise<readonly SlackMessage[]> =>
  (await server.people.messages(CHANNELS.approvals)).filter(
    ({ subtype }) => subtype === "ephemeral",
  );

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

test("an edit form saved untouched gives the same text and amount", async (context) => {
  jobs.draft = `${"A long line of the draft. ".repeat(130)}\n\n${"b".repeat(4_000)}\n— end`;
  await openForm(context, await posted(), "desk:edit");
  assert.equal(server.people.view()?.blocks.length, 4);
  assert.deepEqual(await server.people.submit(USERS.sam, {}), { accepted: true });
  assert.deepEqual(decisions[0]?.edit, { text: jobs.draft, amount: "120.00" });
  assert.equal(server.people.view(), undefined);
});

test("an edited text and amount arrive as typed", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  const text = "Hello Ann,\n\n<b> & *you*.\n";
  await server.people.submit(USERS.sam, { text, amount: "12,50" });
  assert.deepEqual(decisions[0]?.edit, { text, amount: "12,50" });
  assert.equal(decisions[0]?.button, "edit");
});

test("a part of a long text can be left out", async (context) => {
  jobs.draft = `${"a".repeat(2_990)}\n${"b".repeat(500)}`;
  await openForm(context, await posted(), "desk:edit");
  await server.people.submit(USERS.sam, { "text-2": " - " });
  assert.equal(decisions[0]?.edit?.text, "a".repeat(2_990));
});

test("field errors keep the form open at the field they belong to", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  jobs.answer = () => ({
    accepted: false,
    message: "No.",
    fieldErrors: { amount: "At most 120.00 USD.", text: "Too short." },
  });
  assert.deepEqual(await server.people.submit(USERS.sam, {}), {
    errors: { amount: "At most 120.00 USD.", text: "Too short." },
  });
  assert.equal(server.people.view()?.callback_id, "desk:edit");
});

test("an empty reply never becomes a decision", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  assert.deepEqual(await server.people.submit(USERS.sam, { text: " \n" }), {
    errors: { text: "The reply must not be empty." },
  });
  assert.deepEqual(decisions, []);
});

test("an edit that came too late shows why and keeps what was typed", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  jobs.answer = () => ({ accepted: false, message: "Already approved by Lea Winter at 14:03." });
  await server.people.submit(USERS.sam, { text: "My better words." });
  await eventually(context, () =>
    assert.match(
      JSON.stringify(server.people.view()),
      /Already approved by Lea Winter.*My better words\./,
    ),
  );
  assert.deepEqual(await whispers(), []);
});

test("an edit form that may not be opened says why in its place", async (context) => {
  const ts = await posted();
  await desk.stop();
  const { handler } = recordingJobs();
  const message = "This card has expired.";
  await desk.start({
    ...handler,
    editForm: () => Promise.resolve({ accepted: false, message, fieldErrors: {} }),
  });
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:edit");
  await eventually(context, () =>
    assert.ok(JSON.stringify(server.people.view()).includes(message)),
  );
});

test("a rejection carries its reason and the person's own words", async (context) => {
  await openForm(context, await posted(), "desk:reject");
  assert.deepEqual(await server.people.submit(USERS.sam, {}), {
    errors: { reason: "Choose a reason." },
  });
  for (const note of [" ", "\u200B"])
    assert.deepEqual(await server.people.submit(USERS.sam, { reason: "reason", note }), {
      errors: { note: "Say in a few words what is wrong." },
    });
  await server.people.submit(USERS.sam, { reason: "reason", note: "It was a kettle." });
  assert.equal(decisions[0]?.button, "reject");
  assert.equal(decisions[0]?.rejection, "reason");
  assert.equal(decisions[0]?.reason, "It was a kettle.");
});

test("a decision slower than Slack waits closes the form and is told afterwards", async (context) => {
  await openForm(context, await posted(), "desk:edit");
  let decideNow = (): void => {};
  jobs.answer = () =>
    new Promise((resolve) => {
      decideNow = () => resolve({ accepted: false, message: "Too late." });
    });
  assert.deepEqual(await server.people.submit(USERS.sam, {}), { accepted: true });
  decideNow();
  await eventually(context, async () => assert.equal((await whispers())[0]?.text, "Too late."));
});

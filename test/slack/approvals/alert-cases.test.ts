/** An alert about a case in Slack: who and what first, every word literally, and buttons that say what they did. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKey, type AlertedCase } from "#core/values/alert.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually, inSlack, recordingJobs } from "#test/slack/bench.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ID = "c_0123456789abcdef0123";
const TEXT =
  "Delicate (legal) on email: no draft was made, a person answers. https://desk.test/console#t_1b07563edac27e45a690";

const caseOf = (change: Partial<AlertedCase> = {}): AlertedCase => ({
  conversationId: ID,
  name: "Bob Marsh",
  subject: "Last warning",
  channel: "email",
  words: "If I do not get my money by Friday, my lawyer will write to you.",
  since: "21 Nov 02:05, 10 min ago",
  told: "Told the customer: “It is with our team now.”",
  expects: "No time was promised.",
  link: { label: "Ticket #2", url: "https://ourshop.zendesk.test/agent/tickets/2" },
  canBeTaken: true,
  ...change,
});

const bench = inSlack();

test("one press takes it over for everybody to see; within the undo time it is given back", async (context) => {
  const { desk } = bench.open();
  const { people } = bench.server;
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  const key = alertKey("legal", { conversationId: ID, kind: null });
  const action = {
    target: "desk" as const,
    operation: "alert",
    arguments: { text: TEXT, people: ["lea@ourshop.test"], case: { ...caseOf() } },
  };
  const { ref } = await desk.commit(action, key, AbortSignal.timeout(PATIENCE_MS));
  // The ledger keeps the alert without its case, and finds it all the same.
  const stored = { ...action, arguments: { text: TEXT, people: ["lea@ourshop.test"] } };
  const found = await desk.find(stored, key, AbortSignal.timeout(PATIENCE_MS));
  assert.equal(found.state, "done");
  const ts = ref.split(":")[1] ?? "";
  const message = async () => {
    const [only] = await people.messages(CHANNELS.alerts);
    assert.ok(only !== undefined);
    return { text: shownText(only), json: JSON.stringify(only.blocks) };
  };
  jobs.answer = () => ({ message: "Taken over by Lea Winter", undoMs: 60_000 });
  await people.click(USERS.lea, CHANNELS.alerts, ts, "desk:take_over");
  await eventually(context, async () => {
    const { text, json } = await message();
    assert.match(text, /Taken over by Lea Winter/);
    assert.ok(json.includes("desk:undo") && !json.includes("desk:take_over"), json);
    assert.match(text, /Bob Marsh/);
  });
  assert.deepEqual(
    jobs.decisions.map(({ approvalId, button }) => [approvalId, button]),
    [[ID, "take_over"]],
  );
  jobs.answer = () => ({ message: "Given back to the team." });
  await people.click(USERS.lea, CHANNELS.alerts, ts, "desk:undo");
  await eventually(context, async () => {
    const { text, json } = await message();
    assert.match(text, /Given back to the team/);
    assert.doesNotMatch(text, /Taken over by/);
    assert.ok(json.includes("desk:take_over") && !json.includes("desk:undo"), json);
  });
  jobs.answer = () => ({ message: "Taken over by Sam Ortiz", undoMs: 300 });
  await people.click(USERS.sam, CHANNELS.alerts, ts, "desk:take_over");
  await eventually(context, async () => {
    const { text, json } = await message();
    assert.match(text, /Taken over by Sam Ortiz/);
    assert.ok(!json.includes("desk:undo"), json);
  });
});

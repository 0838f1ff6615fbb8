import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { ApprovalDesk, DeskDecision } from "#core/contracts/approval-desk.ts";
import { buttonsOf, type SlackMessage } from "#test/support/slack.ts";
import { eventually, inSlack, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const bench = inSlack();
let desk: ApprovalDesk;
let decisions: DeskDecision[];
let jobs: Jobs;

const signal = new AbortController().signal;

beforeEach(async () => {
  ({ desk } = bench.open());
  jobs = recordingJobs();
  ({ decisions } = jobs);
  await desk.start(jobs.handler);
});

const approvals = (): Promise<readonly SlackMessage[]> =>
  bench.server.people.messages(CHANNELS.approvals);
const click = (user: string, ts: string): Promise<void> =>
  bench.server.people.click(user, CHANNELS.approvals, ts, "desk:approve");
const whispers = async (): Promise<readonly SlackMessage[]> =>
  (await approvals()).filter(({ subtype }) => subtype === "ephemeral");

const posted = async (change: Parameters<typeof refundCard>[0] = {}): Promise<string> =>
  (await desk.post(refundCard(change), "key", signal)).split(":")[1] ?? "";

test("a posted card is in the approvals channel, and posting it again finds the first", async () => {
  const ref = await desk.post(refundCard(), "key", signal);
  assert.equal(await desk.post(refundCard(), "key", signal), ref);
  const [message, ...more] = await approvals();
  assert.ok(message);
  assert.deepEqual(more, []);
  assert.equal(ref, `${CHANNELS.approvals}:${message.ts}`);
  assert.equal(message.text, refundCard().headline);
  assert.deepEqual(
    buttonsOf(message).map(({ action_id }) => action_id),
    ["desk:approve", "desk:edit", "desk:reject", "desk:escalate", "desk:why"],
  );
});

test("two posts of one card at the same moment are one message", async () => {
  const [one, other] = await Promise.all([
    desk.post(refundCard(), "key", signal),
    desk.post(refundCard(), "key", signal),
  ]);
  assert.equal(one, other);
  assert.equal((await approvals()).length, 1);
});

test("a click arrives as a decision with the person Slack proves", async (context) => {
  const ts = await posted({ version: 2 });
  await click(USERS.sam, ts);
  await eventually(context, () => assert.equal(decisions.length, 1));
  assert.deepEqual(
    { ...decisions[0], decisionId: "" },
    {
      decisionId: "",
      approvalId: "apr_1",
      version: 2,
      button: "approve",
      teammate: {
        id: USERS.sam,
        name: "Sam Ortiz",
        email: "sam@ourshop.test",
        groups: [],
        eligible: true,
      },
      reason: "",
      edit: null,
    },
  );
});

test("two clicks are two decisions with ids of their own, and the loser alone is told", async (context) => {
  const ts = await posted();
  jobs.answer = ({ teammate }) =>
    teammate.id === USERS.lea
      ? { accepted: false, message: "Already approved by Sam <Ortiz> at 14:03." }
      : {};
  await Promise.all([click(USERS.sam, ts), click(USERS.lea, ts)]);
  await eventually(context, async () => assert.equal((await whispers()).length, 1));
  assert.equal(new Set(decisions.map(({ decisionId }) => decisionId)).size, 2);
  const [whisper] = await whispers();
  assert.equal(whisper?.["ephemeral_to"], USERS.lea);
  assert.equal(whisper?.text, "Already approved by Sam &lt;Ortiz&gt; at 14:03.");
});

test("a person Slack does not show us is not eligible", async (context) => {
  const ts = await posted();
  await click("U0STRANGER", ts);
  await eventually(context, () => assert.equal(decisions.length, 1));
  assert.equal(decisions[0]?.teammate.eligible, false);
});

test("a decision that could not be recorded is told, and the button still works afterwards", async (context) => {
  const ts = await posted();
  jobs.answer = () => Promise.reject(new Error("the store is down"));
  await click(USERS.sam, ts);
  await eventually(context, async () => assert.equal((await whispers()).length, 1));
  assert.match((await whispers())[0]?.text ?? "", /try again/);
  jobs.answer = () => ({});
  await click(USERS.sam, ts);
  await eventually(context, () => assert.equal(decisions.length, 2));
});

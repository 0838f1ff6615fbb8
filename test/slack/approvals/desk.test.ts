import assert from "node:assert/strict";
import { test } from "node:test";
import { slack } from "#slack/index.ts";
import type { Action } from "#core/values/action.ts";
import type { ApprovalDesk, DeskDecision } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { buttonsOf, type SlackMessage } from "#test/support/slack.ts";
import { eventually, optionsFor, type Jobs } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { forEachDesk } from "./desk-alone.ts";
import { BOT, CHANNELS, USERS, type TestSlack } from "#test/slack/local-slack.ts";

let server: TestSlack;
let desk: ApprovalDesk;
let decisions: DeskDecision[];
let jobs: Jobs;

const signal = new AbortController().signal;

forEachDesk((alone) => {
  ({ server, desk, jobs } = alone);
  ({ decisions } = jobs);
});

const approvals = (): Promise<readonly SlackMessage[]> =>
  server.people.messages(CHANNELS.approvals);
const tsOf = (ref: string): string => ref.split(":")[1] ?? "";
const whispers = async (): Promise<readonly SlackMessage[]> =>
  (await approvals()).filter(({ subtype }) => subtype === "ephemeral");

const posted = async (change: Parameters<typeof refundCard>[0] = {}): Promise<string> =>
  tsOf(await desk.post(refundCard(change), "key", signal));

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

test("a card goes to the channel of its place, is found and updated there, and to the usual one without a place", async () => {
  const money = CHANNELS.help;
  const { desk: placed } = slack(optionsFor(server.apiUrl, { places: { money } }));
  const card = refundCard({ deskChannel: "money" });
  const ref = await placed.post(card, "key", signal);
  assert.equal(ref.split(":")[0], money);
  assert.equal(await placed.post(card, "key", signal), ref);
  await placed.update(ref, { ...card, state: "closed", closing: "done", buttons: [] }, signal);
  const [shown, ...more] = await server.people.messages(money);
  assert.deepEqual(more, []);
  assert.ok(JSON.stringify(shown?.blocks).includes("done"));
  assert.doesNotMatch(JSON.stringify(shown?.blocks), /no place/);
  assert.deepEqual(await approvals(), []);
  await placed.post(refundCard({ approvalId: "apr_2" }), "key", signal);
  assert.equal((await approvals()).length, 1);
});

test("a card for a channel that is not configured goes to the usual channel and says so, also when it is updated", async () => {
  const card = refundCard({ deskChannel: "money" });
  const ref = await desk.post(card, "key", signal);
  const flag = /There is no place “money” here/;
  assert.match(JSON.stringify(await approvals()), flag);
  await desk.update(ref, { ...card, progress: "1 of 2 approved" }, signal);
  assert.match(JSON.stringify(await approvals()), flag);
});

test("text of the draft that was objected to is marked, and no part of another word or number does", async () => {
  const text = "We sent 5.00 USD, 15.00 USD and 5.00 USDT (see a.b) to a-b.";
  const draft = {
    text,
    to: "ann@customer.test",
    sources: [],
    marks: ["5.00 USD", "5.00", "(see a.b)"],
  };
  await posted({ draft });
  const [message] = await approvals();
  assert.ok(
    JSON.stringify(message?.blocks).includes(
      "We sent «5.00 USD», 15.00 USD and «5.00» USDT «(see a.b)» to a-b.",
    ),
    JSON.stringify(message?.blocks),
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

test("an updated card keeps its place and shrinks to one line when closed", async () => {
  const ref = await desk.post(refundCard(), "key", signal);
  const closing = "approved by Sam Ortiz at 14:03";
  await desk.update(ref, refundCard({ state: "closed", closing, buttons: [] }), signal);
  const [message] = await approvals();
  assert.equal(message?.blocks?.length, 1);
  assert.equal(message?.text, refundCard().headline);
  assert.ok(JSON.stringify(message?.blocks).includes(closing));
});

test("updating a card that is gone is refused, so that it is posted anew", async () => {
  const ref = await desk.post(refundCard(), "key", signal);
  await server.call("chat.delete", { channel: CHANNELS.approvals, ts: tsOf(ref) });
  await assert.rejects(
    desk.update(ref, refundCard(), signal),
    (error) => error instanceof DeskhandError && error.code === "channel.refused",
  );
  assert.notEqual(await desk.post(refundCard(), "key", signal), ref);
});

test("a click arrives as a decision with the person Slack proves", async (context) => {
  const ts = await posted({ version: 2 });
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve");
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
  await Promise.all([
    server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve"),
    server.people.click(USERS.lea, CHANNELS.approvals, ts, "desk:approve"),
  ]);
  await eventually(context, async () => assert.equal((await whispers()).length, 1));
  assert.equal(new Set(decisions.map(({ decisionId }) => decisionId)).size, 2);
  const [whisper] = await whispers();
  assert.equal(whisper?.["ephemeral_to"], USERS.lea);
  assert.equal(whisper?.text, "Already approved by Sam &lt;Ortiz&gt; at 14:03.");
});

test("escalate, dismiss and undo are decisions at once", async (context) => {
  const ts = await posted({ buttons: ["escalate", "dismiss", "undo"] });
  for (const button of ["escalate", "dismiss", "undo"])
    await server.people.click(USERS.sam, CHANNELS.approvals, ts, `desk:${button}`);
  await eventually(context, () => assert.equal(decisions.length, 3));
  assert.deepEqual(decisions.map(({ button }) => button).toSorted(), [
    "dismiss",
    "escalate",
    "undo",
  ]);
});

test("a person Slack does not show us is not eligible", async (context) => {
  const ts = await posted();
  await server.people.click("U0STRANGER", CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, () => assert.equal(decisions.length, 1));
  assert.equal(decisions[0]?.teammate.eligible, false);
});

test("a bot's click is not eligible", async (context) => {
  const ts = await posted();
  await server.people.click(BOT, CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, () => assert.equal(decisions.length, 1));
  assert.equal(decisions[0]?.teammate.eligible, false);
});

test("a button of an older release decides nothing and says so", async (context) => {
  const ts = await posted();
  for (const action of [
    { action_id: "approve_v0", block_id: "x", value: "1" },
    { action_id: "desk:launch", block_id: "x", value: "apr_1:v1" },
    { action_id: "desk:approve", block_id: "x", value: "y".repeat(5_000) },
  ])
    await server.people.clickAnything(USERS.sam, CHANNELS.approvals, ts, action);
  await eventually(context, async () => assert.equal((await whispers()).length, 3));
  assert.deepEqual(decisions, []);
  assert.match((await whispers())[0]?.text ?? "", /older version/);
});

test("a decision that could not be recorded is told, and the button still works afterwards", async (context) => {
  const ts = await posted();
  jobs.answer = () => Promise.reject(new Error("the store is down"));
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, async () => assert.equal((await whispers()).length, 1));
  assert.match((await whispers())[0]?.text ?? "", /try again/);
  jobs.answer = () => ({});
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, () => assert.equal(decisions.length, 2));
});

test("an alert is posted in its own channel, mentions the people meant and no person the text names", async () => {
  const text = "Threat from <!channel> & <@U0NED>";
  await desk.notify(text, ["lea@ourshop.test", "gone@ourshop.test"], "alert-1", signal);
  await desk.notify(text, ["lea@ourshop.test"], "alert-1", signal);
  await desk.notify("Somebody by id", [USERS.sam, "U0NOBODY"], "alert-2", signal);
  const [message, byId, ...more] = await server.people.messages(CHANNELS.alerts);
  assert.deepEqual(more, []);
  assert.equal(byId?.text, `<@${USERS.sam}> Somebody by id`);
  assert.equal(message?.text, `<@${USERS.lea}> Threat from &lt;!channel&gt; &amp; &lt;@U0NED&gt;`);
  const [people, words] = message?.blocks ?? [];
  assert.deepEqual(people?.["text"], { type: "mrkdwn", text: `<@${USERS.lea}>` });
  assert.deepEqual(words?.["text"], { type: "plain_text", text, emoji: false });
});

test("the desk as a target posts an alert once and finds it again; nothing else is supported", async () => {
  const alert: Action = {
    target: "desk",
    operation: "alert",
    arguments: { text: "Look", people: [] },
  };
  assert.deepEqual(await desk.find(alert, "k", signal), { state: "absent" });
  const committed = await desk.commit(alert, "k", signal);
  assert.deepEqual(await desk.commit(alert, "k", signal), committed);
  assert.deepEqual(await desk.find(alert, "k", signal), { state: "done", committed });
  await assert.rejects(
    desk.commit({ ...alert, operation: "refund" }, "k2", signal),
    (error) => error instanceof DeskhandError && error.code === "channel.unsupported",
  );
});

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { BOT, CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess, slackByRequest, type Requested } from "./requests-bench.ts";
import { click, eventBody, payloadBody, saidInHelp, send, submission, typed } from "./signed.ts";

const APPROVE = ["desk:approve", "apr_1:v1"] as const;

let slack: Awaited<ReturnType<typeof slackByRequest>>;
let jobs: Jobs;
let deliveries: Delivery[];
let takeIn: () => Promise<void>;

before(async () => {
  slack = await slackByRequest();
});

beforeEach(async () => {
  jobs = recordingJobs();
  deliveries = [];
  takeIn = () => Promise.resolve();
  slack.log.splice(0);
  await slack.server.people.reset();
  await openBoth(slack);
});

after(() => slack.close());

async function openBoth({ sides }: Requested): Promise<void> {
  await sides.channel.start(async (delivery) => {
    await takeIn();
    deliveries.push(delivery);
  });
  await sides.desk.start(jobs.handler);
}

const whispers = async (): Promise<readonly string[]> =>
  (await slack.server.people.messages(CHANNELS.approvals))
    .filter(({ subtype }) => subtype === "ephemeral")
    .map(shownText);

test("S22 only what Slack signed within five minutes, before or after, comes in", async (context) => {
  const body = click(USERS.sam, ...APPROVE);
  for (const [what, signing] of [
    ["6 minutes old", { offBy: -360 }],
    ["an hour ahead", { offBy: 3_600 }],
    ["6 minutes ahead", { offBy: 360 }],
    ["another secret", { secret: "another" }],
    ["a changed body", { sentBody: `${body}+` }],
    ["no signature", { headers: { "x-slack-signature": "" } }],
    ["half a signature", { headers: { "x-slack-signature": "v0=12" } }],
    ["no time", { headers: { "x-slack-request-timestamp": "now" } }],
  ] as const) {
    const { status, text } = await send(slack.url, "interactions", body, signing);
    assert.equal(status, 401, what);
    assert.ok(!text.includes("apr_1"), what);
  }
  assert.deepEqual(jobs.decisions, []);
  assert.equal((await send(slack.url, "interactions", body, { offBy: -290 })).status, 200);
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
});

test("either of two secrets counts while one is renewed, and an empty one never", async () => {
  const other = await anotherProcess(slack.server.apiUrl, ["the old one", "the new one"]);
  try {
    const body = JSON.stringify({ type: "url_verification", challenge: "abc" });
    for (const [secret, status] of [
      ["the old one", 200],
      ["the new one", 200],
      ["the old one,the new one", 401],
      ["", 401],
    ] as const)
      assert.equal((await send(other.url, "events", body, { secret })).status, status, secret);
  } finally {
    await other.close();
  }
});

test("S30 buttons and forms of an older release are answered with words", async (context) => {
  for (const body of [
    click(USERS.sam, "approve_v0", "apr_1"),
    click(USERS.sam, "desk:launch", "apr_1:v1"),
    click(USERS.sam, "desk:approve", "x".repeat(2_000)),
  ])
    assert.equal((await send(slack.url, "interactions", body)).status, 200);
  await eventually(context, async () =>
    assert.equal((await whispers()).filter((text) => text.includes("older version")).length, 3),
  );
  const { status, text } = await send(slack.url, "interactions", submission(USERS.sam, "old:edit"));
  assert.equal(status, 200);
  assert.match(text, /"response_action":"update".*older version/);
  for (const unknown of [{ type: "something_new", user: { id: USERS.sam } }, { type: 7 }])
    assert.equal((await send(slack.url, "interactions", payloadBody(unknown))).status, 200);
  assert.deepEqual(jobs.decisions, []);
});

test("an event is answered when it was stored, and with a time to come again while it cannot be", async () => {
  const body = eventBody(saidInHelp(USERS.ann, "Hello", "1.000001"));
  takeIn = () =>
    Promise.reject(new DeskhandError("store.unavailable", "the database cannot be reached"));
  const away = await send(slack.url, "events", body);
  assert.deepEqual([away.status, away.retryAfter], [503, "5"]);
  const stored = Promise.withResolvers<void>();
  takeIn = () => stored.promise;
  const answer = send(slack.url, "events", body, { headers: { "x-slack-retry-num": "1" } });
  const asked = { first: "nobody" };
  void answer.then(() => (asked.first = "Slack"));
  // Another request has been through by the time this one would have been.
  await send(slack.url, "interactions", click(USERS.sam, ...APPROVE));
  assert.equal(asked.first, "nobody");
  stored.resolve();
  assert.equal((await answer).status, 200);
  assert.equal(deliveries.length, 1);
});

test("what is said in another workspace that has the app is no question here", async () => {
  const said = saidInHelp(USERS.ann, "Hello", "1.000001");
  const elsewhere = { team_id: "T0ELSEWHERE", authorizations: [{ team_id: "T0ELSEWHERE" }] };
  assert.equal((await send(slack.url, "events", eventBody(said, elsewhere))).status, 200);
  assert.deepEqual(deliveries, []);
  // A channel shared with another workspace is ours where the app is installed with us.
  const shared = { team_id: "T0ELSEWHERE" };
  assert.equal((await send(slack.url, "events", eventBody(said, shared))).status, 200);
  assert.equal(deliveries.length, 1);
});

test("a command is answered to the user who typed it, literally, and to no other", async (context) => {
  const { people } = slack.server;
  const words = `find <!channel> <https://evil.test|here> *bold*`;
  await people.command(USERS.sam, CHANNELS.approvals, "/deskhand", words);
  await eventually(context, async () => assert.equal((await whispers()).length, 1));
  const [answer] = await people.messages(CHANNELS.approvals);
  assert.equal((await whispers())[0], words);
  assert.deepEqual(
    answer?.blocks?.map(({ text }) => Reflect.get(Object(text), "type")),
    ["plain_text"],
  );
  assert.ok(!JSON.stringify(answer?.text).includes("<!channel>"));
});

test("a command of a user from elsewhere is not eligible", async (context) => {
  const seen: boolean[] = [];
  jobs.commanded = ({ teammate }) => void seen.push(teammate.eligible);
  for (const team of ["T0ELSEWHERE", "T0OURSHOP"])
    await send(slack.url, "commands", typed(USERS.sam, "help", { team_id: team }));
  await send(slack.url, "commands", typed(BOT, "help"));
  await eventually(context, () => assert.equal(seen.length, 3));
  assert.deepEqual(seen, [false, true, false]);
});

test("S11 a message that was deleted is told to the desk, and is no question", async (context) => {
  const event = { type: "message", subtype: "message_deleted", channel: CHANNELS.approvals };
  const gone = { ...event, deleted_ts: "1700000000.000100", ts: "1700000001.000100" };
  const answer = await send(slack.url, "events", eventBody(gone));
  assert.equal(answer.status, 200);
  await eventually(context, () =>
    assert.deepEqual(jobs.gone, [`${CHANNELS.approvals}:1700000000.000100`]),
  );
  assert.deepEqual(deliveries, []);
});

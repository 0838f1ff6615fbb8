import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import express from "express";
import type { Delivery } from "#core/values/delivery.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { listen } from "#server/http/app.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { BOT, CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess, slackByRequest, type Requested } from "./requests-bench.ts";
import { click, eventBody, payloadBody, saidInHelp, send, submission, typed } from "./signed.ts";

const signal = new AbortController().signal;
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

test("a card is approved by a click, and a question is taken in, without a socket", async (context) => {
  const ref = await slack.sides.desk.post(refundCard(), "key", signal);
  const { people } = slack.server;
  await people.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await people.post(USERS.ann, CHANNELS.help, "Where is my order?");
  await eventually(context, () => {
    assert.deepEqual(
      jobs.decisions.map(({ button, teammate }) => [button, teammate.id, teammate.eligible]),
      [["approve", USERS.sam, true]],
    );
    assert.equal(deliveries.length, 1);
  });
  assert.deepEqual(
    (await slack.server.log()).filter(({ kind }) => kind === "socket"),
    [],
  );
});

test("a form's errors and its end are the answer to the request", async (context) => {
  const ref = await slack.sides.desk.post(refundCard(), "key", signal);
  const { people } = slack.server;
  await people.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:edit");
  await people.waitForView(({ callback_id }) => callback_id === "desk:edit");
  jobs.answer = () => ({ accepted: false, fieldErrors: { amount: "too much" } });
  assert.deepEqual(await people.submit(USERS.sam, { text: "Hello Ann", amount: "900.00" }), {
    errors: { amount: "too much" },
  });
  jobs.answer = () => ({});
  assert.deepEqual(await people.submit(USERS.sam, { text: "Hello Ann", amount: "90.00" }), {
    accepted: true,
  });
  await eventually(context, () => assert.equal(jobs.decisions.length, 2));
  assert.deepEqual(jobs.decisions[1]?.edit, { text: "Hello Ann", amount: "90.00" });
});

test("S22 only what Slack signed within five minutes, before or after, comes in", async () => {
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
  assert.equal(jobs.decisions.length, 1);
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

test("the address is proven to Slack when it is entered, signed only", async () => {
  const body = JSON.stringify({ type: "url_verification", challenge: "abc" });
  const { status, text } = await send(slack.url, "events", body);
  assert.deepEqual([status, JSON.parse(text)], [200, { challenge: "abc" }]);
  assert.equal((await send(slack.url, "events", body, { secret: "another" })).status, 401);
});

test("S22 the same click sent again is the same decision, by which it is known", async () => {
  const body = click(USERS.sam, ...APPROVE);
  await send(slack.url, "interactions", body);
  await send(slack.url, "interactions", body, { offBy: -120 });
  const ids = jobs.decisions.map(({ decisionId }) => decisionId);
  assert.equal(ids.length, 2);
  assert.equal(new Set(ids).size, 1);
});

test("people from elsewhere decide nothing, by click or by form", async (context) => {
  const elsewhere = { user: { id: USERS.sam, team_id: "T0ELSEWHERE" } };
  await send(slack.url, "interactions", click(USERS.sam, ...APPROVE, elsewhere));
  await send(slack.url, "interactions", click(USERS.sam, ...APPROVE, { team: { id: "T0OTHER" } }));
  const form = { approvalId: "apr_1", version: 1, channel: CHANNELS.approvals, joints: [] };
  const view = {
    id: "V1",
    callback_id: "desk:edit",
    private_metadata: JSON.stringify(form),
    state: { values: { text: { value: { value: "mine" } } } },
    blocks: [{ type: "input", block_id: "text", element: { action_id: "value" } }],
  };
  await send(slack.url, "interactions", submission(USERS.sam, "desk:edit", { ...elsewhere, view }));
  await send(slack.url, "interactions", click(USERS.sam, "desk:edit", "apr_1:v1", elsewhere));
  // Also the press for a form is told, so that it can be written down.
  await eventually(context, () => assert.equal(jobs.decisions.length, 4));
  assert.ok(jobs.decisions.every(({ teammate }) => !teammate.eligible));
  assert.equal(slack.server.people.view(), undefined);
});

test("S30 buttons and forms of an older release are answered with words", async (context) => {
  for (const body of [
    click(USERS.sam, "approve_v0", "apr_1"),
    click(USERS.sam, "desk:approve", "x".repeat(2_000)),
  ])
    assert.equal((await send(slack.url, "interactions", body)).status, 200);
  await eventually(context, async () =>
    assert.equal((await whispers()).filter((text) => text.includes("older version")).length, 2),
  );
  const { status, text } = await send(slack.url, "interactions", submission(USERS.sam, "old:edit"));
  assert.equal(status, 200);
  assert.match(text, /"response_action":"update".*older version/);
  for (const unknown of [{ type: "something_new", user: { id: USERS.sam } }, { type: 7 }])
    assert.equal((await send(slack.url, "interactions", payloadBody(unknown))).status, 200);
  assert.deepEqual(jobs.decisions, []);
});

test("what is no payload at all, or too large, is refused before it is read", async () => {
  const large = eventBody(saidInHelp(USERS.ann, "x".repeat(1_100_000), "1.000001"));
  assert.equal((await send(slack.url, "events", large)).status, 413);
  assert.equal((await send(slack.url, "events", "not json")).status, 400);
  assert.equal((await send(slack.url, "events", "[1]")).status, 400);
  assert.equal((await send(slack.url, "interactions", "payload=no")).status, 400);
  assert.deepEqual(deliveries, []);
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

test("events are taken in also while Slack itself cannot be asked", async () => {
  const other = await anotherProcess("http://127.0.0.1:9/api/");
  const taken: Delivery[] = [];
  try {
    await other.sides.channel.start((delivery) => Promise.resolve(void taken.push(delivery)));
    const body = eventBody(saidInHelp(USERS.ann, "Hello", "1.000001"));
    assert.equal((await send(other.url, "events", body)).status, 200);
    assert.equal(taken.length, 1);
  } finally {
    await other.sides.channel.stop();
    await other.close();
  }
});

test("what is wrong with an event in itself makes Slack send it no second time", async () => {
  const { channel: _, ...damaged } = Object.fromEntries(
    Object.entries(saidInHelp(USERS.ann, "Hello", "1.000001")),
  );
  takeIn = () => Promise.reject(new DeskhandError("input.invalid", "no event"));
  assert.equal((await send(slack.url, "events", eventBody(damaged))).status, 200);
  assert.deepEqual(slack.log, ["slack sent an event that is none"]);
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

test("S33 while no handler listens Slack is told to come again, and a stop waits for what is in hand", async (context) => {
  const held = Promise.withResolvers<void>();
  jobs.answer = async () => {
    await held.promise;
    return {};
  };
  await send(slack.url, "interactions", click(USERS.sam, ...APPROVE));
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  const order: string[] = [];
  const stopped = slack.sides.desk.stop().then(() => order.push("stopped"));
  await slack.sides.channel.stop();
  const body = eventBody(saidInHelp(USERS.ann, "Hello", "1.000001"));
  assert.equal((await send(slack.url, "events", body)).status, 503);
  assert.equal((await send(slack.url, "interactions", click(USERS.sam, ...APPROVE))).status, 503);
  order.push("released");
  held.resolve();
  await stopped;
  assert.deepEqual(order, ["released", "stopped"]);
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

test("a command's answer goes to no address but Slack's, and then to the person alone", async (context) => {
  const elsewhere = await elsewhereServer();
  context.after(() => elsewhere.close());
  const body = typed(USERS.sam, "help me", { response_url: elsewhere.url });
  assert.deepEqual(await send(slack.url, "commands", body), {
    status: 200,
    text: "",
    retryAfter: null,
  });
  await eventually(context, async () => assert.deepEqual(await whispers(), ["help me"]));
  assert.deepEqual(elsewhere.asked, []);
});

/** A server that is not Slack's and remembers what it was asked. */
async function elsewhereServer() {
  const asked: string[] = [];
  const app = express().use((request, response) => {
    asked.push(request.path);
    response.end();
  });
  return { asked, ...(await listen(app, { host: "127.0.0.1", port: 0 })) };
}

test("a command of a user from elsewhere is not eligible", async (context) => {
  const seen: boolean[] = [];
  jobs.commanded = ({ teammate }) => void seen.push(teammate.eligible);
  for (const team of ["T0ELSEWHERE", "T0OURSHOP"])
    await send(slack.url, "commands", typed(USERS.sam, "help", { team_id: team }));
  await send(slack.url, "commands", typed(BOT, "help"));
  await eventually(context, () => assert.equal(seen.length, 3));
  assert.deepEqual(seen, [false, true, false]);
});

test("the certificate of a command's address may be looked at", async () => {
  assert.equal((await send(slack.url, "commands", "ssl_check=1&token=x")).status, 200);
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

import assert from "node:assert/strict";
import { after, before, beforeEach, test, type TestContext } from "node:test";
import { slack, type SlackOptions } from "#slack/index.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { eventually, faultySlackProxy, optionsFor, recordingJobs, type Fault } from "./bench.ts";
import { refundCard } from "./cards/card-samples.ts";
import { saysOfUsers } from "./approvals/deciding-bench.ts";
import { CHANNELS, startTestSlack, TEAM, USERS, type TestSlack } from "./local-slack.ts";

let server: TestSlack;
const signal = new AbortController().signal;

before(async () => {
  server = await startTestSlack();
});

beforeEach(() => server.people.reset());

after(() => server.close());

/** Channel and desk behind a proxy that breaks what the test says. */
async function behind(
  context: TestContext,
  fault: Fault,
  change: Partial<SlackOptions> = {},
): Promise<ReturnType<typeof slack> & { readonly calls: string[] }> {
  const proxy = await faultySlackProxy(server.url, fault);
  const both = slack(optionsFor(proxy.apiUrl, change));
  context.after(async () => {
    await both.desk.stop();
    await both.channel.stop();
    await proxy.close();
  });
  return { ...both, calls: proxy.calls };
}

const on =
  (method: string, answer: ReturnType<Fault>): Fault =>
  (called) =>
    called === method ? answer : null;

/** The token belongs to another workspace than the one people click in. */
const ourTeamIsElsewhere = on("auth.test", {
  status: 200,
  body: { ok: true, user_id: "U0DESKHAND", team_id: "T0HOME" },
});

const isError =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DeskhandError && error.code === code;

const count = (calls: readonly string[], method: string): number =>
  calls.filter((called) => called === method).length;

test("S29 a card whose posting lost its answer is there once and is found", async (context) => {
  const { desk, calls } = await behind(context, on("chat.postMessage", "lose"));
  const ref = await desk.post(refundCard(), "key", signal);
  const messages = await server.people.messages(CHANNELS.approvals);
  assert.deepEqual(
    messages.map(({ ts }) => `${CHANNELS.approvals}:${ts}`),
    [ref],
  );
  assert.equal(count(calls, "chat.postMessage"), 1);
});

test("a post that failed without a trace is uncertain and was tried once", async (context) => {
  const broken = { status: 500, body: {} };
  const { desk, calls } = await behind(context, on("chat.postMessage", broken));
  await assert.rejects(desk.post(refundCard(), "key", signal), isError("channel.uncertain"));
  assert.equal(count(calls, "chat.postMessage"), 1);
});

test("a rate limit says how long to wait, at once and without holding up other calls", async (context) => {
  const limited = { status: 429, body: { ok: false, error: "ratelimited" }, retryAfter: 900 };
  const { desk } = await behind(context, on("chat.postMessage", limited));
  const ref = await slack(optionsFor(server.apiUrl)).desk.post(refundCard(), "key", signal);
  await assert.rejects(
    desk.post(refundCard({ version: 2 }), "key", signal),
    (error) =>
      isError("channel.rate_limited")(error) &&
      error instanceof DeskhandError &&
      error.retryAfterMs === 900_000,
  );
  await desk.update(ref, refundCard(), signal);
});

for (const [who, change] of [
  ["a guest", { is_restricted: true }],
  ["a single-channel guest", { is_ultra_restricted: true }],
  ["a deactivated member", { deleted: true }],
  ["a member of another workspace", { team_id: "T0OTHER" }],
  ["a stranger of Slack Connect", { is_stranger: true }],
  ["a bot", { is_bot: true }],
] as const)
  test(`${who} is not eligible, and as a customer not verified`, async (context) => {
    const { desk, channel } = await behind(context, on("users.info", saysOfUsers(change)));
    const jobs = recordingJobs();
    await channel.start(() => Promise.resolve());
    await desk.start(jobs.handler);
    await desk.post(refundCard(), "key", signal);
    const [card] = await server.people.messages(CHANNELS.approvals);
    await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:approve");
    await eventually(context, () => assert.equal(jobs.decisions.length, 1));
    assert.equal(jobs.decisions[0]?.teammate.eligible, false);

    const ts = await server.people.post(USERS.sam, CHANNELS.help, "Where is my order?");
    const externalId = `${TEAM}:${CHANNELS.help}:${ts}`;
    const conversation = { id: "c", channel: "slack" as const, externalId, subject: "", brand: "" };
    const { messages } = await channel.fetch(conversation, signal);
    assert.equal(messages[0]?.identity.level, 1);
  });

test("a click from another workspace is refused by the payload, whatever a look-up says", async (context) => {
  const { desk, calls } = await behind(context, (method) =>
    method === "users.info" ? saysOfUsers({ team_id: "T0HOME" }) : ourTeamIsElsewhere(method),
  );
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  await desk.post(refundCard(), "key", signal);
  const [card] = await server.people.messages(CHANNELS.approvals);
  await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  assert.equal(jobs.decisions[0]?.teammate.eligible, false);
  assert.equal(count(calls, "users.info"), 0);
});

test("a person who cannot be looked up decides nothing and is told to try again", async (context) => {
  const { desk } = await behind(context, on("users.info", { status: 500, body: {} }));
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  await desk.post(refundCard(), "key", signal);
  const [card] = await server.people.messages(CHANNELS.approvals);
  await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:approve");
  await eventually(context, async () => {
    const [, whisper] = await server.people.messages(CHANNELS.approvals);
    assert.match(whisper?.text ?? "", /could not check your role/);
  });
  assert.deepEqual(jobs.decisions, []);
});

test("a member who is deactivated decides for five seconds at most, and a burst of clicks asks once", async (context) => {
  const state = { deleted: false };
  const clock = { at: Date.now() };
  const { desk, calls } = await behind(
    context,
    (method) => (state.deleted && method === "users.info" ? saysOfUsers({ deleted: true }) : null),
    { clock: { now: () => new Date(clock.at) } },
  );
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  await desk.post(refundCard(), "key", signal);
  const [card] = await server.people.messages(CHANNELS.approvals);
  const click = async (number: number) => {
    await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:approve");
    await eventually(context, () => assert.equal(jobs.decisions.length, number));
    return jobs.decisions.at(-1)?.teammate.eligible;
  };
  assert.equal(await click(1), true);
  const asked = count(calls, "users.info");
  state.deleted = true;
  clock.at += 4_000;
  assert.equal(await click(2), true);
  assert.equal(count(calls, "users.info"), asked);
  clock.at += 1_000;
  assert.equal(await click(3), false);
});

test("a submitted form stays open with its text while the role cannot be checked", async (context) => {
  const faults = { down: false };
  const clock = { at: Date.now() };
  const { desk } = await behind(
    context,
    (method) => (faults.down && method === "users.info" ? { status: 500, body: {} } : null),
    { clock: { now: () => new Date(clock.at) } },
  );
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  await desk.post(refundCard(), "key", signal);
  const [card] = await server.people.messages(CHANNELS.approvals);
  await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:edit");
  await eventually(context, () => assert.equal(server.people.view()?.callback_id, "desk:edit"));
  faults.down = true;
  // Who decides is remembered for seconds; after them it has to be looked up again.
  clock.at += 6_000;
  const submitted = await server.people.submit(USERS.sam, { text: "New words" });
  assert.match("errors" in submitted ? (submitted.errors["text"] ?? "") : "", /could not check/);
  assert.deepEqual(jobs.decisions, []);
});

test("a person from another workspace gets no form and a refusal without details", async (context) => {
  const { desk } = await behind(context, ourTeamIsElsewhere);
  await desk.start(recordingJobs().handler);
  await desk.post(refundCard(), "key", signal);
  const [card] = await server.people.messages(CHANNELS.approvals);
  const before = server.people.view();
  await server.people.click(USERS.sam, CHANNELS.approvals, card?.ts ?? "", "desk:edit");
  await eventually(context, async () => {
    const [, whisper] = await server.people.messages(CHANNELS.approvals);
    assert.match(whisper?.text ?? "", /Only active members/);
  });
  assert.equal(server.people.view(), before);
});

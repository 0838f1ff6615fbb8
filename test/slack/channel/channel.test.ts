import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import type { Action } from "#core/values/action.ts";
import type { Channel, Resolved, Delivery, Hint } from "#core/contracts/channel.ts";
import type { Destination, Message } from "#core/values/message.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { eventually, inSlack, on, refusal, saysOfUsers } from "#test/slack/bench.ts";
import { BOT, CHANNELS, TEAM, USERS } from "#test/slack/local-slack.ts";
import { eventBody } from "#test/slack/transport/signed.ts";

const bench = inSlack();
const people = () => bench.server.people;
let channel: Channel;
let deliveries: Delivery[];

const signal = new AbortController().signal;

beforeEach(async () => {
  deliveries = [];
  ({ channel } = bench.open());
  await channel.start((delivery) => Promise.resolve(void deliveries.push(delivery)));
});

const hints = (): readonly Hint[] => deliveries.flatMap((delivery) => channel.receive(delivery));

/** Waits for so many different hints and looks up the newest. */
async function resolved(context: TestContext, count = 1): Promise<Resolved> {
  await eventually(context, () =>
    assert.equal(new Set(hints().map(({ eventId }) => eventId)).size, count),
  );
  const hint = hints().at(-1);
  assert.ok(hint);
  return channel.resolve(hint, { body: null, receivedAt: new Date(), proofs: new Map(), signal });
}

const newest = ({ messages }: Resolved): Message => {
  const message = messages.at(-1);
  assert.ok(message);
  return message;
};

/** An event put straight to `receive`, for what the sandbox's Slack cannot send. */
function announced(event: Record<string, unknown>): readonly Hint[] {
  const bytes = new TextEncoder().encode(eventBody(event));
  return channel.receive({ source: "socket", headers: {}, body: bytes, receivedAt: new Date() });
}

function reply(to: Destination, text: string): Action {
  return {
    target: "slack",
    operation: "reply",
    arguments: { conversationId: "c1", to, subject: "", text, answers: ["m1"], automatic: true },
  };
}

test("a question in a help channel is answered in its thread, in public, or the asker in private", async (context) => {
  const ts = await people().post(USERS.ann, CHANNELS.help, "Where is my order &amp; why?");
  const found = await resolved(context);
  const asked = newest(found);
  assert.equal(found.externalId, `${TEAM}:${CHANNELS.help}:${ts}`);
  assert.deepEqual(hints()[0]?.conversationKeys, [`slack:${TEAM}:${CHANNELS.help}:${ts}`]);
  assert.equal(asked.key, `slack:${TEAM}:${CHANNELS.help}:${ts}`);
  assert.equal(asked.text, "Where is my order & why?");
  assert.deepEqual(asked.author, {
    kind: "requester",
    id: `slack:${USERS.ann}`,
    name: "Ann Fields",
  });
  assert.deepEqual(asked.answerTo, {
    label: "thread in #help",
    audience: "shared",
    address: { channel: CHANNELS.help, thread_ts: ts },
  });
  assert.deepEqual(asked.answerPrivatelyTo, {
    label: "direct message to Ann Fields",
    audience: "private",
    address: { dmUser: USERS.ann },
  });

  assert.ok(asked.answerTo && asked.answerPrivatelyTo);
  await channel.commit(reply(asked.answerTo, "I wrote to you."), "key-shared", signal);
  await channel.commit(reply(asked.answerPrivatelyTo, "It is in the warehouse."), "key-dm", signal);
  const inThread = (await people().messages(CHANNELS.help)).filter(
    ({ thread_ts }) => thread_ts === ts,
  );
  assert.deepEqual(
    inThread.map(({ text }) => text),
    ["I wrote to you."],
  );
  const direct = await people().messages(await bench.server.direct(USERS.ann));
  assert.deepEqual(
    direct.map(({ text, thread_ts }) => [text, thread_ts]),
    [["It is in the warehouse.", undefined]],
  );
});

test("a member of the workspace is proven by e-mail", async (context) => {
  await people().post(USERS.ann, CHANNELS.help, "Hello");
  const { identity } = newest(await resolved(context));
  assert.equal(identity.level, 2);
  assert.deepEqual(identity.handle, { kind: "email", email: "ann@customer.test" });
  assert.match(identity.reason, /ann@customer\.test/);
});

test("a direct message is one private conversation, in and out of threads", async (context) => {
  const direct = await bench.server.direct(USERS.ann);
  const ts = await people().post(USERS.ann, direct, "Where is 456?");
  await people().post(USERS.ann, direct, "And 789?", ts);
  const found = await resolved(context, 2);
  assert.deepEqual(
    new Set(hints().flatMap(({ conversationKeys }) => conversationKeys)),
    new Set([`slack:${TEAM}:${direct}`]),
  );
  assert.deepEqual(
    found.messages.map(({ text }) => text),
    ["Where is 456?", "And 789?"],
  );
  assert.deepEqual(
    found.messages.map(({ answerTo, answerPrivatelyTo }) => [answerTo, answerPrivatelyTo]),
    [
      [
        {
          label: "direct message to Ann Fields",
          audience: "private",
          address: { channel: direct, thread_ts: null },
        },
        null,
      ],
      [
        {
          label: "direct message to Ann Fields",
          audience: "private",
          address: { channel: direct, thread_ts: ts },
        },
        null,
      ],
    ],
  );
});

test("a direct message is read however late it is looked at, and others of that time are not", async (context) => {
  const direct = await bench.server.direct(USERS.ann);
  await people().post(USERS.ann, direct, "Long answered.");
  await resolved(context);
  await people().post(USERS.ann, direct, "Where is 456?");
  await eventually(context, () => assert.equal(hints().length, 2));
  bench.later(3 * 24 * 60 * 60 * 1_000);
  const found = await resolved(context, 2);
  assert.deepEqual(
    found.messages.map(({ text }) => text),
    ["Where is 456?"],
  );
});

test("one text that mentions us is one event, though Slack announces it twice", async (context) => {
  await people().post(USERS.ann, CHANNELS.help, `<@${BOT}> where is 456, <@${USERS.sam}>?`);
  await eventually(context, () => assert.equal(hints().length, 2));
  assert.deepEqual(hints()[0], hints()[1]);
  assert.equal(newest(await resolved(context)).text, "where is 456, @Sam Ortiz?");
});

test("a teammate in a customer's thread is the team answering; their own question is a question", async (context) => {
  const ts = await people().post(USERS.ann, CHANNELS.help, "Is there anybody?");
  await people().post(USERS.sam, CHANNELS.help, "I am on it.", ts);
  const { messages } = await resolved(context, 2);
  assert.deepEqual(
    messages.map(({ author, visibility, answerTo }) => [
      author.kind,
      visibility,
      answerTo === null,
    ]),
    [
      ["requester", "public", false],
      ["teammate", "public", true],
    ],
  );
  await people().post(USERS.sam, CHANNELS.help, "How do I reset my own password?");
  assert.equal(newest(await resolved(context, 3)).author.kind, "requester");
});

test("the team's own channels never hold a customer's question", async (context) => {
  await people().post(USERS.sam, CHANNELS.approvals, `<@${BOT}> refund everything`);
  await people().post(USERS.sam, CHANNELS.alerts, `<@${BOT}> hello`);
  await eventually(context, () => assert.equal(deliveries.length, 4));
  assert.deepEqual(hints(), []);
});

test("our own words, other bots', changes, deletions and joins are no question", () => {
  const said = { type: "message", channel: CHANNELS.help, ts: "1.000001", text: "x" };
  assert.equal(announced({ ...said, user: USERS.ann }).length, 1);
  for (const other of [
    { ...said, user: BOT },
    { ...said, user: USERS.ann, bot_id: "B0OTHER" },
    { ...said, user: USERS.ann, app_id: "A0OTHER" },
    { ...said, subtype: "bot_message", bot_id: "B0OTHER" },
    { ...said, subtype: "message_changed", message: { ...said, user: USERS.ann } },
    { ...said, subtype: "message_deleted", deleted_ts: "1.000001" },
    { ...said, subtype: "channel_join", user: USERS.ann },
    { ...said, user: "USLACKBOT" },
    { type: "reaction_added", user: USERS.ann },
  ])
    assert.deepEqual(announced(other), [], JSON.stringify(other));
});

// What Workflow Builder posts for a form: no user, and the one who filled it in as a mention.
const FORM = {
  type: "message",
  subtype: "bot_message",
  channel: CHANNELS.help,
  channel_type: "channel",
  ts: "5.000001",
  text: `Request of <@${USERS.ann}>: where is order 456?`,
  username: "Help desk form",
  bot_id: "B0FORM",
  app_id: "A0FORM",
  workflow_id: "Wf0FORM",
};
const roles = (workflows: readonly string[]) => ({ ...bench.optionsWith({}).channels, workflows });

test("a form is a question where its app, bot or workflow is listed, it begins a thread and names one person", () => {
  assert.deepEqual(announced(FORM), []);
  for (const id of ["B0FORM", "A0FORM", "Wf0FORM"]) {
    ({ channel } = bench.open({ channels: roles([id]) }));
    assert.equal(announced(FORM).length, 1, id);
  }
  ({ channel } = bench.open({ channels: roles(["B0FORM"]) }));
  assert.equal(announced({ ...FORM, text: `<@${BOT}> ${FORM.text}` }).length, 1);
  for (const other of [
    { ...FORM, bot_id: "B0OTHER" },
    { ...FORM, text: "Request: where is order 456?" },
    { ...FORM, text: `${FORM.text} <@${USERS.sam}> knows` },
    { ...FORM, thread_ts: "4.000001" },
    { ...FORM, channel: CHANNELS.alerts },
    { ...FORM, channel: "C0ELSEWHERE" },
    { ...FORM, user: BOT },
  ])
    assert.deepEqual(announced(other), [], JSON.stringify(other));
});

test("a form claims the person it names, who proves themselves by writing in its thread", async () => {
  const thread = { thread_ts: FORM.ts, user_team: TEAM };
  for (const { levels, ...who } of [
    { id: USERS.ann, profile: { email: "ann@customer.test" }, levels: [1, 2] },
    // A teammate who asks by a form asks in their own thread.
    { id: USERS.sam, profile: { email: "sam@ourshop.test" }, levels: [1, 2] },
    { id: USERS.ned, profile: { email: "ned@ourshop.test" }, is_restricted: true, levels: [1, 1] },
  ]) {
    ({ channel } = bench.open({ channels: roles(["A0FORM"]) }));
    const text = `Request of <@${who.id}>: where is order 456?`;
    const messages = [
      { ...FORM, text },
      { ...thread, ts: "5.000002", user: who.id, text: "It is urgent." },
      { ...FORM, ...thread, ts: "5.000003", text: `<@${who.id}>, thank you` },
    ];
    bench.break((method) =>
      method === "users.info"
        ? saysOfUsers(who)
        : method === "conversations.replies"
          ? { status: 200, body: { ok: true, messages } }
          : null,
    );
    const externalId = `${TEAM}:${CHANNELS.help}:${FORM.ts}`;
    const found = await channel.fetch(
      { id: "c", channel: "slack", externalId, subject: "", brand: "" },
      signal,
    );
    assert.deepEqual(
      found.messages.map(({ author, identity }) => [author.kind, author.id, identity.level]),
      levels.map((level) => ["requester", `slack:${who.id}`, level]),
    );
    assert.match(found.messages[0]?.identity.reason ?? "", /form/);
    assert.equal(found.messages[0]?.answerTo?.audience, "shared");
  }
});

test("a delivery from any other source is not trusted", () => {
  const body = new TextEncoder().encode("{}");
  assert.throws(
    () => channel.receive({ source: "http", headers: {}, body, receivedAt: new Date() }),
    /not by http/,
  );
});

test("a reply that Slack refuses for the token alone is to be tried again, and goes out then", async (context) => {
  await people().post(USERS.ann, CHANNELS.help, "Where is my order?");
  const to = newest(await resolved(context)).answerTo;
  assert.ok(to);
  bench.break(on("chat.postMessage", refusal("token_revoked")));
  await assert.rejects(
    channel.commit(reply(to, "It is on its way."), "key", signal),
    (error) => error instanceof DeskhandError && error.retry && !/uncertain/.test(error.code),
  );
  bench.break(() => null);
  await channel.commit(reply(to, "It is on its way."), "key", signal);
  assert.match(JSON.stringify(await people().messages(CHANNELS.help)), /It is on its way\./);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { slack, SlackOptions } from "#slack/index.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  eventually,
  inSlack,
  on,
  openForm,
  recordingJobs,
  refusal,
  saysOfUsers,
  type Jobs,
} from "./bench.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { refundCard } from "./cards/card-samples.ts";
import { buttonsOf } from "#test/support/slack.ts";
import { CHANNELS, TEAM, USERS } from "./local-slack.ts";

const signal = new AbortController().signal;
const bench = inSlack();

const BROKEN = { status: 500, body: {} };

const isError =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof DeskhandError && error.code === code;

const count = (method: string): number =>
  bench.calls.filter((call) => call.method === method).length;

const approvals = () => bench.server.people.messages(CHANNELS.approvals);

/** A desk with one card on it, and the jobs behind it. */
async function deskWithCard(
  change: Partial<SlackOptions> = {},
): Promise<ReturnType<typeof slack> & { readonly jobs: Jobs; readonly ts: string }> {
  const both = bench.open(change);
  const jobs = recordingJobs();
  await both.desk.start(jobs.handler);
  const ref = await both.desk.post(refundCard(), "key", signal);
  return { ...both, jobs, ts: ref.split(":")[1] ?? "" };
}

const press = (ts: string): Promise<void> =>
  bench.server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve");

test("S29 a card whose posting lost its answer is there once and is found", async () => {
  bench.break(on("chat.postMessage", "lose"));
  const { desk } = bench.open();
  const ref = await desk.post(refundCard(), "key", signal);
  assert.deepEqual(
    (await approvals()).map(({ ts }) => `${CHANNELS.approvals}:${ts}`),
    [ref],
  );
  assert.equal(count("chat.postMessage"), 1);
});

/** A card whose posting lost its answer, and that could not be read back either. */
async function lostCard(): Promise<ReturnType<typeof slack>["desk"]> {
  const { desk } = bench.open();
  bench.break((method) =>
    method === "chat.postMessage"
      ? "lose"
      : method === "conversations.history" && count("chat.postMessage") > 0
        ? BROKEN
        : null,
  );
  await assert.rejects(desk.post(refundCard(), "key", signal), isError("channel.uncertain"));
  bench.break(() => null);
  return desk;
}

for (const [what, change, buttons] of [
  ["of which there is a new version by then", { version: 2, buttons: ["approve"] }, 2],
  ["that is closed by then", { state: "closed", closing: "Expired.", buttons: [] }, 0],
] as const)
  test(`S29 a card whose posting lost its answer, and ${what}, is the one that is there`, async () => {
    const desk = await lostCard();
    const card = refundCard({ ...change, buttons: [...change.buttons] });
    const ref = await desk.post(card, "key", signal);
    const [one, ...others] = await approvals();
    assert.ok(one);
    assert.deepEqual(others, []);
    assert.equal(ref, `${CHANNELS.approvals}:${one.ts}`);
    assert.ok(JSON.stringify(one.blocks).includes(`:v${card.version}"`));
    assert.equal(buttonsOf(one).length, buttons);
  });

test("a card whose older version Slack lets nobody change is posted, and found the next time", async () => {
  const desk = await lostCard();
  bench.break(on("chat.update", refusal("edit_window_closed")));
  const ref = await desk.post(refundCard({ version: 2 }), "key", signal);
  assert.equal(await desk.post(refundCard({ version: 2 }), "key", signal), ref);
  assert.equal((await approvals()).length, 2);
});

test("a post that failed without a trace is uncertain and was tried once", async () => {
  bench.break(on("chat.postMessage", BROKEN));
  const { desk } = bench.open();
  await assert.rejects(desk.post(refundCard(), "key", signal), isError("channel.uncertain"));
  assert.equal(count("chat.postMessage"), 1);
});

test("a rate limit says how long to wait, at once and without holding up other calls", async () => {
  const limited = { status: 429, body: { ok: false, error: "ratelimited" }, retryAfter: 900 };
  const ref = await bench.open().desk.post(refundCard(), "key", signal);
  bench.break(on("chat.postMessage", limited));
  const { desk } = bench.open();
  await assert.rejects(
    desk.post(refundCard({ approvalId: "apr_2" }), "key", signal),
    (error) =>
      isError("channel.rate_limited")(error) &&
      error instanceof DeskhandError &&
      error.retryAfterMs === 900_000,
  );
  await desk.update(ref, refundCard(), signal);
});

for (const [why, answer, code] of [
  ["a revoked token", refusal("token_revoked"), "channel.unauthorized"],
  ["a proxy that refuses", { status: 403, body: {} }, "channel.unavailable"],
  ["a card that is gone", refusal("message_not_found"), "channel.refused"],
  ["a card that is there and not taken", refusal("msg_too_long"), "channel.unsupported"],
] as const)
  test(`an update that fails through ${why} is told as ${code}`, async () => {
    const { desk } = bench.open();
    const ref = await desk.post(refundCard(), "key", signal);
    bench.break(on("chat.update", answer));
    await assert.rejects(desk.update(ref, refundCard(), signal), isError(code));
  });

const places = (...channels: readonly object[]) => ({ status: 200, body: { ok: true, channels } });

for (const [what, method, answer, isHeard] of [
  [
    "a channel shared with another workspace",
    "users.conversations",
    places({ id: CHANNELS.help, is_shared: true }),
    true,
  ],
  ["a channel that Slack does not show", "conversations.history", refusal("not_in_channel"), true],
  ["an app that may list none", "users.conversations", refusal("missing_scope"), true],
  ["a Slack that is away, which is asked again", "users.conversations", BROKEN, false],
] as const)
  test(`nothing is read back of ${what}`, async (context) => {
    const cursors = memoryCursors();
    const asked = await bench.server.people.post(USERS.ann, CHANNELS.help, "Where is my parcel?");
    cursors.rows.set("slack:heard", asked);
    bench.break(on(method, answer));
    const { channel } = bench.open({ cursors });
    const taken: unknown[] = [];
    await channel.start(async (delivery) => void taken.push(delivery));
    await eventually(context, () => assert.ok(count(method) > 0));
    if (isHeard)
      await eventually(context, () => assert.notEqual(cursors.rows.get("slack:heard"), asked));
    else
      await eventually(context, () =>
        assert.deepEqual(bench.log, ["slack was not asked for what was missed"]),
      );
    assert.equal(cursors.rows.get("slack:heard") === asked, !isHeard);
    assert.deepEqual(taken, []);
  });

test("what was missed is read on where Slack asked to slow down, in channel or thread, and nothing of it twice", async (context) => {
  const cursors = memoryCursors();
  cursors.rows.set("slack:heard", "1000000.000000");
  const said = { user: USERS.ann, text: "Where is my parcel?" };
  const old = { ...said, ts: "999000.000100", latest_reply: "1000100.000100" };
  const answer = { ...said, ts: "1000100.000100", thread_ts: old.ts };
  const direct = { ...said, ts: "1000200.000100" };
  const slower = { status: 429, body: { ok: false, error: "ratelimited" }, retryAfter: 1 };
  const ok = (...messages: readonly object[]) => ({ status: 200, body: { ok: true, messages } });
  const reads = [ok(old), slower, ok(old, answer), ok(), slower, ok(direct)];
  bench.break((method) =>
    method === "users.conversations"
      ? places({ id: CHANNELS.help }, { id: "D0TWO", is_im: true }, { id: "D0TRE", is_im: true })
      : method.startsWith("conversations.")
        ? (reads.shift() ?? ok())
        : null,
  );
  const { channel } = bench.open({ cursors });
  const taken: string[] = [];
  await channel.start(async ({ body }) => void taken.push(new TextDecoder().decode(body)));
  await eventually(context, () =>
    assert.notEqual(cursors.rows.get("slack:heard"), "1000000.000000"),
  );
  const read = bench.calls.filter(({ method }) => method.startsWith("conversations."));
  assert.deepEqual(
    read.map(({ parameters: { channel: id, ts = "" } }) => `${id} ${ts}`.trim()),
    [
      CHANNELS.help,
      `${CHANNELS.help} ${old.ts}`,
      `${CHANNELS.help} ${old.ts}`,
      "D0TWO",
      "D0TRE",
      "D0TRE",
    ],
  );
  assert.deepEqual(
    taken.map((body) => [answer.ts, direct.ts].filter((ts) => body.includes(`"ts":"${ts}"`))),
    [[answer.ts], [direct.ts]],
  );
});

test("as a customer no guest, stranger or person who left is verified", async () => {
  const ts = await bench.server.people.post(USERS.sam, CHANNELS.help, "Where is my order?");
  const externalId = `${TEAM}:${CHANNELS.help}:${ts}`;
  const conversation = { id: "c", channel: "slack" as const, externalId, subject: "", brand: "" };
  for (const [who, change, level] of [
    ["a member", {}, 2],
    ["a guest", { is_restricted: true }, 1],
    ["a deactivated member", { deleted: true }, 1],
    ["a member of another workspace", { team_id: "T0OTHER" }, 1],
  ] as const) {
    bench.break(on("users.info", saysOfUsers(change)));
    // Each with a memory of its own, since people are remembered for a while.
    const { messages } = await bench.open().channel.fetch(conversation, signal);
    assert.equal(messages[0]?.identity.level, level, who);
  }
});

test("a member who is deactivated decides for five seconds at most, and a burst of clicks asks once", async (context) => {
  const clock = { at: Date.now() };
  const { jobs, ts } = await deskWithCard({ clock: { now: () => new Date(clock.at) } });
  const click = async (number: number) => {
    await press(ts);
    await eventually(context, () => assert.equal(jobs.decisions.length, number));
    return jobs.decisions.at(-1)?.teammate.eligible;
  };
  assert.equal(await click(1), true);
  const asked = count("users.info");
  bench.break(on("users.info", saysOfUsers({ deleted: true })));
  clock.at += 4_000;
  assert.equal(await click(2), true);
  assert.equal(count("users.info"), asked);
  clock.at += 1_000;
  assert.equal(await click(3), false);
});

test("a submitted form stays open with its text while the role cannot be checked", async (context) => {
  const { jobs, ts } = await deskWithCard();
  await openForm(context, bench.server, { user: USERS.sam, ts, button: "desk:edit" });
  bench.break(on("users.info", BROKEN));
  // Who decides is remembered for seconds; after them it has to be looked up again.
  bench.later(6_000);
  const submitted = await bench.server.people.submit(USERS.sam, { text: "New words" });
  assert.match("errors" in submitted ? (submitted.errors["text"] ?? "") : "", /could not check/);
  assert.deepEqual(jobs.decisions, []);
});

for (const closed of [false, true])
  test(`what was typed is there when a slow answer refuses it${closed ? ", also once the form is closed" : ""}`, async (context) => {
    const { jobs, ts } = await deskWithCard();
    await openForm(context, bench.server, { user: USERS.sam, ts, button: "desk:edit" });
    const decided = Promise.withResolvers<{ accepted: boolean; message: string }>();
    jobs.answer = () => decided.promise;
    await bench.server.people.submit(USERS.sam, { text: "New words" });
    assert.match(JSON.stringify(bench.server.people.view()), /One moment/);
    if (closed) bench.break(on("views.update", refusal("not_found")));
    decided.resolve({ accepted: false, message: "It was decided meanwhile." });
    await eventually(context, async () => {
      const shown = closed ? await approvals() : bench.server.people.view();
      assert.match(JSON.stringify(shown), /decided meanwhile.*New words/s);
    });
  });

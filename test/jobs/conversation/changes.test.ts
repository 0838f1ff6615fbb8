import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message, Signal } from "#core/values/message.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import { isBareThanks, changesSince } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

const AT = "2026-11-20T12:00:00.000Z";

function message(key: string, over: Partial<Message> = {}): Message {
  return {
    key,
    author: { kind: "requester", id: "email:ann@customer.test", name: "Ann" },
    visibility: "public",
    subject: "",
    text: `words of ${key}`,
    segments: [],
    attachments: [],
    sentAt: AT,
    identity: { level: 2, method: "dkim", reason: "signed", handle: { kind: "none" } },
    answerTo: { label: "ann", audience: "private", address: {} },
    answerPrivatelyTo: null,
    ignore: null,
    ...over,
  };
}

function view(over: Partial<ConversationSnapshot> = {}): ConversationSnapshot {
  return {
    state: {
      conversation: { id: "c1", channel: "email", externalId: "x", subject: "", brand: "" },
      owner: "bot",
      reason: "",
      revision: "",
      linkedId: null,
      handedOverAt: null,
      clarified: false,
      retrySince: null,
      wakeAt: null,
      solvedAt: null,
      closedNoticeUntil: null,
      participants: { customer: "", digest: "", changes: 0, barred: null },
    },
    stored: [],
    messageKeys: new Set((over.stored ?? []).map(({ message }) => message.key)),
    signalKeys: new Set(),
    hints: [],
    pending: null,
    effects: [],
    approved: null,
    linked: null,
    linkedMessages: [],
    linkedSignals: [],
    back: null,
    hasCodes: false,
    used: {
      here: { steps: 0, outputTokens: 0, usd: 0, ms: 0 },
      ofDay: { steps: 0, outputTokens: 0, usd: 0, ms: 0 },
    },
    recent: { writes: 0, answersOfHour: 0, answersOfDay: 0 },
    ...over,
  };
}

function news(messages: readonly Message[], signals: readonly Signal[] = []) {
  const resolved: Resolved = { subject: "", brand: "", externalId: "x", messages, signals };
  return { read: [1], failed: [], resolved: [resolved] };
}

function stored(item: Message, outcome: string | null = null, id = 1) {
  return { id, message: item, outcome, outcomeReason: null, receivedAt: new Date(AT) };
}

test("a message seen twice, in the store or in one look, is one open message", () => {
  const known = stored(message("m1"));
  const situation = changesSince(
    view({ stored: [known] }),
    news([message("m1"), message("m2"), message("m2")]),
  );
  assert.deepEqual(
    situation.newMessages.map(({ key }) => key),
    ["m2"],
  );
  assert.deepEqual(
    situation.open.map(({ key }) => key),
    ["m1", "m2"],
  );
});

test("what has an outcome, an ignore reason, another author or no public face is not open", () => {
  const situation = changesSince(
    view({ stored: [stored(message("old"), "answered")] }),
    news([
      message("bounce", { ignore: "a bounce" }),
      message("note", { visibility: "internal" }),
      message("team", {
        author: { kind: "teammate", id: "t", name: "Dana" },
        visibility: "internal",
      }),
      message("new"),
    ]),
  );
  assert.deepEqual(
    situation.open.map(({ key }) => key),
    ["new"],
  );
  assert.deepEqual(
    situation.ignored.map(({ reason }) => reason),
    ["a bounce"],
  );
});

test("a teammate's public answer makes people the owner, a reassignment to the bot gives it back", () => {
  const dana = message("d", {
    author: { kind: "teammate", id: "t", name: "Dana" },
    sentAt: "2026-11-20T12:01:00.000Z",
  });
  assert.equal(changesSince(view(), news([message("m"), dana])).ownership.owner, "human");
  const back: Signal = {
    kind: "assigned",
    key: "s",
    at: "2026-11-20T12:02:00.000Z",
    to: "bot",
    assignee: "Deskhand",
    actor: "Lee",
    automatic: false,
  };
  const situation = changesSince(view(), news([message("m"), dana], [back]));
  assert.equal(situation.ownership.owner, "bot");
  assert.ok(situation.ownership.handedBack);
});

test("the last state counts when it goes to and fro within one look, whatever order it is told in", () => {
  const signal = (key: string, to: "bot" | "human", minute: number): Signal => ({
    kind: "assigned",
    key,
    at: `2026-11-20T12:0${minute}:00.000Z`,
    to,
    assignee: to,
    actor: "Lee",
    automatic: false,
  });
  const there = changesSince(
    view(),
    news([], [signal("c", "human", 3), signal("a", "human", 1), signal("b", "bot", 2)]),
  );
  assert.equal(there.ownership.owner, "human");
  assert.ok(!there.ownership.handedBack);
});

test("handed back, the newest unanswered customer message is open again; one a teammate answered is not", () => {
  const owned = view({
    state: { ...view().state, owner: "human", reason: "Dana has it" },
    stored: [
      stored(message("q1"), "escalated"),
      stored(message("q2", { sentAt: "2026-11-20T12:01:00.000Z" }), "escalated", 2),
    ],
  });
  const back: Signal = {
    kind: "assigned",
    key: "s",
    at: "2026-11-20T12:05:00.000Z",
    to: "bot",
    assignee: "Deskhand",
    actor: "Lee",
    automatic: false,
  };
  assert.deepEqual(
    changesSince(owned, news([], [back])).open.map(({ key }) => key),
    ["q2"],
  );
  const answered = message("a", {
    author: { kind: "teammate", id: "t", name: "Dana" },
    sentAt: "2026-11-20T12:02:00.000Z",
  });
  assert.deepEqual(changesSince(owned, news([answered], [back])).open, []);
});

test("thanks alone are recognised, and nothing with a question, a number or a request in it", () => {
  for (const thanks of [
    "Thanks!",
    "thank you so much",
    "Great, thanks",
    "OK",
    "Perfect, thank you.",
    "Cheers, Sam",
    "Many thanks :)",
  ])
    assert.ok(isBareThanks(thanks), thanks);
  for (const more of [
    "Thanks, but where is it?",
    "thanks, order 456 too",
    "OK refund it",
    "Thank you, please cancel",
    "great service, my lamp broke",
    "no thanks",
  ])
    assert.ok(!isBareThanks(more), more);
});

test("thanks before anything was said are not ignored: they may be a greeting", () => {
  assert.equal(changesSince(view(), news([message("t", { text: "Thanks!" })])).open.length, 1);
  const spoken = view({
    stored: [stored(message("b", { author: { kind: "bot", id: "deskhand", name: "Deskhand" } }))],
  });
  const situation = changesSince(spoken, news([message("t", { text: "Thanks!" })]));
  assert.equal(situation.open.length, 0);
  assert.match(situation.ignored[0]?.reason ?? "", /thanks/);
});

test("signals that were acted on before do not hand the conversation back again", () => {
  const signal = (key: string, to: "bot" | "human", minute: number): Signal => ({
    kind: "assigned",
    key,
    at: `2026-11-20T12:0${minute}:00.000Z`,
    to,
    assignee: to,
    actor: "Lee",
    automatic: false,
  });
  const past = [signal("away", "human", 1), signal("back", "bot", 2)];
  assert.ok(changesSince(view(), news([], past)).ownership.handedBack);
  const again = changesSince(view({ signalKeys: new Set(["away", "back"]) }), news([], past));
  assert.ok(!again.ownership.handedBack);
  assert.deepEqual(again.newSignals, []);
});

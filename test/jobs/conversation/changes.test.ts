import { toldReason } from "#core/cases/ownership.ts";
import { provenIdentity } from "#core/values/identity.ts";
import { assigned } from "#test/jobs/customers.ts";
import { messageOf } from "#test/store/bench.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message, Signal } from "#core/values/message.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import { isBareThanks, type ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { changesSince } from "#jobs/conversation/changes.ts";

const AT = "2026-11-20T12:00:00.000Z";

function message(key: string, over: Partial<Message> = {}): Message {
  return messageOf(key, {
    sentAt: AT,
    identity: provenIdentity("dkim", "signed", "ann@customer.test"),
    answerTo: { label: "ann", audience: "private", address: {} },
    ...over,
  });
}

function view(over: Partial<ConversationSnapshot> = {}): ConversationSnapshot {
  return {
    state: {
      conversation: { id: "c1", channel: "email", externalId: "x", subject: "", brand: "" },
      owner: "bot",
      reason: toldReason(""),
      revision: "",
      linkedId: null,
      handedOverAt: null,
      clarified: false,
      questions: 0,
      retrySince: null,
      wakeAt: null,
      solvedAt: null,
      snoozedUntil: null,
      closedNoticeUntil: null,
      participants: { customer: "", digest: "", changes: 0, barred: null },
    },
    stored: [],
    messageKeys: new Set((over.stored ?? []).map(({ message }) => message.key)),
    signalKeys: new Set(),
    hints: [],
    pending: null,
    waitedKeys: new Set(),
    effects: [],
    approved: null,
    linked: null,
    linkedMessages: [],
    linkedSignals: [],
    proofs: new Map(),
    back: null,
    hasCodes: false,
    mayBeOpen: false,
    caseMember: null,
    caseOthers: [],
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
  return {
    id,
    message: item,
    outcome,
    outcomeReason: null,
    passedOver: null,
    receivedAt: new Date(AT),
  };
}

/** Lee gives the conversation to these, so many minutes after noon. */
const signal = (key: string, to: "bot" | "human", minute: number): Signal =>
  assigned(to, key, `2026-11-20T12:0${minute}:00.000Z`, { actor: "Lee" });

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
  const back: Signal = assigned("bot", "s", "2026-11-20T12:02:00.000Z", {
    assignee: "Deskhand",
    actor: "Lee",
  });
  const situation = changesSince(view(), news([message("m"), dana], [back]));
  assert.equal(situation.ownership.owner, "bot");
  assert.ok(situation.ownership.handedBack);
});

test("the last state counts when it goes to and fro within one look, whatever order it is told in", () => {
  const there = changesSince(
    view(),
    news([], [signal("c", "human", 3), signal("a", "human", 1), signal("b", "bot", 2)]),
  );
  assert.equal(there.ownership.owner, "human");
  assert.ok(!there.ownership.handedBack);
});

describe("handed back", () => {
  const back: Signal = assigned("bot", "s", "2026-11-20T12:05:00.000Z", {
    assignee: "Deskhand",
    actor: "Lee",
  });
  const dana = { kind: "teammate", id: "t", name: "Dana" } as const;
  const openAfter = (
    past: readonly ReturnType<typeof stored>[],
    fresh: readonly Message[] = [],
  ): readonly string[] => {
    const state = { ...view().state, owner: "human" as const, reason: toldReason("Dana has it") };
    return changesSince(view({ state, stored: past }), news(fresh, [back])).open.map(
      ({ key }) => key,
    );
  };

  test("all that the customer wrote since the last answer is open again, a new message included", () => {
    const left = [stored(message("q1"), "escalated"), stored(message("q2"), "escalated", 2)];
    assert.deepEqual(openAfter(left), ["q1", "q2"]);
    assert.deepEqual(openAfter(left, [message("q3")]), ["q1", "q2", "q3"]);
    const welcome = message("h", { author: { kind: "bot", id: "deskhand", name: "Deskhand" } });
    const [first, second] = left;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(openAfter([first, stored(welcome, null, 3), second]), ["q1", "q2"]);
    const waiting = stored(message("q2"), null, 2);
    assert.deepEqual(openAfter([first, waiting, stored(welcome, null, 3)]), ["q1", "q2"]);
  });

  test("what was answered, by a teammate or by the bot, stays ended, and so does what came before it", () => {
    const [q1, q2] = [stored(message("q1"), "escalated"), stored(message("q2"), "escalated", 2)];
    const answer = message("a", { author: dana, sentAt: "2026-11-20T12:02:00.000Z" });
    assert.deepEqual(openAfter([q1, q2], [answer]), []);
    assert.deepEqual(openAfter([q1, stored(answer, null, 3), q2]), ["q2"]);
    assert.deepEqual(openAfter([q1, stored(message("b"), "answered", 3), q2]), ["q2"]);
    const note = message("a", { ...answer, visibility: "internal" });
    assert.deepEqual(openAfter([q1, stored(note, null, 3), q2]), ["q1", "q2"]);
    // The same answer, taken back from the customer since it was read.
    assert.deepEqual(openAfter([q1, stored(answer, null, 3), q2], [note]), ["q1", "q2"]);
  });

  test("another author's message is open again as well, one with less proof, and one whose card expired; one that needs no answer stays ended", () => {
    const newest = stored(message("q2"), "escalated", 2);
    const { author, identity } = message("q1");
    for (const over of [
      { author: { ...author, id: "another" } },
      { identity: { ...identity, level: 0 as const } },
    ])
      assert.deepEqual(openAfter([stored(message("q1", over), "escalated"), newest]), ["q1", "q2"]);
    assert.deepEqual(openAfter([stored(message("q1"), "expired"), newest]), ["q1", "q2"]);
    assert.deepEqual(openAfter([stored(message("q1"), "ignored"), newest]), ["q2"]);
  });
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

test("thanks with the writer's own name below, or in another language, are thanks alone as well", () => {
  for (const thanks of [
    "Thanks a lot!\n\nCara",
    "Vielen Dank für die schnelle Antwort!\nCara Lind",
    "Merci beaucoup",
    "Muchas gracias por su ayuda",
  ])
    assert.ok(isBareThanks(thanks, "Cara Lind"), thanks);
  assert.ok(!isBareThanks("Thanks a lot! Cara", "Ann Fields"), "another name may be a matter");
  assert.ok(!isBareThanks("Danke, aber die Lampe fehlt", "Cara Lind"));
});

test("thanks before anything was said may be a greeting in a chat, and ask nothing in a mail of a new thread, unless the policy wants a card for thanks", () => {
  const first = news([message("t", { text: "Thanks!" })]);
  assert.equal(changesSince(view(), first).open.length, 0);
  const { state } = view();
  const inChat = { ...state, conversation: { ...state.conversation, channel: "chat" as const } };
  assert.equal(changesSince(view({ state: inChat }), first).open.length, 1);
  const spoken = view({
    stored: [stored(message("b", { author: { kind: "bot", id: "deskhand", name: "Deskhand" } }))],
  });
  const situation = changesSince(spoken, first);
  assert.equal(situation.open.length, 0);
  assert.equal(changesSince(spoken, first, { thanksNeedNone: false }).open.length, 1);
  assert.match(situation.ignored[0]?.reason ?? "", /thanks/);
});

test("an OK to a question of ours, and thanks with a file, are no thanks alone", () => {
  const dana = { kind: "teammate", id: "t", name: "Dana" } as const;
  const after = (text: string, over: Partial<Message>) => {
    const said = stored(message("b", { author: dana, text }));
    const note = stored(message("n", { author: dana, visibility: "internal", text: "Really?" }));
    return changesSince(view({ stored: [said, note] }), news([message("t", over)])).open.length;
  };
  assert.equal(after("May we send a replacement on Monday?", { text: "OK great" }), 1);
  assert.equal(after("It comes on Monday. Anything else I can do?", { text: "OK great" }), 0);
  assert.equal(
    after("Follow it at https://track.test/?id=7 as it comes.", { text: "OK great" }),
    0,
  );
  const thanksWith = (name: string, bytes: number) => ({
    text: "Thanks!",
    attachments: [{ name, mediaType: "image/jpeg", bytes }],
  });
  assert.equal(after("Please send us a photo of it.", thanksWith("lamp.jpg", 900_000)), 1);
  assert.equal(after("It comes on Monday.", thanksWith("logo.jpg", 9_000)), 0);
  const asked = message("q", { author: dana, text: "Shall I cancel it?" });
  const later = { sentAt: "2026-11-20T12:01:00.000Z" };
  const both = [asked, message("t", { text: "Super!", ...later })];
  assert.deepEqual(changesSince(view(), news(both)).ignored, []);
  const answered = [
    asked,
    message("y", { text: "Yes, please" }),
    message("t", { text: "Thanks!" }),
  ];
  assert.equal(changesSince(view(), news(answered)).ignored.length, 1);
  const own = [message("q", { text: "Can I keep it?" }), message("t", { text: "Thanks!" })];
  assert.equal(changesSince(view(), news(own)).ignored.length, 1);
});

test("signals that were acted on before do not hand the conversation back again", () => {
  const past = [signal("away", "human", 1), signal("back", "bot", 2)];
  assert.ok(changesSince(view(), news([], past)).ownership.handedBack);
  const again = changesSince(view({ signalKeys: new Set(["away", "back"]) }), news([], past));
  assert.ok(!again.ownership.handedBack);
  assert.deepEqual(again.newSignals, []);
});

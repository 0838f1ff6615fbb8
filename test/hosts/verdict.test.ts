/** Tests of the judge of two hosts, which must find planted faults. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Evidence } from "#test/soak/verdict.ts";
import { judgeHosts, type HostsEvidence } from "./verdict.ts";

const WORDS = ["baba", "bobo", "dada"];

/** A chat of three questions with these answers, a mail with its answer, and what a test changes. */
function history(lines: readonly string[], over: Partial<HostsEvidence> = {}): HostsEvidence {
  const messages = WORDS.map((word, index) => ({
    id: `m${index}`,
    word,
    text: word,
    refunds: null,
    hurried: false,
    duplicate: "none" as const,
  }));
  const chats: Evidence = {
    conversations: [
      {
        planned: { id: "conversation-0", customerId: "c0", messages },
        lines: lines.map((text, index) => ({ text, at: 2_000 + index })),
      },
    ],
    accepted: new Set(messages.map(({ id }) => id)),
    booked: messages.map(({ id }) => ({
      id,
      conversationId: "c_1",
      receivedAt: 1_000,
      outcome: "answered",
      reason: "",
      outcomeAt: 2_000,
      turnId: "t_1",
    })),
    refunds: [],
    alerts: [],
  };
  return {
    scenario: "kill",
    seconds: 1,
    chats,
    mails: [{ from: "one@customer.test", replies: 1, others: 0 }],
    refused: 0,
    refusedByTroubled: 0,
    mayRefuseNothing: false,
    takenOverMs: 4_000,
    leftOver: 0,
    ...over,
  };
}

const ONCE = WORDS.map((word) => `An answer. (about ${word})`);

/** What was counted, and whether it holds. */
function counts(evidence: HostsEvidence): readonly unknown[] {
  const { lost, twice, out_of_order, ok } = judgeHosts(evidence);
  return [lost, twice, out_of_order, ok];
}

test("a chat answer that is missing is lost", () => {
  assert.deepEqual(counts(history(ONCE.slice(0, 2))), [1, 0, 0, false]);
});

test("a chat answer that came two times came twice", () => {
  assert.deepEqual(counts(history([...ONCE, ONCE[2] ?? ""])), [0, 1, 0, false]);
});

test("a mail without an answer is lost, one with two answers or with another mail was answered twice", () => {
  const from = "one@customer.test";
  assert.deepEqual(counts(history(ONCE, { mails: [{ from, replies: 0, others: 0 }] })), [
    1,
    0,
    0,
    false,
  ]);
  assert.deepEqual(counts(history(ONCE, { mails: [{ from, replies: 2, others: 0 }] })), [
    0,
    1,
    0,
    false,
  ]);
  assert.deepEqual(counts(history(ONCE, { mails: [{ from, replies: 1, others: 1 }] })), [
    0,
    1,
    0,
    false,
  ]);
});

test("a refused request counts against a rolling restart alone", () => {
  const refused = { refusedByTroubled: 1 };
  assert.equal(judgeHosts(history(ONCE, refused)).ok, true);
  assert.equal(judgeHosts(history(ONCE, { ...refused, mayRefuseNothing: true })).ok, false);
  assert.equal(judgeHosts(history(ONCE, { refused: 1, mayRefuseNothing: true })).ok, false);
});

test("a take-over may last ten seconds and no longer", () => {
  assert.equal(judgeHosts(history(ONCE, { takenOverMs: 10_000 })).ok, true);
  assert.equal(judgeHosts(history(ONCE, { takenOverMs: 10_001 })).ok, false);
});

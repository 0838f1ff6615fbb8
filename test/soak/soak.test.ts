/** A short randomised run on every run of the suite, and the judge of it, who must find what is planted. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import type { BookedMessage } from "./books.ts";
import { planFor, type PlannedMessage } from "./plan.ts";
import { linesOf } from "./reading.ts";
import { soak } from "./soak.ts";
import { judge, type Evidence } from "./verdict.ts";

const OPTIONS = { messages: 40, kills: 3, flushes: 2, seed: 5, messagesEach: 4, workers: 3 };

test("the same seed gives the same plan, another one another", () => {
  assert.deepEqual(planFor(OPTIONS), planFor(OPTIONS));
  assert.notDeepEqual(planFor(OPTIONS), planFor({ ...OPTIONS, seed: 6 }));
  const { conversations, troubles } = planFor(OPTIONS);
  assert.equal(conversations.flatMap(({ messages }) => messages).length, 40);
  assert.equal(troubles.filter(({ kind }) => kind === "kill").length, 3);
  assert.equal(troubles.filter(({ kind }) => kind === "flush").length, 2);
});

test("a read that is limited is made again when it may be, and one that is refused ends the run", async () => {
  const page = Response.json({ messages: [{ text: "One.", at: "2026-11-20T10:00:00.000Z" }] });
  const limited = new Response("{}", { status: 429, headers: { "retry-after": "7" } });
  const [answers, waits]: [Response[], number[]] = [[limited, page], []];
  const look = async (): Promise<Response> => answers.shift() ?? Response.error();
  const lines = await linesOf("c0", look, async (ms) => void waits.push(ms));
  assert.deepEqual(
    lines.map(({ text }) => text),
    ["One."],
  );
  assert.deepEqual(waits, [7_000]);
  for (const status of [204, 401, 404, 500])
    await assert.rejects(
      linesOf("c0", async () => new Response(null, { status })),
      new RegExp(`c0 cannot be read: ${status}`),
    );
  const always = async (): Promise<Response> => new Response("{}", { status: 429 });
  await assert.rejects(
    linesOf("c0", always, async () => undefined),
    /cannot be read: 429/,
  );
});

function message(id: string, word: string, order: string | null = null): PlannedMessage {
  return {
    id,
    word,
    text: word,
    hurried: false,
    duplicate: "none",
    refunds: order === null ? null : { order, minor: 200 },
  };
}

function booked(id: string, outcome: string | null = "answered"): BookedMessage {
  return {
    id,
    conversationId: "c_1",
    receivedAt: 1_000,
    outcome,
    reason: "",
    outcomeAt: 2_000,
    turnId: "t_1",
  };
}

/** Two questions and a refund, all as they should be, with what a test changes. */
function evidence(over: Partial<Evidence> & { lines?: readonly string[] } = {}): Evidence {
  const { lines = ["One. (about baba)", "Two and three. (about bobo, dada)"], ...rest } = over;
  return {
    conversations: [
      {
        planned: {
          id: "conversation-0",
          customerId: "c0",
          messages: [message("m0", "baba"), message("m1", "bobo"), message("m2", "dada", "1001")],
        },
        lines: lines.map((text, index) => ({ text, at: 2_000 + index })),
      },
    ],
    accepted: new Set(["m0", "m1", "m2"]),
    booked: [booked("m0"), booked("m1"), booked("m2")],
    refunds: [{ order: "1001", minor: 200 }],
    alerts: [],
    ...rest,
  };
}

test("a run in which everything came once and in order has nothing to its charge", () => {
  const verdict = judge(evidence());
  assert.deepEqual(verdict.findings, []);
  assert.deepEqual(
    [verdict.accepted, verdict.answered, verdict.lost, verdict.twice, verdict.out_of_order],
    [3, 3, 0, 0, 0],
  );
  assert.deepEqual([verdict.refunds_expected, verdict.refunds_done], [1, 1]);
});

test("what nothing came of, what was never taken in and an answer nobody can see are lost", () => {
  assert.equal(judge(evidence({ lines: ["One. (about baba)", "(about bobo)"] })).lost, 1);
  assert.equal(judge(evidence({ booked: [booked("m0"), booked("m1")] })).lost, 1);
  const open = [booked("m0"), booked("m1", null), booked("m2")];
  assert.equal(judge(evidence({ booked: open })).lost, 1);
});

test("a hand-over nobody was told of is lost, and one that stands in the team's channel is not", () => {
  const given = {
    booked: [booked("m0"), booked("m1"), booked("m2", "escalated")],
    lines: ["One. (about baba)", "(about bobo)"],
    refunds: [],
  };
  assert.equal(judge(evidence(given)).lost, 1);
  const told = judge(evidence({ ...given, alerts: ["Needs a person. http://x/console#t_1"] }));
  assert.deepEqual([told.lost, told.escalated, told.refunds_held], [0, 1, 1]);
  const twice = ["Needs a person. http://x/console#t_1", "Needs a person. http://x/console#t_1"];
  assert.equal(judge(evidence({ ...given, alerts: twice })).twice, 1);
});

test("two answers to one message and two refunds of one order are twice, in the wrong order is out of order", () => {
  const lines = ["One. (about baba)", "Again. (about baba)", "Two. (about bobo, dada)"];
  assert.equal(judge(evidence({ lines })).twice, 1);
  const refunds = [
    { order: "1001", minor: 200 },
    { order: "1001", minor: 200 },
  ];
  const paid = judge(evidence({ refunds }));
  assert.deepEqual([paid.twice, paid.refunds_expected, paid.refunds_done], [1, 1, 2]);
  const turned = ["Two. (about bobo, dada)", "One. (about baba)"];
  assert.equal(judge(evidence({ lines: turned })).out_of_order, 1);
});

test("money nobody asked for, another amount and a refund that was not made show in the figures", () => {
  for (const refunds of [
    [],
    [{ order: "1001", minor: 500 }],
    [
      { order: "1001", minor: 200 },
      { order: "7", minor: 1 },
    ],
  ]) {
    const { refunds_expected, refunds_done } = judge(evidence({ refunds }));
    assert.notEqual(refunds_expected, refunds_done);
  }
});

test(
  "workers are killed, Redis is emptied and answers get lost, and every message ends once and in order",
  { skip: postgresMissing || redisMissing },
  async () => {
    const said: string[] = [];
    const report = await soak({
      messages: 60,
      kills: 3,
      flushes: 1,
      seed: 1,
      idempotencyKeys: true,
      burst: false,
      workers: 3,
      leaseSeconds: 3,
      drainSeconds: 60,
      say: (line) => said.push(line),
    });
    const { accepted, answered, escalated, lost, twice, out_of_order } = report;
    assert.deepEqual(
      { accepted, lost, twice, out_of_order },
      { accepted: 60, lost: 0, twice: 0, out_of_order: 0 },
      said.join("\n"),
    );
    assert.equal(answered + escalated, 60, said.join("\n"));
    assert.equal(report.refunds_done, report.refunds_expected, said.join("\n"));
    assert.deepEqual([report.kills, report.flushes], [3, 1]);
    assert.ok(report.ok, said.join("\n"));
  },
);

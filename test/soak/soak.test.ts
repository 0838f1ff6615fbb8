/** A short randomised run, and tests of its judge, which must find planted faults. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";

import { closed, listen } from "#test/support/loopback.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import type { StoredMessage } from "./books.ts";
import { createCustomers } from "./customers.ts";
import { planFor, type PlannedMessage } from "./plan.ts";
import { soak } from "./soak.ts";
import { judge, type Evidence } from "./verdict.ts";
import { testLong } from "#test/support/tiers.ts";

const OPTIONS = { messages: 40, kills: 3, flushes: 2, seed: 5, messagesEach: 4, workers: 3 };

test("the same seed gives the same plan, another one another", () => {
  assert.deepEqual(planFor(OPTIONS), planFor(OPTIONS));
  assert.notDeepEqual(planFor(OPTIONS), planFor({ ...OPTIONS, seed: 6 }));
  const { conversations, faults } = planFor(OPTIONS);
  assert.equal(conversations.flatMap(({ messages }) => messages).length, 40);
  assert.equal(faults.filter(({ kind }) => kind === "kill").length, 3);
  assert.equal(faults.filter(({ kind }) => kind === "flush").length, 2);
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

function booked(id: string, outcome: string | null = "answered"): StoredMessage {
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

test("what nothing came of, what was never taken in and an answer the customer cannot see are lost", () => {
  assert.equal(judge(evidence({ lines: ["One. (about baba)", "(about bobo)"] })).lost, 1);
  assert.equal(judge(evidence({ booked: [booked("m0"), booked("m1")] })).lost, 1);
  const open = [booked("m0"), booked("m1", null), booked("m2")];
  assert.equal(judge(evidence({ booked: open })).lost, 1);
});

test("a hand-over the team was not told of is lost, and one that is in the team's channel is not", () => {
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

test("money no customer asked for, another amount and a refund that was not made show in the figures", () => {
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

/** What a visitor sees at a route that gives these statuses one after the other. */
async function lookedAt(context: TestContext, statuses: number[]): Promise<readonly unknown[]> {
  const server = createServer((_request, response) => {
    response.writeHead(statuses.shift() ?? 200, { "retry-after": "1" });
    response.end(
      JSON.stringify({
        status: "answered",
        messages: [{ text: "One. (about baba)", at: "2026-11-20T10:00:00.000Z" }],
      }),
    );
  });
  const port = await listen(server);
  context.after(() => closed(server));
  const [conversation] = planFor(OPTIONS).conversations;
  assert.ok(conversation);
  return createCustomers({
    url: `http://127.0.0.1:${port}`,
    identitySecret: "s".repeat(32),
    arrivals: { takenIn: async () => undefined, stop: () => undefined },
    onSent: () => undefined,
  }).look(conversation);
}

test("a visitor who is told to come back later does, and what is refused otherwise ends the run", async (context) => {
  assert.equal((await lookedAt(context, [429, 503])).length, 1);
  for (const status of [401, 500])
    await assert.rejects(lookedAt(context, [status]), { message: new RegExp(`: ${status}`) });
  await assert.rejects(lookedAt(context, [404]), /there is no chat/);
});

testLong(
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

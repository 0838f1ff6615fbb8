/** A rehearsal plays several tickets at once, goes on where it stopped, and keeps to its cost ceiling. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DeskhandError } from "#core/values/errors.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import { shareOf, summaryOf } from "#jobs/rehearsal/figures.ts";
import { type RehearsalPlan, runRehearsal } from "#jobs/rehearsal/run.ts";
import { summaryText } from "#jobs/rehearsal/summary-text.ts";
import { ticketsOf } from "#store/rehearsal/rehearsals.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { pastTicket, rehearsedTicket, SAME } from "#test/store/rehearsal/examples.ts";

onEveryDatabase("a rehearsal", (bench) => {
  const tickets = Array.from({ length: 6 }, (_, at) => pastTicket({ id: `t${at}` }));
  const setUp = (plan: Partial<RehearsalPlan> = {}) => {
    const source = bench.id("file");
    const stop = new AbortController();
    const played: string[] = [];
    const state = { failing: "", costUsd: 0.02 as number | null, most: 0, now: 0, stopAt: "" };
    const play = async (ticket: PastTicket, signal: AbortSignal) => {
      state.now += 1;
      state.most = Math.max(state.most, state.now);
      await new Promise((resolve) => setImmediate(resolve));
      state.now -= 1;
      if (ticket.id === state.stopAt) stop.abort();
      signal.throwIfAborted();
      if (ticket.id === state.failing) throw new DeskhandError("channel.unavailable", "away");
      played.push(ticket.id);
      return { played: rehearsedTicket({ ticket, costUsd: state.costUsd }), customerId: null };
    };
    const run = (more: Partial<RehearsalPlan> = {}, signal = new AbortController().signal) =>
      runRehearsal(
        {
          store: { kind: "pglite", run: (work) => bench.run(work), close: async () => undefined },
          clock: { now: () => NOW },
          ids: { next: (prefix) => bench.id(prefix) },
          play,
          progress: () => undefined,
          signal,
        },
        {
          source,
          tickets,
          model: "gpt-x",
          isRehearsalModel: false,
          policyVersion: "p1",
          concurrency: 2,
          budgetUsd: null,
          anew: false,
          ...plan,
          ...more,
        },
      );
    return { run, played, state, stop };
  };

  test("plays all, several at once, and is done", async () => {
    const { run, played, state } = setUp({ concurrency: 3 });
    const end = await run();
    assert.deepEqual([end.state, end.played, end.before], ["done", 6, 0]);
    assert.equal(state.most, 3);
    const kept = await bench.run((transaction) => ticketsOf(transaction, end.id));
    assert.deepEqual(kept.map((one) => one.played.ticket.id).toSorted(), played.toSorted());
    const again = await run();
    assert.notEqual(again.id, end.id, "what is done is not gone on with");
  });

  test("goes on after an interruption with what was not played, and plays nothing twice", async () => {
    const { run, played, state, stop } = setUp({ concurrency: 1 });
    state.stopAt = "t3";
    const first = await run({}, stop.signal);
    assert.deepEqual(
      [first.state, first.reason, first.played],
      ["stopped", "it was interrupted", 3],
    );
    state.stopAt = "";
    const second = await run();
    assert.deepEqual(
      [second.id, second.state, second.before, second.played],
      [first.id, "done", 3, 6],
    );
    assert.deepEqual(played, ["t0", "t1", "t2", "t3", "t4", "t5"]);
  });

  test("another policy, and a wish for it, begin anew", async () => {
    const { run, state, stop } = setUp({ concurrency: 1 });
    state.stopAt = "t1";
    const first = await run({}, stop.signal);
    state.stopAt = "";
    assert.notEqual((await run({ policyVersion: "p2" })).id, first.id);
    const { id, before } = await run({ anew: true });
    assert.deepEqual([id === first.id, before], [false, 0]);
  });

  test("begins no further ticket at the ceiling, says so, and goes on with another one", async () => {
    const { run } = setUp({ concurrency: 1 });
    const end = await run({ budgetUsd: 0.05 });
    assert.deepEqual(
      [end.state, end.reason, end.played],
      ["stopped", "the ceiling of 0.05 USD is reached", 3],
    );
    assert.equal((await run({ budgetUsd: 1 })).state, "done");
  });

  test("a ceiling for a model without a price is refused after one ticket, which is kept", async () => {
    const { run, state } = setUp({ concurrency: 1 });
    state.costUsd = null;
    await assert.rejects(
      run({ budgetUsd: 1 }),
      /price of gpt-x is not known.*what was played is kept/,
    );
    assert.equal((await run()).before, 1);
  });

  test("a ticket that fails is told by its id and tried again by the next run", async () => {
    const { run, state } = setUp();
    state.failing = "t2";
    const end = await run();
    assert.deepEqual(
      [end.state, end.played, end.failed],
      ["stopped", 5, ["t2: channel.unavailable: away"]],
    );
    state.failing = "";
    const next = await run();
    assert.deepEqual([next.id, next.state, next.before, next.played], [end.id, "done", 5, 6]);
  });
});

describe("figures", () => {
  test("a share lies within its interval, which narrows with more tickets", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (of, some) => {
        const count = Math.min(some, of);
        const { low, high } = shareOf(count, of);
        assert.ok(low >= 0 && low <= count / of && count / of <= high && high <= 1);
        const more = shareOf(count * 4, of * 4);
        assert.ok(more.high - more.low < high - low);
      }),
    );
    const { low, high } = shareOf(8, 10);
    // Worked by hand for 8 of 10.
    assert.deepEqual([low.toFixed(3), high.toFixed(3)], ["0.490", "0.943"]);
    assert.deepEqual(shareOf(0, 0), { count: 0, of: 0, low: 0, high: 1 });
  });

  const wrong = rehearsedTicket({
    topic: "refund",
    route: "alone",
    comparison: {
      ...SAME,
      sameAction: false,
      wrongActions: [
        {
          operation: "refund",
          orderId: "789",
          amount: { minor: 12_000, currency: "USD" },
          why: "not_taken",
          risk: { minor: 12_000, currency: "USD" },
        },
      ],
    },
    moneyAtRisk: [{ minor: 12_000, currency: "USD" }],
  });
  const unknown = rehearsedTicket({
    topic: "faq",
    route: "not_at_all",
    comparison: { ...SAME, sameAction: null, sameAmount: null, sameOrder: null, sameOutcome: null },
  });

  test("count each ticket once, by topic as overall, and none for what is not known", () => {
    const all = [
      rehearsedTicket(),
      wrong,
      unknown,
      rehearsedTicket({ topic: "faq", route: "alone" }),
    ];
    const { overall, byTopic } = summaryOf(all);
    const counts = [overall.alone, overall.withPerson, overall.notAtAll].map(({ count }) => count);
    assert.deepEqual(counts, [2, 1, 1]);
    assert.deepEqual(
      [overall.same, overall.wrong].map(({ count, of }) => [count, of]),
      [
        [2, 3],
        [1, 3],
      ],
    );
    assert.deepEqual(overall.moneyAtRiskAlone, [{ minor: 12_000, currency: "USD" }]);
    assert.deepEqual(
      byTopic.map(({ topic, figures }) => [topic, figures.tickets]),
      [
        ["faq", 2],
        ["refund", 2],
      ],
    );
    assert.deepEqual(summaryOf(all.toReversed()), summaryOf(all));
  });

  test("the text for a terminal says what is no AI, and has no line beyond 80 columns", () => {
    const tickets = [wrong, unknown];
    const text = summaryText({
      end: {
        id: "rehearsal_1",
        state: "stopped",
        reason: "the ceiling of 0.05 USD is reached",
        played: 2,
        of: 9,
        before: 0,
        failed: [`t1: ${"a long reason ".repeat(20)}`],
        summary: summaryOf(tickets),
      },
      model: "rehearsal",
      isRehearsalModel: true,
      tickets,
      leftOut: Array.from({ length: 7 }, (_, at) => `line ${at}: ${"x".repeat(200)}`),
    });
    assert.match(text, /rehearsal rules, no AI/);
    assert.match(text, /Stopped: the ceiling of 0\.05 USD is reached\. Run it again to go on\./);
    assert.match(text, /would refund 120\.00 USD; people did not/);
    assert.match(text, /and 2 more/);
    for (const line of text.split("\n")) assert.ok(line.length <= 80 || /^ *x+$/.test(line), line);
  });
});

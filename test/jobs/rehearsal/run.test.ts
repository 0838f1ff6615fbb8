/** A rehearsal plays several tickets at once, goes on where it stopped, and keeps to its cost ceiling. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import { type RehearsalPlan, runRehearsal } from "#jobs/rehearsal/run.ts";
import { rehearsalTickets } from "#store/rehearsal/rehearsals.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { pastTicket, rehearsedTicket } from "#test/store/rehearsal/examples.ts";

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
    const kept = await bench.run((transaction) => rehearsalTickets(transaction, end.id));
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

  test("begins no further ticket at the ceiling, says so, and goes on with another one", async () => {
    const { run } = setUp({ concurrency: 1 });
    const end = await run({ budgetUsd: 0.05 });
    assert.deepEqual(
      [end.state, end.reason, end.played],
      ["stopped", "the ceiling of 0.05 USD is reached", 3],
    );
    assert.equal((await run({ budgetUsd: 1 })).state, "done");
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

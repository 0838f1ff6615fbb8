/** Rehearsals: past tickets are read, played and judged beside what people did. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { comparisonAgreement, type PastAction, type PastTicket } from "#core/values/rehearsal.ts";
import { type DraftsSide, judge, type PersonsSide } from "#jobs/rehearsal/judge.ts";
import { pastTicket, rehearsedTicket } from "#test/store/rehearsal/examples.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type RehearsalPlan, runRehearsal } from "#jobs/rehearsal/run.ts";
import { keptName } from "#jobs/reports/candidate-cases.ts";
import { summaryText } from "#jobs/rehearsal/summary.ts";
import { listRehearsals, rehearsalTickets } from "#store/rehearsal/rehearsals.ts";
import { insertVersion } from "#store/procedures/versions.ts";
import { sql } from "#store/db/drizzle.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const AT = new Date("2026-10-07T10:00:00.000Z");

const usd = (minor: number) => ({ minor, currency: "USD" });

const refunded = (minor: number, orderId: string | null = "789"): PastAction => ({
  operation: "refund",
  orderId,
  amount: usd(minor),
  knownFrom: "ticket",
});

const refund = (minor: number, orderId = "789", verdict: "allow" | "ask" | "deny" = "ask") => ({
  operation: "refund",
  orderId,
  amount: usd(minor),
  verdict,
});

const draft = (text: string, more: Partial<DraftsSide> = {}): DraftsSide => ({
  text,
  at: AT,
  actions: [],
  outcome: "answered",
  ...more,
});

const person = (text: string, more: Partial<PersonsSide> = {}): PersonsSide => ({
  text,
  at: AT,
  asked: "",
  actions: [],
  outcome: "answered",
  ...more,
});

test("a kept ticket has a name of its own, whatever letters and signs its number has", () => {
  const ids = ["A/1", "a.1", "問1", "№1"];
  const names = new Set(ids.map((id) => keptName("r", id)));
  assert.equal(names.size, ids.length);
  assert.ok([...names].every((name) => /^rehearsed-[a-z0-9-]+$/.test(name)));
});

describe("actions", () => {
  test("the same refund is the same in action, amount and order", () => {
    const seen = judge(
      draft("I refunded 120.00 USD.", { actions: [refund(12_000)] }),
      person("I have refunded 120.00 USD.", { actions: [refunded(12_000)] }),
    );
    assert.deepEqual(
      [seen.sameAction, seen.sameAmount, seen.sameOrder, comparisonAgreement(seen)],
      [true, true, true, "same"],
    );
  });

  test("what a system of one's own does is the same as what people did of its kind", () => {
    const own = { ...refund(12_000, "#789"), operation: "refund_shopify_order" };
    const given = person("I have refunded 120.00 USD.", { actions: [refunded(12_000)] });
    const same = judge(draft("I refunded 120.00 USD.", { actions: [own] }), given);
    assert.deepEqual(
      [same.sameAction, same.sameAmount, same.sameOrder, comparisonAgreement(same)],
      [true, true, true, "same"],
    );
    const other = { ...own, operation: "cancel_shopify_order" };
    const seen = judge(draft("I cancelled it.", { actions: [other] }), given);
    assert.deepEqual([seen.sameAction, comparisonAgreement(seen)], [false, "wrong"]);
  });

  test("a refund that people did not give risks all of it", () => {
    const seen = judge(draft("", { actions: [refund(12_000)] }), person("We need a photo first."));
    assert.deepEqual(seen.wrongActions, [
      {
        operation: "refund",
        orderId: "789",
        amount: usd(12_000),
        why: "not_taken",
        risk: usd(12_000),
      },
    ]);
    assert.equal(comparisonAgreement(seen), "wrong");
  });
});

describe("facts", () => {
  const compared = (ours: string, theirs: string, asked = "") => {
    const seen = judge(draft(ours), person(theirs, { asked }));
    return {
      lacks: seen.lacks.map(({ words }) => words),
      contradicts: seen.contradicts.map((one) => [one.person.words, one.draft.words]),
    };
  };

  test("the same facts in other words, in another form and in another language are the same", () => {
    for (const [ours, theirs] of [
      ["Your parcel arrives on 12 October.", "It should be there by 2026-10-12."],
      ["Your parcel arrives tomorrow.", "It will be delivered on 8 October 2026."],
      ["Send it back within two weeks.", "You have 14 days to send it back."],
      ["Das kostet 12,50 EUR.", "That costs €12.50."],
      ["See https://shop.test/returns/.", "Look at shop.test/returns"],
    ])
      assert.deepEqual(compared(ours ?? "", theirs ?? ""), { lacks: [], contradicts: [] }, ours);
  });

  test("another amount, day or period about the same contradicts; about another thing it does not", () => {
    assert.deepEqual(
      compared(
        "Your parcel will be delivered on Friday, 16 October 2026.",
        "Your parcel will be delivered on Monday, 12 October 2026.",
      ).contradicts,
      [["12 October 2026", "16 October 2026"]],
    );
    assert.deepEqual(
      compared(
        "The refund takes 5 days to reach your account.",
        "You can send the lamp back for 30 days.",
      ),
      { lacks: ["30 days"], contradicts: [] },
    );
  });
});

onEveryDatabase("a rehearsal", (bench) => {
  const tickets = Array.from({ length: 6 }, (_, at) => pastTicket({ id: `t${at}` }));
  const setUp = (plan: Partial<RehearsalPlan> = {}) => {
    const source = bench.id("file");
    const stop = new AbortController();
    const played: string[] = [];
    const state = { failing: "", costUsd: 0.02 as number | null, most: 0, now: 0, stopAt: "" };
    const three = Promise.withResolvers<void>();
    const play = async (ticket: PastTicket, signal: AbortSignal) => {
      state.now += 1;
      state.most = Math.max(state.most, state.now);
      if (state.now === 3) three.resolve();
      // Where three may play at once, the first ones wait for the third, however busy the machine is.
      const waitMs = plan.concurrency === 3 && state.most < 3 ? PATIENCE_MS : 10;
      await Promise.race([three.promise, delay(waitMs, undefined, { ref: false })]);
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
          store: bench.store,
          clock: { now: () => NOW },
          ids: { next: (prefix) => bench.id(prefix) },
          policyVersion: () => "p1",
          play,
          progress: () => undefined,
          signal,
        },
        {
          source,
          tickets,
          leftOut: [],
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
    const kept = await bench.run(rehearsalTickets, end.id);
    assert.deepEqual(kept.map((one) => one.played.ticket.id).toSorted(), played.toSorted());
    const leftOut = Array.from({ length: 7 }, (_, at) => `line ${at}: no answer of a person`);
    const more = {
      source: "zendesk, as if on auto",
      model: "gpt-x",
      isRehearsalModel: false,
      leftOut,
      tickets: [],
    };
    const text = summaryText({ end, ...more });
    assert.match(
      text,
      /: 6 of 6 tickets played\nFrom: zendesk, as if on auto\nModel: gpt-x\n7 could not be read:\n/,
    );
    assert.match(text, /line 4: no answer of a person\n {2}and 2 more\n\nOf 6 solved tickets, /);
    assert.match(text, /For 6 tickets it is only assumed who wrote\.\n\nEach ticket/);
    assert.ok(text.split("\n").every((line) => line.length <= 80));
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

  test("plays everything anew once a procedure was published or a page changed meanwhile", async () => {
    const { run, played } = setUp({ concurrency: 1 });
    const wish = { budgetUsd: 0.05 };
    const first = await run(wish);
    const name = bench.id("late");
    await bench.run((transaction) =>
      transaction.execute(sql`insert into help_page (slug, title, url, updated, hash)
        values (${name}, 'Returns', '', '2026-10-01', 'one')`),
    );
    const second = await run(wish);
    assert.deepEqual([second.id === first.id, second.before, played.length], [false, 0, 6]);
    await bench.run(insertVersion, {
      id: bench.id("proc"),
      name,
      text: "",
      digest: "one",
      state: "published",
      origin: "program",
      author: "",
      needs: { count: 0, leads: 0 },
      createdAt: NOW,
      publishedAt: NOW,
      expiresAt: NOW,
      closing: "",
    });
    const third = await run();
    assert.deepEqual([third.id === second.id, third.before, third.played], [false, 0, 6]);
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

  test("counts all that its page lists, also where a later run is about other tickets", async () => {
    const { run } = setUp({ concurrency: 1 });
    const first = await run({ budgetUsd: 0.05 });
    const end = await run({ tickets: tickets.slice(2) });
    assert.deepEqual(
      [end.id, end.before, end.played, end.of, end.summary.overall.tickets],
      [first.id, 3, 6, 6, 6],
    );
    assert.equal((await bench.run(rehearsalTickets, end.id)).length, 6);
  });

  test("runs no more once it ended with an error, and counts what was kept, such as a ceiling for a model without a price", async () => {
    const { run, state, played } = setUp({ concurrency: 3 });
    state.costUsd = null;
    await assert.rejects(run({ budgetUsd: 1 }), /the price of gpt-x is not known/);
    const all = await bench.run(listRehearsals, 99);
    assert.ok(all.every(({ state: is }) => is !== "running"));
    const ended = all.find(({ reason }) => reason.includes("the price of gpt-x is not known"));
    assert.deepEqual([ended?.summary?.overall.tickets, played.length], [3, 3]);
  });

  test("for which its source has no ticket is refused with what could not be read, and not kept", async () => {
    const { run } = setUp({ source: "file /none.jsonl", tickets: [] });
    await assert.rejects(run({ leftOut: ["line 1: it has no answer"] }), {
      code: "input.invalid",
      message:
        "no solved ticket was found in file /none.jsonl\n1 could not be read:\n  line 1: it has no answer",
    });
    const all = await bench.run(listRehearsals, 99);
    assert.ok(all.every(({ source }) => source !== "file /none.jsonl"));
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

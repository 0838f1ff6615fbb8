/** Work that comes to nothing however often it is tried ends as a dead letter, harms nobody else, and can be put back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { runCommand } from "#cli/program.ts";
import { DeskhandError } from "#core/errors.ts";
import { intake } from "#jobs/intake.ts";
import { startShift } from "#jobs/shift.ts";
import { wakeConversation } from "#jobs/wake.ts";
import { waitingDeadLetters, type DeadLetter } from "#store/dead-letters.ts";
import { rowsOf } from "#store/driver.ts";
import { claimLease, releaseAllLeases } from "#store/lease.ts";
import { loadConversation } from "#store/conversations.ts";
import { intend } from "#store/ledger.ts";
import { plannedRefund } from "#test/store/bench.ts";
import { onDesk, type JobBench } from "./bench.ts";
import { letterFrom } from "./memory-parts.ts";
import { replying } from "./results.ts";

const MINUTE = 60_000;

const Row = z.record(z.string(), z.unknown());

function rows(bench: JobBench, query: ReturnType<typeof sql>) {
  return bench.parts.store.run((transaction) => rowsOf(transaction, Row, query));
}

/** A message arrives and nobody has looked at it yet. */
async function arrive(bench: JobBench, text: string, thread = "t1"): Promise<string> {
  const source = bench.parts.channels.get("email");
  assert.ok(source);
  const receivedAt = new Date(bench.now().getTime() - MINUTE);
  const message = letterFrom(`${thread}:${text}`, text, receivedAt);
  const body = new TextEncoder().encode(JSON.stringify({ thread, message }));
  const delivery = { source: "bench", headers: {}, body, receivedAt };
  const { conversationIds } = await intake(bench.parts, source, delivery);
  const [id = ""] = conversationIds;
  return id;
}

/** A wake that took its process with it: the lease was taken and the next process found it. */
function crash({ parts }: JobBench, conversationId: string, times = 1): Promise<void> {
  return parts.store.run(async (transaction) => {
    for (let count = 0; count < times; count += 1) {
      assert.ok(await claimLease(transaction, { conversationId, owner: "dead", leaseMs: MINUTE }));
      await releaseAllLeases(transaction, "dead");
    }
  });
}

function letters({ parts }: JobBench): Promise<readonly DeadLetter[]> {
  return parts.store.run((transaction) => waitingDeadLetters(transaction, 100));
}

async function ownerOf({ parts }: JobBench, id: string): Promise<string | undefined> {
  return (await parts.store.run((transaction) => loadConversation(transaction, id)))?.owner;
}

async function intendRefund(bench: JobBench, conversationId: string): Promise<string> {
  const key = "refund:shop:789:0";
  await bench.parts.store.run((transaction) =>
    intend(transaction, [plannedRefund(key)], {
      conversationId,
      approvalId: null,
      turnId: null,
      bundle: "b",
      revision: null,
      approvedBy: "policy",
      notBefore: bench.now(),
      now: bench.now(),
    }),
  );
  return key;
}

async function effectState(bench: JobBench, key: string): Promise<unknown> {
  const [row] = await rows(bench, sql`select state from effect where key = ${key}`);
  return row?.["state"];
}

async function command(bench: JobBench, ...argv: readonly string[]): Promise<string> {
  const { store, clock } = bench.parts;
  const context = { store, clock, status: null, appUrl: null };
  const result = await runCommand(context, ["dead-letters", ...argv]);
  assert.equal(result.exitCode, 0, result.stderr);
  return result.stdout;
}

onDesk("a message nobody can read", (bench) => {
  test("is given up after three tries: its original kept, people have it, the team told once", async () => {
    const id = await arrive(bench, "hello");
    await rows(bench, sql`update hint set payload = jsonb_set(payload, '{data}', '{}')`);
    for (let count = 0; count < 6; count += 1, bench.skip(MINUTE)) await bench.tick();
    const [letter, ...more] = await letters(bench);
    assert.ok(letter);
    assert.deepEqual([letter.kind, letter.hints.length, more.length], ["unreadable", 1, 0]);
    assert.equal(await ownerOf(bench, id), "human");
    assert.equal(bench.alerts().filter(({ text }) => text.includes(letter.id)).length, 1);
    assert.deepEqual(await rows(bench, sql`select state, attempts from hint`), [
      { state: "failed", attempts: 3 },
    ]);
    assert.match(await command(bench), new RegExp(`^${letter.id} .*unreadable`));
    assert.match(await command(bench, "show", letter.id), /message 1 by email, .*\n.*original: /);
  });

  test("once it can be read it is put back, to people or to the bot, and no second time", async () => {
    bench.rule({ replyAutonomy: () => "auto" });
    const ids = [await arrive(bench, "one", "t1"), await arrive(bench, "two", "t2")];
    await rows(
      bench,
      sql`update hint set payload = jsonb_set(payload, '{was}', payload -> 'data')`,
    );
    await rows(bench, sql`update hint set payload = jsonb_set(payload - 'was', '{data}', '{}')`);
    for (let count = 0; count < 6; count += 1, bench.skip(MINUTE)) await bench.tick();
    assert.equal((await letters(bench)).length, 2);
    for (const [index, text] of ["one", "two"].entries()) {
      const thread = `t${index + 1}`;
      const message = letterFrom(`${thread}:${text}`, text, bench.now());
      const data = JSON.stringify({ thread, message });
      await rows(
        bench,
        sql`update hint set payload = jsonb_set(payload, '{data}', ${data}::jsonb) where conversation_id = ${ids[index]}`,
      );
    }
    const list = await letters(bench);
    const of = (index: number): string =>
      list.find(({ conversationId }) => conversationId === ids[index])?.id ?? "";
    await command(bench, "redrive", of(0));
    await command(bench, "redrive", of(1), "--to-bot");
    assert.match(await command(bench, "redrive", of(0)), /before/);
    await bench.tick();
    const outcomes = await rows(
      bench,
      sql`select conversation_id as id, outcome from message where author_kind = 'requester'`,
    );
    const outcomeOf = (id: string | undefined) =>
      outcomes.find((row) => row["id"] === id)?.["outcome"];
    assert.equal(outcomeOf(ids[0]), "escalated");
    assert.equal(outcomeOf(ids[1]), "answered");
    assert.equal((await letters(bench)).length, 0);
    const audited = await rows(bench, sql`select 1 from audit where kind = 'redriven'`);
    assert.equal(audited.length, 2);
  });
});

onDesk("work that fails for a reason nobody expected", (bench) => {
  test("is tried with growing pauses, given up after eight times, and its neighbours go on", async () => {
    let runs = 0;
    bench.answer(({ unread }) => {
      if (unread.some(({ text }) => text === "poison")) {
        runs += 1;
        throw new Error("a mistake of ours");
      }
      return replying("Thank you.");
    });
    bench.rule({ replyAutonomy: () => "auto" });
    const poisoned = await arrive(bench, "poison", "bad");
    await bench.tick();
    await bench.tick();
    await bench.wake(poisoned);
    assert.equal(runs, 1, "neither the clock nor a ring hurries it");
    await bench.write("good", { thread: "good" });
    assert.equal(bench.replies().length, 1);
    const pauses: number[] = [];
    for (let before = runs, seconds = 1; seconds < 1_000 && runs < 8; seconds += 1) {
      bench.skip(1_000);
      await bench.tick();
      if (runs > before) pauses.push(seconds - pauses.reduce((sum, pause) => sum + pause, 0));
      before = runs;
    }
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64]);
    bench.skip(MINUTE);
    await bench.tick();
    const [letter] = await letters(bench);
    assert.ok(letter);
    assert.equal(letter.kind, "wake");
    assert.match(letter.reason, /8 times: a mistake of ours/);
    assert.equal(await ownerOf(bench, poisoned), "human");
    bench.skip(10 * MINUTE);
    await bench.tick();
    assert.equal(runs, 8);
    assert.equal(bench.alerts().filter(({ text }) => text.includes(letter.id)).length, 1);
  });

  test("that passes, such as a part that is away, never is given up", async () => {
    let runs = 0;
    bench.answer(() => {
      runs += 1;
      throw new DeskhandError("channel.unavailable", "away");
    });
    await arrive(bench, "hello");
    for (let count = 0; count < 12; count += 1, bench.skip(6 * MINUTE)) await bench.tick();
    assert.ok(runs >= 10, `${runs} runs`);
    assert.deepEqual(await letters(bench), []);
  });
});

onDesk("work that ends its process every time", (bench) => {
  test("is given up after five times, and what was beside it by chance is not", async () => {
    bench.rule({ replyAutonomy: () => "auto" });
    const poisoned = await arrive(bench, "poison", "bad");
    const neighbour = await arrive(bench, "good", "good");
    await crash(bench, neighbour);
    await crash(bench, poisoned, 5);
    await bench.tick();
    const [letter, ...more] = await letters(bench);
    assert.deepEqual([letter?.conversationId, letter?.kind, more.length], [poisoned, "wake", 0]);
    assert.equal(await ownerOf(bench, poisoned), "human");
    assert.equal(await ownerOf(bench, neighbour), "bot");
    assert.deepEqual(await rows(bench, sql`select state from hint order by id`), [
      { state: "failed" },
      { state: "read" },
    ]);
    assert.deepEqual(await rows(bench, sql`select unfinished_wakes from conversation group by 1`), [
      { unfinished_wakes: 0 },
    ]);
  });

  test("four times are not enough, and an orderly end forgets them", async () => {
    const id = await arrive(bench, "hello");
    await crash(bench, id, 4);
    await bench.tick();
    await crash(bench, id, 4);
    await bench.tick();
    assert.deepEqual(await letters(bench), []);
  });

  test("a process that leaves in good order holds nothing against what it was working on", async () => {
    const id = await arrive(bench, "hello");
    await bench.parts.store.run(async (transaction) => {
      for (let count = 0; count < 6; count += 1) {
        await claimLease(transaction, { conversationId: id, owner: "old", leaseMs: MINUTE });
        await releaseAllLeases(transaction, "old", "leaving");
      }
    });
    await bench.tick();
    assert.deepEqual(await letters(bench), []);
    assert.equal(await ownerOf(bench, id), "bot");
  });

  test("suspects work one at a time in a process, beside whatever is none", async () => {
    const [first, second, usual] = [
      await arrive(bench, "first", "t1"),
      await arrive(bench, "second", "t2"),
      await arrive(bench, "usual", "t3"),
    ];
    await crash(bench, first);
    await crash(bench, second);
    const shift = startShift();
    const open = Promise.withResolvers<void>();
    const began: string[] = [];
    bench.answer(({ unread }) => {
      began.push(unread[0]?.text ?? "");
      return replying("Thank you.");
    });
    const parts = {
      ...bench.parts,
      agent: {
        ...bench.parts.agent,
        run: async (input: Parameters<typeof bench.parts.agent.run>[0]) => {
          const result = await bench.parts.agent.run(input);
          if (input.unread[0]?.text === "first") await open.promise;
          return result;
        },
      },
    };
    const wake = (id: string) => wakeConversation(parts, id, { shift, ringer: "queue" });
    const running = wake(first);
    while (!began.includes("first")) await new Promise((resolve) => setTimeout(resolve, 5));
    await wake(second);
    await wake(usual);
    assert.deepEqual(began, ["first", "usual"]);
    open.resolve();
    await running;
    await wake(second);
    assert.deepEqual(began, ["first", "usual", "second"]);
    assert.equal(shift.takeCounts().get("queue.refused"), 1);
  });
});

onDesk("an effect that was under way each time its process ended", (bench) => {
  const begun = async (): Promise<{ id: string; key: string }> => {
    const id = await arrive(bench, "hello");
    await bench.tick();
    const key = await intendRefund(bench, id);
    await rows(bench, sql`update effect set state = 'executing', attempts = 1 where key = ${key}`);
    await crash(bench, id, 5);
    return { id, key };
  };
  const refunds = () => bench.left.filter(({ action }) => action.operation === "refund").length;

  test("is looked up, and failed when it did not happen: it is not begun again", async () => {
    const { id, key } = await begun();
    await bench.tick();
    assert.equal(await effectState(bench, key), "failed");
    assert.equal(refunds(), 0);
    assert.equal(await ownerOf(bench, id), "human");
    const [letter] = await letters(bench);
    assert.deepEqual([letter?.kind, letter?.effects], ["effect", [key]]);
  });

  test("is done when its target has it", async () => {
    const { key } = await begun();
    const { action } = plannedRefund(key);
    bench.left.push({ target: "shop", action, key });
    await bench.tick();
    assert.equal(await effectState(bench, key), "done");
    assert.equal(refunds(), 1);
    assert.deepEqual(await letters(bench), []);
  });

  test("is nobody's guess when looking it up is what ends the process", async () => {
    const { id, key } = await begun();
    await crash(bench, id);
    let asked = 0;
    bench.faults.find = () => void (asked += 1);
    await bench.tick();
    assert.equal(await effectState(bench, key), "unknown");
    assert.deepEqual([asked, refunds()], [0, 0]);
  });

  test("put back, its target is asked before it is tried, and it happens once", async () => {
    const { key } = await begun();
    await bench.tick();
    const [letter] = await letters(bench);
    let asked = 0;
    bench.faults.find = () => void (asked += 1);
    await command(bench, "redrive", "--all");
    for (let count = 0; count < 3; count += 1, bench.skip(MINUTE)) await bench.tick();
    assert.ok(asked >= 1);
    assert.equal(await effectState(bench, key), "done");
    assert.equal(refunds(), 1);
    assert.match(await command(bench, "show", letter?.id ?? ""), /put back at .*\n.*now done/);
  });
});

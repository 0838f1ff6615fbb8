/** Mail that cannot be worked on however often it is tried is a dead letter: looked at, put back, told once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { RefusedStatement } from "#core/values/thrown.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { arrive, command, letters, MINUTE, ownerOf, rows } from "#test/jobs/worker/lost-work.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { refuse, replying } from "#test/jobs/turn-results.ts";

onDesk("a message that cannot be read", (bench) => {
  test("because its source refuses is given up after three tries", async () => {
    const source = bench.parts.channels.get("email");
    assert.ok(source);
    bench.connect({ ...source, resolve: async () => refuse() });
    await arrive(bench, "hello");
    for (let count = 0; count < 6; count += 1, bench.skip(MINUTE)) await bench.tick();
    assert.deepEqual(await rows(bench, sql`select state, attempts from hint`), [
      { state: "failed", attempts: 3 },
    ]);
    assert.equal((await letters(bench)).length, 1);
  });

  test("because of what it holds is given up at once: its original kept, people have it, the team told once", async () => {
    const id = await arrive(bench, "hello");
    await rows(bench, sql`update hint set payload = jsonb_set(payload, '{data}', '{}')`);
    for (let count = 0; count < 6; count += 1, bench.skip(MINUTE)) await bench.tick();
    const [letter, ...more] = await letters(bench);
    assert.ok(letter);
    assert.deepEqual([letter.kind, letter.hints.length, more.length], ["unreadable", 1, 0]);
    assert.equal(await ownerOf(bench, id), "human");
    assert.equal(bench.alerts().filter(({ text }) => text.includes(letter.id)).length, 1);
    assert.deepEqual(await rows(bench, sql`select state, attempts from hint`), [
      { state: "failed", attempts: 1 },
    ]);
    assert.match(await command(bench), new RegExp(`^${letter.id} .*unreadable`));
    assert.match(await command(bench, letter.id), /message 1 by email, .*\n.*original: /);
  });

  test("once it can be read it is put back, to people or to the bot, and no second time", async () => {
    bench.rule({ replyAutonomy: () => "auto" });
    const ids = [
      await arrive(bench, "one", { thread: "t1" }),
      await arrive(bench, "two", { thread: "t2" }),
    ];
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
    await command(bench, of(0), "--redrive");
    await command(bench, of(1), "--redrive", "--to-bot");
    assert.match(await command(bench, of(0), "--redrive"), /before/);
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

onDesk("work that fails for an unexpected reason", (bench) => {
  test("is tried with growing pauses, given up after eight times, and its neighbours go on", async () => {
    let runs = 0;
    bench.answer(({ unread }) => {
      if (unread.some(({ text }) => text === "poison")) {
        runs += 1;
        throw new RefusedStatement("a mistake of ours");
      }
      return replying("Thank you.");
    });
    bench.rule({ replyAutonomy: () => "auto" });
    const poisoned = await arrive(bench, "poison", { thread: "bad" });
    await bench.tick();
    await bench.tick();
    await bench.wake(poisoned);
    assert.equal(runs, 1, "neither the clock nor a wake hurries it");
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

/** Effects that wait: for a rate limit or a mail server, and as dead letters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { bookedTurns } from "#jobs/effects/retry.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { sql } from "#store/db/drizzle.ts";
import { refuse, replying } from "#test/jobs/turn-results.ts";
import { arrive, command, letters, MINUTE, ownerOf, rows } from "#test/jobs/worker/lost-work.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { RefusedStatement } from "#core/values/thrown.ts";

onDesk("a call that waits for its turn under a rate limit", (bench) => {
  test("is made when its turn comes, however often others were faster", async () => {
    const tries = { count: 0 };
    bench.faults.commit = ({ action }) => {
      if (action.operation !== "reply") return;
      tries.count += 1;
      if (tries.count <= 8)
        throw new DeskhandError("channel.rate_limited", "the limit is used up for now", {
          retryAfterMs: 3_000,
          notTried: true,
        });
    };
    await bench.write("Hello", { channel: "chat" });
    for (let turn = 2; turn <= 9; turn += 1) {
      await bench.pass(3_000);
      assert.equal(tries.count, turn);
    }
    assert.equal(bench.replies().length, 1);
  });

  test("is no failed try of a card, which waits no longer for it", async () => {
    const { desk } = bench.parts;
    const tries = { count: 0 };
    bench.connectDesk({
      ...desk,
      post: async (...posted) => {
        tries.count += 1;
        if (tries.count > 9) return desk.post(...posted);
        throw new DeskhandError("channel.rate_limited", "full", { retryAfterMs: 1_000 });
      },
    });
    bench.rule({ replyAutonomy: () => "draft" });
    const id = await bench.write("Hello");
    for (let turn = 0; turn < 5; turn += 1) {
      bench.skip(1_000);
      await showCards(bench.parts);
    }
    const { failures, deskRef } = (await bench.pending(id))?.posting ?? assert.fail("no card");
    assert.ok(tries.count >= 5);
    assert.deepEqual({ failures, deskRef }, { failures: 0, deskRef: null });
    bench.connectDesk(desk);
  });

  test("is woken once, at the time of its place, and nothing is read for it before", async () => {
    const chat = bench.channel("chat");
    const done = { looks: 0, asked: 0, turnAt: bench.parts.clock.now().getTime() + 60_000 };
    bench.connect({
      ...chat,
      keepsHistory: true,
      fetch: async (conversation, signal) => {
        done.looks += 1;
        return { ...(await chat.fetch(conversation, signal)), messages: [] };
      },
      reserve: async () => {
        done.asked += 1;
        return Math.max(0, done.turnAt - bench.parts.clock.now().getTime());
      },
    });
    await bench.write("Hello", { channel: "chat" });
    const looksBefore = done.looks;
    await bench.passes(5, 1_000);
    assert.deepEqual([done.asked, done.looks, bench.replies().length], [1, looksBefore, 0]);
    await bench.pass(60_000);
    assert.deepEqual([done.asked, bench.replies().length], [2, 1]);
    bench.connect(chat);
  });

  for (const [what, stoodStillMs, called] of [
    ["searches for nothing at its first try", 0, true],
    ["searches at its first try when the process stood still after it began", 60_000, false],
  ] as const)
    test(what, async (context) => {
      const chat = bench.channel("chat");
      const calls: unknown[] = [];
      const commit: typeof chat.commit = (action, key, signal, isFirst) => (
        calls.push(isFirst?.()),
        chat.commit(action, key, signal)
      );
      const real = performance.now.bind(performance);
      const stopped = { ms: 0 };
      context.mock.method(performance, "now", () => real() + stopped.ms);
      context.mock.method(bench.parts, "crashPoint", (at: string) => {
        if (at === "effect:executing:reply") stopped.ms = stoodStillMs;
      });
      bench.connect({ ...chat, keepsHistory: true, commit });
      await bench.write("Hello", { channel: "chat" });
      await bench.tick();
      assert.deepEqual(calls, [called]);
      bench.connect(chat);
    });

  test("has its place before the commit, and turns near to each other are one wake", async () => {
    const chat = bench.channel("chat");
    // The last is the next message of a Slack channel, which is waited for where it is made.
    const next = 60_000 / 48;
    const waits: Readonly<Record<string, number>> = { a: 30_000, b: 31_000, c: 60_000, d: next };
    bench.connect({ ...chat, reserve: async (_action, key) => waits[key] ?? 0 });
    const action = { target: "chat", operation: "reply", arguments: {} } as const;
    const bundles = Object.keys(waits).map((key) => ({
      actions: [{ key, action, label: "", facts: [] }],
    }));
    const turns = await bookedTurns(bench.parts, bundles);
    const now = bench.now().getTime();
    assert.deepEqual(
      [...turns].map(([key, at]) => [key, at.getTime() - now]),
      [
        ["a", 31_000],
        ["b", 31_000],
        ["c", 60_000],
      ],
    );
    bench.connect(chat);
  });
});

onDesk("a mail server that says later", (bench) => {
  const MINUTE = 60_000;

  const HOUR = 60 * MINUTE;

  const putOff = (): { readonly tries: string[]; later: boolean } => {
    const server_ = { tries: [] as string[], later: true };
    bench.answer(() => replying("Answer."));
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
    bench.faults.commit = ({ target, key }) => {
      if (target !== "email") return;
      server_.tries.push(key);
      if (server_.later)
        throw new DeskhandError(
          "channel.unavailable",
          "the mail server said later: 451 4.7.1 greylisted",
        );
    };
    return server_;
  };
  const awayFor = (hours: number): Promise<unknown> =>
    bench.execute(
      sql`update effect set away_since = away_since - ${hours} * interval '1 hour', away_count = 12 where operation = 'reply'`,
    );

  test("is asked again under the same key for a day, less and less often, and the answer goes out once", async () => {
    const mail = putOff();
    const id = await bench.write("Where is my order?");
    await bench.passes(4, MINUTE);
    await awayFor(23);
    await bench.pass(MINUTE);
    const tries = mail.tries.length;
    await bench.pass(10 * MINUTE);
    assert.equal(mail.tries.length, tries, "a quarter of an hour lies between two tries by then");
    mail.later = false;
    await bench.pass(6 * MINUTE);
    assert.equal(bench.replies().length, 1);
    assert.equal(new Set(mail.tries).size, 1);
    assert.match(await bench.outcome(id), /^answered/);
  });

  test("for more than a day leaves it to a person, who reads the server's message", async () => {
    const mail = putOff();
    const id = await bench.write("Where is my order?");
    await awayFor(25);
    await bench.pass(MINUTE);
    await bench.pass(HOUR);
    assert.equal(mail.tries.length, 2);
    assert.equal(bench.replies().length, 0);
    assert.match(await bench.outcome(id), /^escalated: .*451 4\.7\.1 greylisted/);
    assert.ok(bench.alerts(/451 4\.7\.1 greylisted/).length > 0);
  });
});

onDesk("a message that cannot be read", (bench) => {
  test("because its source refuses is given up after three tries", async () => {
    const source = bench.channel("email");
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
      await bench.pass(1_000);
      if (runs > before) pauses.push(seconds - pauses.reduce((sum, pause) => sum + pause, 0));
      before = runs;
    }
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64]);
    await bench.pass(MINUTE);
    const [letter] = await letters(bench);
    assert.ok(letter);
    assert.equal(letter.kind, "wake");
    assert.match(letter.reason, /8 times: a mistake of ours/);
    assert.equal(await ownerOf(bench, poisoned), "human");
    await bench.pass(10 * MINUTE);
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

/** A check that throws on a text is our mistake: people get the message at once, and are told of it once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { arrive, letters, ownerOf, rows } from "#test/jobs/worker/lost-work.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { describeThrown, RefusedStatement } from "#core/values/thrown.ts";

const WORDS = "It came on 02/22/2022, and my code is 4711.";

/** Throws with the customer's own words in the message, as the runtime's errors do. */
function throwing(messages: Parameters<InputGuard["delicate"]>[0]): never {
  throw new RangeError(`Invalid time value: ${messages[0]?.text ?? ""}`);
}

/** The parts of the bench with some of its checks exchanged, and a log that is kept. */
function withChecks(bench: JobBench, checks: Partial<InputGuard>) {
  const logged: string[] = [];
  const log = (line: string, details?: unknown): void =>
    void logged.push(`${line} ${JSON.stringify(details ?? {})}`);
  const guard = { ...bench.parts.guard, ...checks };
  const parts = { ...bench.parts, guard, log: { ...bench.parts.log, error: log, warn: log } };
  return { parts, logged };
}

const tries = async (bench: JobBench) =>
  rows(bench, sql`select failed_wakes, unfinished_wakes from conversation order by id`);

onDesk("a check that throws", (bench) => {
  const alerts = () => bench.alerts(/^A check of this/);

  test("leads to people at once, with an outcome, the mistake in the trace, and no second try", async () => {
    const { parts, logged } = withChecks(bench, { delicate: throwing });
    const id = await arrive(bench, WORDS);
    await processConversation(parts, id);
    assert.equal(await ownerOf(bench, id), "human");
    assert.equal(bench.replies().length, 1, "the customer is told that people have it");
    assert.match(await bench.outcome(id), /^escalated: a check of this program failed on it/);
    const stored = await rows(
      bench,
      sql`select outcome from message where author_kind = 'requester'`,
    );
    assert.deepEqual(stored, [{ outcome: "escalated" }]);
    assert.deepEqual(await letters(bench), []);
    for (const counted of await tries(bench))
      assert.deepEqual(counted, { failed_wakes: 0, unfinished_wakes: 0 });
    const [turn] = await bench.at(findTurns, id);
    const [span] = turn?.spans ?? [];
    assert.equal(span?.name, "check threw");
    assert.equal(span?.attributes["error.type"], "RangeError");
    assert.match(
      JSON.stringify(span?.attributes["deskhand.frames"]),
      /throwing .*\(check-threw\.test\.ts/,
    );
    assert.match(logged.join("\n"), /RangeError in .*throwing/);
    assert.doesNotMatch(logged.join("\n"), /02\/22|4711/);
    assert.doesNotMatch(JSON.stringify(alerts()), /02\/22|4711/);
  });

  test("is told once a day for all messages it happens with, and again when it is another mistake", async () => {
    const { parts } = withChecks(bench, { delicate: throwing });
    for (const thread of ["t1", "t2"]) {
      bench.skip(60_000);
      await processConversation(parts, await arrive(bench, WORDS, { thread }));
    }
    assert.equal(alerts().length, 1);
    bench.skip(86_400_000);
    await processConversation(parts, await arrive(bench, WORDS, { thread: "t3" }));
    assert.equal(alerts().length, 2);
    const other = withChecks(bench, {
      inspect: () => {
        throw new TypeError("not a function");
      },
    });
    await processConversation(other.parts, await arrive(bench, WORDS, { thread: "t4" }));
    assert.equal(alerts().length, 3);
    assert.deepEqual(await letters(bench), []);
  });

  test("may be the mask itself: the text is then only where it came in, and nowhere unmasked", async () => {
    const fails = (): never => {
      throw new RangeError("too deep");
    };
    const { parts } = withChecks(bench, { mask: fails, languageOf: fails, delicate: throwing });
    const id = await arrive(bench, WORDS);
    await processConversation(parts, id);
    assert.equal(await ownerOf(bench, id), "human");
    const ticket = bench.left.find(({ action }) => action.operation === "create_ticket");
    assert.match(JSON.stringify(ticket?.action.arguments), /could not be masked/);
    assert.doesNotMatch(JSON.stringify(ticket?.action.arguments), /4711/);
  });

  test("of the agent brings its own account of the turn", async () => {
    const thrown = describeThrown(new RangeError(WORDS));
    bench.answer(() =>
      replying("", {
        ending: escalating("a check failed", { thrown }),
        outputTokens: 12,
      }),
    );
    await bench.write(WORDS, { thread: "t1" });
    bench.bindTo(customerCalled("bob"));
    const id = await bench.write(WORDS, { thread: "t2" });
    assert.equal(alerts().length, 1);
    const [turn] = await bench.at(findTurns, id);
    assert.equal(turn?.output_tokens, 12);
  });
});

onDesk("a check that throws while others work", (bench) => {
  test("still pages those who answer delicate words", async () => {
    const fails = (): never => {
      throw new RangeError("too deep");
    };
    const delicate = (): { topic: "legal"; words: string } => ({ topic: "legal", words: "sue" });
    const { parts } = withChecks(bench, { delicate, inspect: fails });
    await processConversation(parts, await arrive(bench, "I will sue you."));
    assert.equal(bench.alerts(/^Delicate \(legal\)/).length, 1);
  });

  test("gives a blocked writer no word", async () => {
    const { parts } = withChecks(bench, {
      inspect: () => ({ verdict: "block", reasons: ["it gives orders"] }),
    });
    const { write } = breakingCards(parts);
    const id = await arrive(bench, WORDS);
    await processConversation(write, id);
    assert.equal(await ownerOf(bench, id), "human");
    assert.deepEqual(bench.replies(), []);
  });
});

/** Parts with which a card cannot be rendered: the id it gets throws within the commit of the turn. */
function breakingCards(parts: JobContext): { readonly write: JobContext } {
  const next: JobContext["ids"]["next"] = (prefix) => {
    if (prefix === "a") throw new RangeError(`Invalid time value: ${WORDS}`);
    return parts.ids.next(prefix);
  };
  return { write: { ...parts, ids: { ...parts.ids, next } } };
}

onDesk("a card that cannot be rendered in the commit of its turn", (bench) => {
  test("leads to people with one outcome, and the turn keeps what it has cost", async () => {
    bench.answer(() => replying("It is on its way.", { inputTokens: 700, outputTokens: 12 }));
    const { parts, logged } = withChecks(bench, {});
    const { write } = breakingCards(parts);
    const id = await arrive(bench, "Where is my order?");
    await processConversation(write, id);
    assert.match(await bench.outcome(id), /^escalated: a check of this program failed on it/);
    assert.equal(await ownerOf(bench, id), "human");
    const [turn, ...more] = await bench.at(findTurns, id);
    assert.deepEqual([turn?.output_tokens, more.length], [12, 0]);
    assert.equal(turn?.spans.at(-1)?.name, "check threw");
    assert.deepEqual(await letters(bench), []);
    assert.doesNotMatch(logged.join("\n"), /4711/);
  });
});

const refusedWith = (code: string) =>
  new RefusedStatement("the database refused a statement", {
    cause: Object.assign(new Error("refused"), { code }),
  });

onDesk("an error", (bench) => {
  for (const [what, error, owner] of [
    ["a statement refused with 22021", refusedWith("22021"), "human"],
    ["a statement refused with 22P05", refusedWith("22P05"), "human"],
    ["a statement refused with 23505", refusedWith("23505"), "bot"],
    ["a statement refused with 40P01", refusedWith("40P01"), "bot"],
    ["a statement refused without a code", new RefusedStatement("refused"), "bot"],
    ["a database away", new DeskhandError("store.unavailable", "it cannot be reached"), "bot"],
    ["a read", Object.assign(new Error("read"), { syscall: "read", code: "EIO" }), "bot"],
  ] as const)
    test(`${owner === "human" ? "is the text's fault" : "is tried again"}: ${what}`, async () => {
      const id = await arrive(bench, "hello");
      await processConversation({ ...bench.parts, bind: () => Promise.reject(error) }, id);
      assert.equal(await ownerOf(bench, id), owner);
      if (owner === "bot") assert.deepEqual(await letters(bench), []);
    });
});

onDesk("a message whose reading throws", (bench) => {
  test("is kept and with people after one try", async () => {
    const source = bench.channel("email");
    bench.connect({
      ...source,
      resolve: async () => {
        throw new RangeError(`Invalid time value: ${WORDS}`);
      },
    });
    const id = await arrive(bench, WORDS);
    await bench.wake(id);
    const [letter, ...more] = await letters(bench);
    assert.deepEqual([letter?.kind, letter?.hints.length, more.length], ["unreadable", 1, 0]);
    assert.doesNotMatch(letter?.reason ?? "", /4711/);
    assert.equal(await ownerOf(bench, id), "human");
    assert.equal(bench.alerts().length, 1);
  });

  test("is given up after one try as well where its codes are looked for", async () => {
    const source = bench.channel("email");
    const broken = {
      ...source,
      resolve: async (...given: Parameters<typeof source.resolve>) => {
        const found = await source.resolve(...given);
        return {
          ...found,
          get messages(): never {
            throw new TypeError(WORDS);
          },
        };
      },
    };
    const id = await arrive(bench, WORDS);
    bench.connect(broken);
    await bench.wake(id);
    assert.equal((await letters(bench))[0]?.kind, "unreadable");
  });
});

onDesk("what throws before anything can be planned", (bench) => {
  test("ends with people after one try", async () => {
    const source = bench.channel("email");
    bench.connect({
      ...source,
      resolve: async (...given) => {
        const found = await source.resolve(...given);
        const terms = {
          get customer(): never {
            throw new TypeError(WORDS);
          },
          readers: [],
          barred: null,
        };
        return { ...found, participants: terms };
      },
    });
    const id = await arrive(bench, WORDS);
    await bench.wake(id);
    const [letter] = await letters(bench);
    assert.equal(letter?.kind, "wake");
    assert.match(letter?.reason ?? "", /a check threw: TypeError/);
    assert.equal(await ownerOf(bench, id), "human");
  });
});

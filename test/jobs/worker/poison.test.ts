/** Work that ends its process every time is begun a few times only, and takes no other work down with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Target } from "#core/contracts/tool.ts";
import { LIMITS } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { createWorkerState, processConversation } from "#jobs/worker/process-conversation.ts";
import { runEffects } from "#jobs/effects/run-effects.ts";
import { claimLease, handBackLeases } from "#store/conversations/lease.ts";
import { intend } from "#store/effects/intend.ts";
import { plannedRefund } from "#test/store/bench.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { memoryTarget } from "#test/jobs/memory-ports.ts";
import { arrive, command, crash, letters, MINUTE, ownerOf, rows } from "./lost-work.ts";
import { replying } from "#test/jobs/turn-results.ts";

async function intendRefund(
  bench: JobBench,
  conversationId: string,
  target: "shop" | "system" = "shop",
): Promise<string> {
  const key = "refund:shop:789:0";
  const planned = plannedRefund(key);
  await bench.at(intend, [{ ...planned, action: { ...planned.action, target } }], {
    conversationId,
    approvalId: null,
    turnId: null,
    bundle: "b",
    revision: null,
    approvedBy: "policy",
    notBefore: bench.now(),
    now: bench.now(),
  });
  return key;
}

async function effectState(bench: JobBench, key: string): Promise<unknown> {
  const [row] = await rows(bench, sql`select state from effect where key = ${key}`);
  return row?.["state"];
}

onDesk("work that ends its process every time", (bench) => {
  test("is given up after a few times, and what was beside it by chance is not", async () => {
    bench.rule({ replyAutonomy: () => "auto" });
    const poisoned = await arrive(bench, "poison", { thread: "bad" });
    const neighbour = await arrive(bench, "good", { thread: "good" });
    await crash(bench, neighbour);
    await crash(bench, poisoned, LIMITS.unfinishedWakesMax);
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
        await handBackLeases(transaction, "old");
      }
    });
    await bench.tick();
    assert.deepEqual(await letters(bench), []);
    assert.equal(await ownerOf(bench, id), "bot");
  });

  test("quarantined conversations run one at a time in a process, beside clean ones", async (context) => {
    // Of a writer who is not proven: what a proven customer writes at once is one case.
    bench.bindTo({ level: 1, customerId: null, emailOnFile: null, name: "Ann", reason: "claimed" });
    const [first, second, usual] = [
      await arrive(bench, "first", { thread: "t1" }),
      await arrive(bench, "second", { thread: "t2" }),
      await arrive(bench, "usual", { thread: "t3" }),
    ];
    await crash(bench, first, 2);
    await crash(bench, second, 2);
    // Once is chance: whatever else was in flight when a process ended is not made to queue for it.
    await crash(bench, usual);
    const workerState = createWorkerState();
    const open = Promise.withResolvers<void>();
    context.after(() => open.resolve());
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
    const wake = (id: string) => processConversation(parts, id, workerState);
    const running = wake(first);
    while (!began.includes("first")) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await wake(second), "refused");
    await wake(usual);
    assert.deepEqual(began, ["first", "usual"]);
    open.resolve();
    await running;
    await wake(second);
    assert.deepEqual(began, ["first", "usual", "second"]);
  });
});

onDesk("an effect that was under way each time its process ended", (bench) => {
  const begun = async (): Promise<{ id: string; key: string }> => {
    const id = await arrive(bench, "hello");
    await bench.tick();
    const key = await intendRefund(bench, id);
    await rows(bench, sql`update effect set state = 'executing', attempts = 1 where key = ${key}`);
    await crash(bench, id, LIMITS.unfinishedWakesMax);
    return { id, key };
  };

  test("is looked up, and failed when it did not happen: it is not begun again", async () => {
    const { id, key } = await begun();
    await bench.tick();
    assert.equal(await effectState(bench, key), "failed");
    assert.equal(bench.made("refund").length, 0);
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
    assert.equal(bench.made("refund").length, 1);
    assert.deepEqual(await letters(bench), []);
  });

  test("is left in doubt when its lookup is what ends the process", async () => {
    const { id, key } = await begun();
    await crash(bench, id);
    let asked = 0;
    bench.faults.find = () => void (asked += 1);
    await bench.tick();
    assert.equal(await effectState(bench, key), "unknown");
    assert.deepEqual([asked, bench.made("refund").length], [0, 0]);
  });

  test("put back, its target is asked before it is tried, and it happens once", async () => {
    const { key } = await begun();
    await bench.tick();
    const [letter] = await letters(bench);
    let asked = 0;
    bench.faults.find = () => void (asked += 1);
    const firsts: unknown[] = [];
    const shop = memoryTarget("shop", bench);
    const commit: Target["commit"] = (action, effectKey, _signal, isFirst) => {
      firsts.push(isFirst?.());
      return shop.commit(action, effectKey);
    };
    bench.replace({ ...shop, commit });
    await command(bench, "--redrive", "--all");
    await bench.tick();
    assert.deepEqual(
      await rows(bench, sql`select state, attempts from effect where key = ${key}`),
      [{ state: "intended", attempts: 0 }],
      "nothing of it was tried since, so a stricter policy still looks at it",
    );
    for (let count = 0; count < 3; count += 1, bench.skip(MINUTE)) await bench.tick();
    assert.ok(asked >= 1);
    assert.deepEqual(firsts, [false], "it may have been sent before");
    assert.equal(await effectState(bench, key), "done");
    assert.equal(bench.made("refund").length, 1);
    assert.match(await command(bench, letter?.id ?? ""), /put back at .*\n.*now done/);
  });

  test("waits longer and longer when it is an alert: what it tells is told nowhere else", async () => {
    const id = await arrive(bench, "hello");
    await bench.tick();
    await bench.at(
      (transaction, text: string) =>
        alertTeam(bench.parts, transaction, {
          conversationId: id,
          text,
          about: "a test",
          kind: "test",
          now: bench.now(),
        }),
      "Somebody has to look at this.",
    );
    const alert = async () => {
      const [row] = await rows(bench, sql`select state from effect where operation = 'alert'`);
      return [row?.["state"], bench.made("alert").length];
    };
    await rows(bench, sql`update effect set state = 'executing' where operation = 'alert'`);
    await crash(bench, id, LIMITS.unfinishedWakesMax);
    await bench.tick();
    assert.deepEqual(await alert(), ["intended", 0], "its target said that it did not happen");
    bench.skip(MINUTE);
    await crash(bench, id, LIMITS.unfinishedWakesMax + 1);
    await bench.tick();
    assert.deepEqual([...(await alert()), ...(await letters(bench))], ["intended", 0]);
    bench.skip(MINUTE / 2);
    await bench.tick();
    assert.deepEqual(await alert(), ["intended", 0]);
    bench.skip(MINUTE / 2);
    await bench.tick();
    assert.deepEqual(await alert(), ["done", 1]);
  });
});

onDesk("an effect that was under way when its process ended", (bench) => {
  for (const [target, atOnce] of [
    ["shop", 1],
    ["system", 0],
  ] as const)
    test(`is begun again in a ${target} ${atOnce === 1 ? "at once" : "when the former call must have ended"}`, async () => {
      const calls: string[] = [];
      bench.replace({
        ...memoryTarget(target, { left: bench.left, faults: bench.faults }),
        find: async () => ({ state: "absent" }),
        commit: async (_action, key) => {
          calls.push(key);
          return { ref: "r", conversationKeys: [] };
        },
      });
      const id = await arrive(bench, "hello");
      await bench.tick();
      const key = await intendRefund(bench, id, target);
      await rows(
        bench,
        sql`update effect set state = 'executing', attempts = 1 where key = ${key}`,
      );
      await crash(bench, id);
      await bench.pass(1_000, 3);
      assert.equal(calls.length, atOnce);
      await bench.pass(LIMITS.effectMs, 2);
      assert.deepEqual(calls, [key]);
    });
});

onDesk("a target with a time of its own", (bench) => {
  test("has that long for a call, and no other", async () => {
    const ended: unknown[] = [];
    bench.replace({
      ...memoryTarget("shop", { left: bench.left, faults: bench.faults }),
      commitMs: 20,
      find: async () => ({ state: "absent" }),
      commit: async (_action, _key, signal) => {
        await unlessAborted(new Promise<never>(() => {}), signal).catch(() => undefined);
        // The usual limit of half a minute is not over yet.
        ended.push(performance.now() - began < LIMITS.effectMs);
        throw new DeskhandError("shop.uncertain", "no answer");
      },
    });
    const id = await arrive(bench, "hello");
    await bench.tick();
    await intendRefund(bench, id);
    const began = performance.now();
    await crash(bench, id);
    await bench.pass(1_000, 3);
    assert.deepEqual(ended, [true]);
  });

  test("is left at once by who has lost the conversation", async () => {
    const lost = new AbortController();
    const ended: unknown[] = [];
    bench.replace({
      ...memoryTarget("shop", { left: bench.left, faults: bench.faults }),
      commitMs: MINUTE,
      commit: async (_action, _key, signal) => {
        lost.abort();
        ended.push(signal.aborted);
        throw new DeskhandError("shop.uncertain", "no answer");
      },
    });
    const id = await arrive(bench, "hello");
    await bench.tick();
    await intendRefund(bench, id);
    const lease = await bench.at(claimLease, { conversationId: id, owner: "me", leaseMs: MINUTE });
    assert.ok(lease);
    await runEffects(bench.parts, lease, lost.signal);
    assert.deepEqual(ended, [true]);
  });
});

onDesk("a conversation whose database was slow for some minutes", (bench) => {
  test("gets the usual tries when something else fails once afterwards", async () => {
    const next: { error: DeskhandError } = {
      error: new DeskhandError("store.unavailable", "a statement took too long"),
    };
    bench.answer(() => {
      throw next.error;
    });
    const id = await arrive(bench, "hello");
    for (let wake = 0; wake < 8; wake += 1) {
      await bench.wake(id);
      bench.skip(400_000);
    }
    assert.deepEqual(await letters(bench), [], "a slow database is no reason to give up");
    next.error = new DeskhandError("channel.unsupported", "not connected here");
    await bench.wake(id);
    assert.deepEqual(
      (await letters(bench)).map(({ reason }) => reason),
      [],
    );
  });
});

/** What a decision begins for the next run of its process: it is called once, and no more once something has changed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { GateDatabase } from "#gate/index.ts";
import {
  approved,
  barrier,
  counting,
  freshSchema,
  gateWith,
  LEA,
  running,
  SAM,
  waiting,
  type OneGate,
} from "./package-bench.ts";
import { onlyReads } from "./package-database.ts";

const YES = { kind: "yes" } as const;

/** Every commit and every read beside them, and the statements of each, by the database's own names. */
function watched(database: GateDatabase) {
  const commits: string[][] = [];
  const reads: string[] = [];
  const over: GateDatabase = {
    ask(statement, values) {
      if (onlyReads(statement)) reads.push(statement.name);
      else commits.push([statement.name]);
      return database.ask(statement, values);
    },
    run(work) {
      const names: string[] = [];
      commits.push(names);
      return database.run((ask) =>
        work((statement, values) => {
          names.push(statement.name);
          return ask(statement, values);
        }),
      );
    },
  };
  return { commits, reads, over };
}

test("an approval is proposed, decided and carried out in three commits of five statements and one read at the most", async () => {
  const at = freshSchema();
  const { commits, reads, over } = watched(at.database);
  const { pay, outside } = counting();
  const gate = await running({ ...at, database: over }, pay);
  commits.splice(0);
  reads.splice(0);
  const ticket = await waiting(gate);
  await gate.decide(ticket, SAM, YES);
  assert.equal(await gate.run(), 1);
  assert.equal(commits.length, 3);
  assert.ok(commits.flat().length <= 5, commits.join(" · "));
  assert.deepEqual(reads, [`${at.schema}_load`]);
  assert.equal(outside.calls, 1);
  assert.deepEqual((await gate.verify()).brokenAt, null);
});

describe("what a decision began is called no more", () => {
  for (const what of ["what it rests on has changed since", "who approved it has no role any more"])
    test(`when ${what}`, async () => {
      const { pay, outside } = counting();
      let isOver = false;
      const isFacts = what.startsWith("what");
      const gate = await running(
        freshSchema(),
        { ...pay, facts: async () => isFacts && isOver },
        { roleOf: () => (!isFacts && isOver ? null : "member") },
      );
      const ticket = await approved(gate);
      isOver = true;
      assert.equal(await gate.run(), 0);
      assert.equal(outside.calls, 0);
      assert.equal((await gate.outcome(ticket.id)).state, "void");
    });

  test("after a restore, before its target was asked", async () => {
    const { pay, outside, asked } = counting();
    const gate = await running(freshSchema(), pay);
    const ticket = await approved(gate);
    // It happened before the restore, as far as its target knows.
    outside.landed.push(ticket.id);
    await gate.restored();
    await gate.run();
    assert.deepEqual(asked, [ticket.id]);
    assert.equal(outside.calls, 0);
    assert.equal((await gate.outcome(ticket.id)).state, "executed");
  });

  test("after a restore that was told of while its commit was under way", async () => {
    const at = freshSchema();
    const { pay, outside, asked } = counting();
    const answer = barrier();
    let isHeld = false;
    const ask: GateDatabase["ask"] = async (statement, values) => {
      const result = await at.database.ask(statement, values);
      if (isHeld && statement.name.endsWith("_change")) await answer.pass();
      return result;
    };
    const gate = await running({ ...at, database: { ...at.database, ask } }, pay);
    const ticket = await waiting(gate);
    isHeld = true;
    const yes = gate.decide(ticket, SAM, YES);
    await answer.reached;
    isHeld = false;
    outside.landed.push(ticket.id);
    await gate.restored();
    answer.open();
    assert.deepEqual(await yes, { accepted: true });
    await gate.run();
    assert.deepEqual(asked, [ticket.id]);
    assert.equal(outside.calls, 0);
  });

  test("after another process has begun it, whose lease stays", async () => {
    const at = freshSchema();
    const { pay, outside, asked } = counting();
    const gate = await running(at, pay, { callMs: 500 });
    await approved(gate);
    await delay(520);
    await at.query("update gate.effect set fence = fence + 1");
    assert.equal(await gate.run(), 0);
    assert.deepEqual([outside.calls, asked], [0, []]);
    assert.equal(
      (await at.query("select 1 from gate.effect where leased_until > now()")).length,
      1,
    );
  });

  test("after as long as a call may take, before its target was asked", async () => {
    const { pay, outside, asked } = counting();
    const gate = await running(freshSchema(), pay, { callMs: 100 });
    const ticket = await approved(gate);
    await delay(120);
    // The first run asks and gives it back, the second begins it anew.
    assert.equal((await gate.run()) + (await gate.run()), 1);
    assert.ok(asked.includes(ticket.id));
    assert.equal(outside.calls, 1);
  });
});

test("what it rests on could not be read: it is called later, once", async () => {
  const { pay, outside } = counting();
  let [time, isAway] = [Date.now(), false];
  const facts = async () => {
    if (isAway) throw new Error("away");
    return null;
  };
  const gate = await running(freshSchema(), { ...pay, facts }, { now: () => new Date(time) });
  const ticket = await approved(gate);
  isAway = true;
  assert.equal(await gate.run(), 0);
  isAway = false;
  time += 5_000;
  assert.equal(await gate.run(), 1);
  assert.equal(outside.calls, 1);
  assert.equal((await gate.outcome(ticket.id)).state, "executed");
});

describe("a decision begins nothing", () => {
  /** Whether another process finds it due, so that no decision has begun it. */
  const isLeftTo = async (other: OneGate, gate: OneGate, key?: string): Promise<boolean> => {
    await approved(gate, key);
    return (await other.run()) === 1;
  };

  test("where no run was called, and where the last that was begun was not taken", async () => {
    const at = freshSchema();
    const { pay } = counting();
    const [gate, other] = [await gateWith(at, pay), await gateWith(at, pay)];
    assert.equal(await isLeftTo(other, gate), true);
    await gate.run();
    assert.equal(await isLeftTo(other, gate), false);
    assert.equal(await isLeftTo(other, gate), true);
  });

  test("while a call is under way in its process", async () => {
    const at = freshSchema();
    const answer = barrier();
    const [slow, quick] = [counting(answer.pass), counting()];
    const [gate, other] = [await running(at, slow.pay), await gateWith(at, quick.pay)];
    await approved(gate);
    const first = gate.run();
    await answer.reached;
    assert.equal(await isLeftTo(other, gate), true);
    answer.open();
    await first;
    assert.deepEqual([slow.outside.calls, quick.outside.calls], [1, 1]);
  });

  test("whose yes can be taken back", async () => {
    const { pay, outside } = counting();
    const gate = await running(freshSchema(), pay, { undoMs: 60_000 });
    const ticket = await approved(gate);
    assert.equal((await gate.takeBack(ticket, LEA)).accepted, true);
    assert.equal(await gate.run(), 0);
    assert.equal(outside.calls, 0);
  });

  test("whose target cannot be asked", async () => {
    const at = freshSchema();
    const { commit } = counting().pay;
    const [gate, other] = [await running(at, { commit }), await gateWith(at, { commit })];
    assert.equal(await isLeftTo(other, gate), true);
  });

  for (const [name, before] of [
    [
      "under a key that was called before",
      'insert into gate.audit_pending (at, kind, data) values (now(), \'done\', \'{"key": "pay:k", "ref": "r"}\')',
    ],
    [
      "under a key after a restore",
      "insert into gate.setting values ('restored', '\"2020-01-01T00:00:00Z\"')",
    ],
  ] as const)
    test(`${name}: it is looked up first`, async () => {
      const at = freshSchema();
      const { pay, outside } = counting();
      const gate = await running(at, pay);
      outside.landed.push("pay:k");
      await at.query(before);
      await approved(gate, "k");
      await gate.run();
      assert.equal(outside.calls, 0);
    });
});

test("what was proposed before a restore is looked up first, and not begun by its decision", async () => {
  const at = freshSchema();
  const { pay, outside } = counting();
  const gate = await running(at, pay);
  const ticket = await waiting(gate);
  outside.landed.push(ticket.id);
  await (await gateWith(at, pay)).restored();
  await gate.decide(ticket, SAM, YES);
  await gate.run();
  assert.equal(outside.calls, 0);
  assert.equal((await gate.outcome(ticket.id)).state, "executed");
});

test("what happened is recorded where what is due cannot be read", async () => {
  const at = freshSchema();
  const { pay, outside } = counting();
  let isBroken = false;
  const run: GateDatabase["run"] = (work) =>
    at.database.run((ask) =>
      work((statement, values) => {
        if (isBroken && statement.name.endsWith("_due")) throw new Error("it cannot be read");
        return ask(statement, values);
      }),
    );
  const gate = await running({ ...at, database: { ...at.database, run } }, pay);
  const ticket = await approved(gate);
  isBroken = true;
  await assert.rejects(gate.run());
  assert.equal(outside.calls, 1);
  assert.equal((await gate.outcome(ticket.id)).state, "executed");
});

test("a process dies between its decision and its run: the next of its name asks the target, and calls once", async () => {
  const at = freshSchema();
  const { pay, outside, asked } = counting();
  const dead = await running(at, pay, { worker: "w" });
  const ticket = await approved(dead);
  const other = await gateWith(at, pay);
  assert.equal(await other.run(), 0);
  const next = await gateWith(at, pay, { worker: "w" });
  assert.equal((await next.run()) + (await next.run()), 1);
  assert.ok(asked.includes(ticket.id));
  assert.equal(outside.calls, 1);
});

/** Decisions that meet other changes between their read and their write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
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

const YES = { kind: "yes" } as const;

test("a yes of two people counts whose row was changed between its read and its write", async () => {
  const at = freshSchema();
  const { pay } = counting();
  const barred = barrier();
  let isHeld = false;
  const needs = { approvers: { count: 2, leads: 0 }, ...pay };
  const facts = async () => {
    if (isHeld) {
      isHeld = false;
      await barred.pass();
    }
    return null;
  };
  const gate = await gateWith(at, { ...needs, facts });
  const ticket = await waiting(gate);
  // The second person's row is read, and their write waits until the first has voted.
  isHeld = true;
  const second = gate.decide(ticket, LEA, YES);
  await barred.reached;
  assert.deepEqual(await gate.decide(ticket, SAM, YES), { accepted: true });
  barred.open();
  assert.deepEqual(await second, { accepted: true });
  assert.equal(await gate.run(), 1);
});

test("a yes begins nothing whose key was changed by hand since it was read", async () => {
  const at = freshSchema();
  const { pay, outside } = counting();
  const barred = barrier();
  let isHeld = false;
  const facts = async () => {
    if (isHeld) await barred.pass();
    return null;
  };
  const gate = await running(at, { ...pay, facts });
  const ticket = await waiting(gate, "k");
  isHeld = true;
  const yes = gate.decide(ticket, SAM, YES);
  await barred.reached;
  isHeld = false;
  // It happened under its key, which the row names no more.
  await at.query(
    'insert into gate.audit_pending (at, kind, data) values (now(), \'done\', \'{"key": "pay:k", "ref": "r"}\')',
  );
  await at.query("update gate.approval set key = 'other'");
  barred.open();
  assert.equal((await yes).accepted, false);
  assert.equal(await gate.run(), 0);
  assert.equal(outside.calls, 0);
});

for (const [name, meanwhile] of [
  ["a no", async (gate, ticket) => void (await gate.decide(ticket, LEA, { kind: "no" }))],
  ["its expiry", async (gate) => void (await gate.run())],
  [
    "an edit",
    async (gate, ticket) =>
      void (await gate.decide(ticket, LEA, { kind: "edit", args: { text: "b" } })),
  ],
] as const satisfies readonly (readonly [
  string,
  (gate: OneGate, ticket: Awaited<ReturnType<typeof waiting>>) => Promise<void>,
])[])
  test(`a yes that was read before ${name} begins nothing`, async () => {
    const at = freshSchema();
    const { pay, outside } = counting();
    const barred = barrier();
    let [time, isHeld] = [Date.now(), false];
    const facts = async () => {
      if (isHeld) {
        isHeld = false;
        await barred.pass();
      }
      return null;
    };
    const gate = await running(at, { ...pay, facts }, { now: () => new Date(time) });
    const late = await gateWith(at, pay, { now: () => new Date(time + 48 * 60 * 60_000) });
    const ticket = await waiting(gate);
    isHeld = true;
    const yes = gate.decide(ticket, SAM, YES);
    await barred.reached;
    await meanwhile(name === "its expiry" ? late : gate, ticket);
    barred.open();
    assert.equal((await yes).accepted, false);
    assert.equal(await gate.run(), 0);
    assert.equal(outside.calls, 0);
  });

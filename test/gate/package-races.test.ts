/** Decisions that meet other changes between their read and their write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counting,
  freshSchema,
  gateWith,
  heldFacts,
  LEA,
  running,
  SAM,
  waiting,
  type OneGate,
} from "./package-bench.ts";

const YES = { kind: "yes" } as const;

test("a yes of two people counts whose row was changed between its read and its write", async () => {
  const { pay } = counting();
  const { facts, hold, reached, open } = heldFacts();
  const approvers = { count: 2, leads: 0 };
  const gate = await gateWith(freshSchema(), { ...pay, approvers, facts });
  const ticket = await waiting(gate);
  // The second person's row is read, and their write waits until the first has voted.
  hold();
  const second = gate.decide(ticket, LEA, YES);
  await reached;
  assert.deepEqual(await gate.decide(ticket, SAM, YES), { accepted: true });
  open();
  assert.deepEqual(await second, { accepted: true });
  assert.equal(await gate.run(), 1);
});

test("a yes begins nothing whose key was changed by hand since it was read", async () => {
  const at = freshSchema();
  const { pay, outside } = counting();
  const { facts, hold, reached, open } = heldFacts();
  const gate = await running(at, { ...pay, facts });
  const ticket = await waiting(gate, "k");
  hold();
  const yes = gate.decide(ticket, SAM, YES);
  await reached;
  // It happened under its key, which the row names no more.
  await at.query(
    'insert into gate.audit_pending (at, kind, data) values (now(), \'done\', \'{"key": "pay:k", "ref": "r"}\')',
  );
  await at.query("update gate.approval set key = 'other'");
  open();
  assert.equal((await yes).accepted, false);
  assert.equal(await gate.run(), 0);
  assert.equal(outside.calls, 0);
});

const MEANWHILE = {
  "a no": async (gate, ticket) => void (await gate.decide(ticket, LEA, { kind: "no" })),
  "its expiry": async (_gate, _ticket, late) => void (await late.run()),
  "an edit": async (gate, ticket) =>
    void (await gate.decide(ticket, LEA, { kind: "edit", args: { text: "b" } })),
} satisfies Record<
  string,
  (gate: OneGate, ticket: Awaited<ReturnType<typeof waiting>>, late: OneGate) => Promise<void>
>;

for (const [name, meanwhile] of Object.entries(MEANWHILE))
  test(`a yes that was read before ${name} begins nothing`, async () => {
    const at = freshSchema();
    const { pay, outside } = counting();
    const { facts, hold, reached, open } = heldFacts();
    const gate = await running(at, { ...pay, facts });
    const late = await gateWith(at, pay, { now: () => new Date(Date.now() + 48 * 60 * 60_000) });
    const ticket = await waiting(gate);
    hold();
    const yes = gate.decide(ticket, SAM, YES);
    await reached;
    await meanwhile(gate, ticket, late);
    open();
    assert.equal((await yes).accepted, false);
    assert.equal(await gate.run(), 0);
    assert.equal(outside.calls, 0);
  });

/** Deskhand itself by the cases of the suite; `npm run faults -- gate --system deskhand` shows the table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CASES, judge } from "#conformance/judge.ts";
import { BOTH_DATABASES } from "#test/support/deskhand.ts";
import { deskhandSystem } from "./deskhand-system.ts";

for (const kind of BOTH_DATABASES)
  test(`Deskhand on ${kind} holds every case that it offers, and at least 27`, async () => {
    const { cases } = await judge(deskhandSystem(kind, "this"), CASES);
    const bad = cases.filter(({ state }) => state === "failed" || state === "not judged");
    assert.deepEqual(bad, []);
    assert.ok(cases.filter(({ state }) => state === "held").length >= 27);
  });

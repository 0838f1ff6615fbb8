/** The gate of the package holds every case of the suite, over each database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CASES, judge } from "#conformance/judge.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { worldsOn } from "./package-database.ts";
import { packageSystem } from "./package-system.ts";

for (const kind of DATABASES)
  test(`the gate alone on ${kind} holds all thirty-five cases, with every script played`, async () => {
    const { cases } = await judge(packageSystem(kind, "this", await worldsOn(kind)), CASES);
    assert.equal(cases.length, 35);
    assert.deepEqual(
      cases.flatMap(({ id, scripts }) =>
        scripts.filter(({ state }) => state !== "held").map((script) => ({ id, ...script })),
      ),
      [],
    );
  });

/** The suite judges with care: what it cannot judge or is not offered is not held, and a report tells what was found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lacking, refusedAnswer, type System, type World } from "#conformance/contract.ts";
import { CASES, judge } from "#conformance/judge.ts";
import {
  reportPicture,
  casesMarkdown,
  reportText,
  systemsMarkdown,
  type Report,
} from "#conformance/report.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { AGENT_FAULTS, withFault } from "./agent-faults.ts";
import { worldsOn } from "./package-database.ts";
import { packageSystem } from "./package-system.ts";

const gate = packageSystem(MAIN_DATABASE, "this", await worldsOn(MAIN_DATABASE));

/** The same gate, whose worlds are otherwise. */
function otherwise(change: (world: World) => Partial<World>): System {
  return {
    ...gate,
    async open(approvers) {
      const world = await gate.open(approvers);
      return { ...world, ...change(world) };
    },
  };
}

test("a gate that refuses every yes is not judged, instead of held", async () => {
  const refusing = otherwise(() => ({ decide: async () => refusedAnswer("no") }));
  const { cases } = await judge(refusing, CASES);
  assert.deepEqual(
    cases.filter(({ state }) => state === "held").map(({ id }) => id),
    [],
  );
});

test("what is not offered has no verdict, and says why and where", async () => {
  const visit = lacking("it has no links", "https://gate.test/links");
  const without = otherwise(({ offered }) => ({ offered: { ...offered, visit } }));
  const { cases } = await judge(
    without,
    CASES.filter(({ id }) => id === "P21"),
  );
  const [script] = cases[0]?.scripts ?? [];
  assert.deepEqual(script, {
    script: "a scanner fetches the link",
    state: "not offered",
    lacks: [{ offer: "visit", lacking: "it has no links", page: "https://gate.test/links" }],
  });
});

test("a report tells the counts, each failure with its calls, and a picture of the same", async () => {
  const cases = CASES.filter(({ id }) => id === "P04" || id === "P21");
  const [fault] = AGENT_FAULTS.filter(({ found }) => found === "P04");
  assert.ok(fault);
  const report: Report = {
    date: "2026-11-27",
    systems: [await judge(gate, cases), await judge(withFault(gate, fault), cases)],
  };
  const text = reportText(report);
  assert.match(text, /^P04 +A +sealed arguments +held +FAILED$/m);
  assert.match(text, /held 1 · failed 1 · not offered 0/);
  assert.match(text, /swap \S+ pay .*999900.* → accepted/);
  assert.match(
    casesMarkdown(report),
    /\| P21 \| A \| a fetched link decides nothing \| held \| held \|/,
  );
  assert.match(
    systemsMarkdown(report),
    /\| held 1 · failed 1 · not offered 0 \|[^]*\n- P04, .*999900/,
  );
  const picture = reportPicture(report);
  assert.equal(picture.match(/#cf222e/g)?.length, 1);
  assert.match(picture, /<desc>[^<]*failed 1/);
});

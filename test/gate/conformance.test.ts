/** The suite judges itself: a correct gate holds every case, and each planted fault is found by the case it is for. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CASES } from "#conformance/cases/index.ts";
import { lacking, refusedAnswer, type System } from "#conformance/contract.ts";
import { judge, type CaseResult } from "#conformance/judge.ts";
import { reportPicture } from "#conformance/picture.ts";
import { casesMarkdown, reportText, systemsMarkdown, type Report } from "#conformance/report.ts";
import { memorySystem } from "./memory-system.ts";
import { PLANTED, type PlantedFault } from "./planted-faults.ts";

test("a correct gate holds all thirty-five cases, with every script played", async () => {
  const { cases } = await judge(memorySystem(), CASES);
  assert.equal(cases.length, 35);
  assert.deepEqual(
    cases.flatMap(({ id, scripts }) =>
      scripts.filter(({ state }) => state !== "held").map((script) => ({ id, ...script })),
    ),
    [],
  );
});

describe("a planted fault is found:", () => {
  for (const fault of faults())
    test(fault, async () => {
      const [found] = await judged(fault);
      assert.equal(found?.state, "failed", JSON.stringify(found, null, 2));
    });
});

test("no case is without a fault that it finds", () => {
  const found = new Set<string>(Object.values(PLANTED));
  assert.deepEqual(
    CASES.map(({ id }) => id).filter((id) => !found.has(id)),
    [],
  );
});

function faults(): readonly PlantedFault[] {
  return Object.keys(PLANTED).filter((name): name is PlantedFault => name in PLANTED);
}

async function judged(fault: PlantedFault): Promise<readonly CaseResult[]> {
  const cases = CASES.filter(({ id }) => id === PLANTED[fault]);
  return (await judge(memorySystem(fault), cases)).cases;
}

test("a gate that refuses every yes is not judged, instead of held", async () => {
  const refusing: System = {
    ...memorySystem(),
    open: async (approvers) => ({
      ...(await memorySystem().open(approvers)),
      decide: async () => refusedAnswer("no"),
    }),
  };
  const { cases } = await judge(refusing, CASES);
  assert.deepEqual(
    cases.filter(({ state }) => state === "held").map(({ id }) => id),
    [],
  );
});

test("what is not offered has no verdict, and says why and where", async () => {
  const without: System = {
    ...memorySystem(),
    open: async (approvers) => {
      const world = await memorySystem().open(approvers);
      const visit = lacking("it has no links", "https://gate.test/links");
      return { ...world, offered: { ...world.offered, visit } };
    },
  };
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
  const report: Report = {
    date: "2026-11-27",
    systems: [
      await judge(memorySystem(), cases),
      await judge(memorySystem("the answer's arguments are taken"), cases),
    ],
  };
  const text = reportText(report);
  assert.match(text, /^P04 +A +sealed arguments +held +FAILED$/m);
  assert.match(text, /held 1 · failed 1 · not offered 0/);
  assert.match(text, /swap a2 pay .*999900.* → accepted/);
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

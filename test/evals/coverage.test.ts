import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { readProcedureFiles } from "#config/procedures-folder.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { CaseOutcome, type EvalCase } from "#evals/case.ts";
import { FaultKind, FaultyTool } from "#evals/faults.ts";
import { OWN_POLICIES } from "#evals/harness/policies.ts";
import { readCases } from "#evals/read-cases.ts";
import { languageOfMessages } from "#guard/input/input-guard.ts";
import { chosen } from "#procedures/choose.ts";
import { readProcedure } from "#procedures/format.ts";
import { ORDERS } from "#sandbox/world.ts";

// What has to appear is computed from the sources, so that whatever is new there fails here until it has a case.
const cases = readCases(join(import.meta.dirname, "../../evals/cases"));
const config = readConfig({});

function missing(wanted: readonly string[], found: Iterable<string>): readonly string[] {
  const there = new Set(found);
  return wanted.filter((one) => !there.has(one));
}

const textOf = ({ input }: EvalCase): string =>
  input.map(({ subject = "", text }) => `${subject}\n${text}`).join("\n");

function languageOf(evalCase: EvalCase): string | null {
  return languageOfMessages([
    { author: { kind: "requester", id: "a", name: "" }, text: textOf(evalCase).trim() },
  ]);
}

/** Where an attack comes from, by what the case puts where. */
function attackPlaces(evalCase: EvalCase): readonly string[] {
  const { input, world, risk_category, identity } = evalCase;
  if (!/injection|attack|poisoned|stranger|privacy/.test(risk_category)) return [];
  const segments = input.flatMap((message) =>
    (["hidden", "quoted", "attachment", "sender_name"] as const).filter(
      (place) => message[place] !== undefined,
    ),
  );
  const text = textOf(evalCase);
  const others = ORDERS.some(
    ({ id, customerId }) => customerId !== identity.customer && text.includes(id),
  );
  return [
    ...segments,
    ...(world.records.length > 0 ? ["record"] : []),
    ...(others || identity.level < 2 ? ["stranger"] : []),
    ...(segments.length === 0 && world.records.length === 0 ? ["direct"] : []),
  ];
}

describe("what the cases cover", () => {
  test("there are at least 250, of them many that talk on and many in which a tool fails", () => {
    assert.ok(cases.length >= 250, `${cases.length} cases`);
    const talks = cases.filter(({ customer, earlier }) => customer ?? earlier[0] !== undefined);
    assert.ok(talks.length >= 20, `${talks.length} with several turns`);
    const faults = cases.filter((one) => one.faults.length > 0);
    assert.ok(faults.length >= 20, `${faults.length} with faults`);
  });

  test("every channel, identity level, outcome and language that is read", () => {
    const channels = cases.map(({ channel }) => channel);
    assert.deepEqual(missing(ChannelName.options, channels), []);
    const levels = cases.map(({ identity }) => String(identity.level));
    assert.deepEqual(missing(["0", "1", "2", "3"], levels), []);
    const outcomes = cases.flatMap(({ expected_outcome }) => expected_outcome ?? []);
    assert.deepEqual(missing(CaseOutcome.options, outcomes), []);
    const languages = cases.map((one) => languageOf(one) ?? "");
    assert.deepEqual(missing("en de fr es it nl pt pl sv da tr".split(" "), languages), []);
  });

  test("every operation of the policy, with every verdict a rule of it gives", () => {
    const Policy = z.looseObject({
      operations: z.record(
        z.string(),
        z.looseObject({ rules: z.array(z.looseObject({ verdict: z.string() })) }),
      ),
    });
    const { operations } = Policy.parse(parse(readPolicyFile(config)));
    const wanted = Object.entries(operations).flatMap(([name, { rules }]) =>
      rules.map(({ verdict }) => `${name} ${verdict}`),
    );
    const expected = cases.flatMap(({ expected_actions }) =>
      (expected_actions ?? []).map(({ operation, verdict }) => `${operation} ${verdict}`),
    );
    assert.deepEqual(missing(wanted, expected), []);
  });

  test("every procedure is shown for a case", () => {
    const procedures = readProcedureFiles(config).map(({ name, text }) => {
      const read = readProcedure(name, text);
      assert.ok(read.kind === "read", name);
      return { ...read.procedure, name };
    });
    const shown = cases.flatMap((one) =>
      chosen(procedures, {
        text: textOf(one),
        channel: one.channel,
        brand: "default",
        language: languageOf(one),
      }).map(({ name }) => name),
    );
    const names = procedures.map(({ name }) => name);
    assert.ok(names.length > 0);
    assert.deepEqual(missing(names, shown), []);
  });

  test("every kind of fault, and every place where one can be", () => {
    const faults = cases.flatMap((one) => one.faults);
    const kinds = faults.map(({ fault }) => fault);
    assert.deepEqual(missing(FaultKind.options, kinds), []);
    const tools = faults.map(({ tool }) => tool);
    assert.deepEqual(missing(FaultyTool.options, tools), []);
  });

  test("attacks come from every place", () => {
    const wanted = [
      "direct",
      "hidden",
      "quoted",
      "attachment",
      "sender_name",
      "record",
      "stranger",
    ];
    assert.deepEqual(missing(wanted, cases.flatMap(attackPlaces)), []);
  });

  test("every policy of the folder is used, and every one that is named is there", () => {
    const files = readdirSync(OWN_POLICIES).map((name) => name.replace(/\.yaml$/, ""));
    const named = cases.flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
    assert.deepEqual(missing(files, named), []);
    assert.deepEqual(missing(named, files), []);
  });
});

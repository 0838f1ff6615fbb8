/** The sample shop's procedures pass their own tests with the rehearsal rules; a test that expects another thing fails. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { playCases } from "#app/rehearsal/imagined-turns.ts";
import type { Model } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { missedIn } from "#procedures/cases.ts";
import { readProcedure } from "#procedures/format.ts";
import { policyBenchForTests } from "#test/jobs/policy/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { procedureText, sampleProcedures } from "./world.ts";

describe("tests of procedures", () => {
  const bench = policyBenchForTests();
  before(() => bench.begin());

  const play = (text: string, name = "one", model?: Model) => {
    const read = readProcedure(name, text);
    assert.ok(read.kind === "read", JSON.stringify(read));
    const { agentParts, ...jobs } = bench.parts;
    const asked = model === undefined ? agentParts : { ...agentParts, model };
    return playCases({ agentParts: asked, jobs }, read.procedure);
  };

  for (const { name, text } of sampleProcedures())
    test(`${name} passes with the rehearsal rules`, async () => {
      const failed = (await play(text, name)).filter(({ missed }) => missed.length > 0);
      assert.deepEqual(failed, []);
    });

  test("what did not happen is told with its line, and nothing was done", async () => {
    const [played] = await play(
      procedureText({
        tests:
          "### A refund\n- customer is: ann@customer.test\n- customer says: Please refund order 789, the headphones are broken.\n- expects outcome: people\n- expects no action: refund\n- expects words: a pony",
      }),
    );
    assert.equal(played?.missed.length, 3);
    assert.match(
      played?.missed[0] ?? "",
      /^line 14 expects outcome: people, and it ended with reply/,
    );
    assert.match(
      played?.missed[1] ?? "",
      /^line 15 expects no action: refund, and .*actions: refund/,
    );
    assert.deepEqual([bench.sent, bench.desk.cards.size], [[], 0]);
  });

  const PEOPLE =
    "### A vase\n- customer says: May it be engraved?\n- expects outcome: people\n- expects no action:\n- expects words: 30 days";

  test("a model that is away holds no test", async () => {
    const error = new DeskhandError("model.refused", "no such model");
    const text = procedureText({ tests: PEOPLE });
    const [played] = await play(text, "one", scriptedModel([{ error }]));
    assert.deepEqual(played?.missed, ["it could not be asked: no such model"]);
  });

  test("the words of a hand-over that answers count", () => {
    const read = readProcedure("one", procedureText({ tests: PEOPLE }));
    assert.ok(read.kind === "read");
    const [one] = read.procedure.cases;
    assert.ok(one);
    const answer = "You can ask for a refund within 30 days.";
    const result = replying("", {
      ending: { kind: "escalate", reason: "r", summary: "s", tried: [], delicate: null, answer },
    });
    assert.deepEqual(missedIn(one, result), []);
  });

  test("a stranger gets nothing of a customer's", async () => {
    const [played] = await play(
      procedureText({
        tests:
          "### A stranger\n- customer says: Please refund order 789.\n- expects no action:\n- expects no words: 120.00",
      }),
    );
    assert.deepEqual(played?.missed, []);
  });
});

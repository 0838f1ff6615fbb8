/** The sample shop's procedures pass their own tests with the rehearsal rules; a test that expects another thing fails. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { playCases } from "#app/rehearsal/imagined-turns.ts";
import { readProcedure } from "#procedures/format.ts";
import { policyBenchForTests } from "#test/jobs/policy/bench.ts";
import { procedureText, sampleProcedures } from "./world.ts";

describe("tests of procedures", () => {
  const bench = policyBenchForTests();
  before(() => bench.begin());

  const play = (text: string, name = "one") => {
    const read = readProcedure(name, text);
    assert.ok(read.kind === "read", JSON.stringify(read));
    const { agentParts, ...jobs } = bench.parts;
    return playCases({ agentParts, jobs }, read.procedure);
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

/** What a source reports that a person has to read reaches the team. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";

onDesk("a rating", (bench) => {
  const rate = async (score: "good" | "bad", comment: string): Promise<void> => {
    const key = "m1";
    const place = { channel: "chat", thread: "c1", key, message: ANN_IN_CHAT } as const;
    await bench.write("Where is order 789?", place);
    const at = bench.now().toISOString();
    await bench.write("Where is order 789?", {
      ...place,
      signals: [{ kind: "rated", key: "r1", at, score, comment }],
    });
    await bench.tick();
  };
  const told = () => bench.alerts().filter(({ text }) => text.startsWith("Rated bad"));

  test("that is bad and says why is told to the team once, in the customer's words", async () => {
    await rate("bad", "Nobody answered my question.");
    assert.equal(told().length, 1);
    assert.match(told()[0]?.text ?? "", /“Nobody answered my question\.” http/);
  });

  test("without words, or a good one, is for the figures alone", async () => {
    await rate("bad", " ");
    await rate("good", "Nice");
    assert.deepEqual(told(), []);
  });
});

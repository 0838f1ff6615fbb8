/** Without a helpdesk, who has a case after Escalate is told of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("Escalate where there is no helpdesk", (bench) => {
  /** The conversation, and its card. */
  const asked = async (): Promise<readonly [id: string, card: string]> => {
    bench.disconnect("zendesk");
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is my order?");
    return [id, (await bench.pending(id))?.id ?? assert.fail("no card waits")];
  };
  const alerts = async (): Promise<string> => {
    await bench.pass(60_000, 5);
    return bench
      .alerts()
      .map(({ text }) => text)
      .join("\n");
  };

  test("alerts the team", async () => {
    const [id] = await asked();
    assert.ok((await bench.press("escalate", id)).accepted);
    assert.deepEqual(bench.alerts(), [], "before it can no more be taken back");
    assert.match(await alerts(), /^Needs a person \(email\): Escalated[^\n]*$/);
  });

  test("alerts nobody once it is taken back, and again when it is pressed again", async () => {
    const [id, card] = await asked();
    await bench.press("escalate", id);
    assert.ok((await bench.decide(card, "undo")).accepted);
    assert.equal(await alerts(), "");
    await bench.press("escalate", id);
    assert.match(await alerts(), /^Needs a person[^\n]*$/);
  });

  test("alerts nobody of what the presser takes", async () => {
    const [id] = await asked();
    await bench.press("take_over", id);
    assert.equal(await alerts(), "");
  });
});

/** What a turn's record says in words, and that no message is taken for answered that is not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { messagesOf } from "#store/conversations/messages.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { away, replying } from "#test/jobs/turn-results.ts";

onDesk("a word that nothing can be looked up", (bench) => {
  test("ends no message, even when it could only be sent after the next try", async () => {
    bench.answer(() =>
      replying("", { ending: { kind: "unavailable", part: "shop", reason: "503" } }),
    );
    bench.rule({ replyAutonomy: () => "auto" });
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply") away();
    };
    const id = await bench.write("Where is order 789?");
    bench.skip(6_000);
    await bench.tick();
    bench.faults.commit = () => undefined;
    bench.skip(120_000);
    await bench.tick();
    assert.match(bench.replies()[0] ?? "", /cannot check this right now/);
    const outcomes = async (): Promise<readonly (string | null)[]> =>
      (await bench.parts.store.run((transaction) => messagesOf(transaction, id)))
        .filter(({ message }) => message.author.kind === "requester")
        .map(({ outcome }) => outcome);
    assert.deepEqual(await outcomes(), [null]);
    bench.answer(() => replying("It was delivered."));
    bench.skip(600_000);
    await bench.tick();
    await bench.tick();
    assert.match(bench.replies().at(-1) ?? "", /It was delivered/);
    assert.deepEqual(await outcomes(), ["answered"]);
    assert.equal(bench.replies().length, 2);
  });
});

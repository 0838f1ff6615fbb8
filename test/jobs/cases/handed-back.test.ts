/** What people gave back to the bot unanswered stays open until it is answered, whatever comes after. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a conversation that was given back", (bench) => {
  const assigned = (to: "bot" | "human") => ({
    signals: [
      {
        kind: "assigned" as const,
        key: `to ${to}`,
        at: bench.now().toISOString(),
        to,
        assignee: to,
        actor: "Dana",
        automatic: false,
      },
    ],
  });
  const note = {
    author: { kind: "teammate", id: "dana", name: "Dana" },
    visibility: "internal",
  } as const;
  const leftWithPeople = async (): Promise<void> => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() => replying("We look into it."));
    await bench.write("Where is order 456?", { key: "first" });
    await bench.write("Still no answer!", { key: "second" });
    await bench.write("Ours.", { message: note, ...assigned("human") });
  };

  test("keeps what people left on the card when the customer writes once more", async () => {
    await leftWithPeople();
    await bench.write("Yours.", { message: note, ...assigned("bot") });
    const id = await bench.write("Where is order 789?", { key: "third" });
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second", "third"]);
  });

  test("gets a card for it although thanks, which need no answer, came with it", async () => {
    await leftWithPeople();
    const id = await bench.write("Thank you!", assigned("bot"));
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second"]);
  });
});

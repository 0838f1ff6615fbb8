/** The first card of a new installation, and what is said when none comes up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery } from "#core/values/delivery.ts";
import { showFirstCard } from "#jobs/first-card.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("the first card", (bench) => {
  test("that does not come up says of which conversation, and what came of it", async () => {
    bench.rule({ replyAutonomy: () => "shadow" });
    bench.answer(() =>
      replying("", {
        ending: {
          kind: "escalate",
          reason: "asks for a person",
          summary: "",
          tried: [],
          delicate: null,
        },
      }),
    );
    const email = bench.parts.channels.get("email");
    assert.ok(email);
    const deliveries: Delivery[] = [];
    bench.connect({
      ...email,
      receive: (delivery) => {
        deliveries.push(delivery);
        return email.receive(delivery);
      },
    });
    const id = await bench.write("Where is my order?");
    const subjects = deliveries.map((delivery) => ({ name: "a sample", channel: email, delivery }));
    await assert.rejects(showFirstCard(bench.parts, subjects, 1), (error: Error) => {
      assert.match(error.message, /^no card came up within the time: .*asks for a person/);
      assert.ok(error.message.endsWith(`\`deskhand trace ${id}\` shows all of it`), error.message);
      return true;
    });
  });
});

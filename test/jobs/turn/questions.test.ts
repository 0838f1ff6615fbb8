/** How often the bot asks back before people take over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TurnInput } from "#core/contracts/agent.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("questions back", (bench) => {
  const allowed: boolean[] = [];
  const asking = () => {
    allowed.splice(0);
    bench.answer(({ mayAsk }: TurnInput) => {
      allowed.push(mayAsk);
      return replying("", {
        ending: { kind: "clarify", text: "Which order?" },
        accountData: false,
      });
    });
  };
  const writeThrice = async (channel: "chat" | "email") => {
    for (const text of ["Refund me", "The lamp", "The other lamp"])
      await bench.write(text, { channel });
  };

  test("are as many in a row as the policy says, and one after an answer is the first again", async () => {
    asking();
    await writeThrice("chat");
    assert.deepEqual(allowed, [true, true, false]);
    bench.answer(() => replying("Refunded.", { accountData: false }));
    await bench.write("789", { channel: "chat" });
    asking();
    await bench.write("Refund me", { channel: "chat" });
    assert.deepEqual(allowed, [true]);
  });

  test("are as few as the policy says, down to none", async () => {
    for (const questionsMax of [0, 1]) {
      bench.rule({ caps: { ...bench.parts.policy.caps, questionsMax } });
      asking();
      await bench.write("Refund me", { channel: "chat", thread: `t${questionsMax}` });
      await bench.write("The lamp", { channel: "chat", thread: `t${questionsMax}` });
      assert.deepEqual(allowed, [questionsMax > 0, false]);
    }
  });

  test("do not count while they wait on a card, because the customer has not read them", async () => {
    asking();
    await writeThrice("email");
    assert.deepEqual(allowed, [true, true, true]);
  });
});

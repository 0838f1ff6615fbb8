/** What is delicate reaches a person by mail as well, since the desk may be away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import { NoticeArguments } from "#core/values/action.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const DUTY = "duty@ourshop.test";
const THREAT = "If nobody helps me I will kill myself tonight.";

onDesk("a delicate message", (bench) => {
  const mailed = () =>
    bench.left
      .filter(({ action }) => action.operation === "notice")
      .map(({ action }) => NoticeArguments.parse(action.arguments));
  const readBy = (address: string | null): void =>
    void Object.assign(bench.parts, { urgentMail: address });

  const handingOver = (delicate: DelicateTopic | null): void =>
    bench.answer(() =>
      replying("", {
        ending: { kind: "escalate", reason: "a person", summary: "", tried: [], delicate },
      }),
    );

  test("is mailed to the address for it while the desk is away, once and without the customer's words", async (context) => {
    readBy(DUTY);
    context.after(() => readBy(null));
    handingOver("self_harm");
    bench.faults.commit = ({ target }) => {
      if (target === "desk") throw new Error("Slack is away");
    };
    const id = await bench.write(THREAT);
    await bench.wake(id);
    const [mail, ...others] = mailed();
    assert.deepEqual([mail?.to, others], [DUTY, []]);
    assert.match(mail?.text ?? "", /^Delicate \(self harm\) on email: .*http:\/\/desk\.test/);
    assert.doesNotMatch(mail?.text ?? "", /kill/);
    const state = await bench.parts.store.run((transaction) => loadConversation(transaction, id));
    assert.equal(state?.owner, "human");
  });

  test("is mailed to no address where none is set, and nothing else is mailed", async (context) => {
    handingOver("self_harm");
    await bench.write(THREAT);
    readBy(DUTY);
    context.after(() => readBy(null));
    handingOver(null);
    await bench.write("I want to speak to a person, please.", { thread: "other" });
    assert.deepEqual(mailed(), []);
  });
});

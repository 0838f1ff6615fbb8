/** What a turn tells the team: a model that is refused, what is delicate, what a source reports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { MINUTE, ownerOf } from "#test/jobs/worker/lost-work.ts";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import { NoticeArguments } from "#core/values/action.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";

const REFUSED =
  "the model's provider refuses (402): You requested 8192 tokens, but can only afford";

onDesk("a model that is refused by configuration", (bench) => {
  test("hands no customer to people, is told to the team once, and goes on once it is mended", async () => {
    const refused = { kind: "unavailable", part: "model", refusal: "402" } as const;
    const credit = { left: 9_000 };
    // The provider says at each try what is left.
    bench.answer(() => {
      credit.left -= 13;
      return replying("", { ending: { ...refused, reason: `${REFUSED} ${credit.left}.` } });
    });
    const ids = [
      await bench.write("Where is my order?", { thread: "t1" }),
      await bench.write("And mine?", { thread: "t2" }),
    ];
    // An outage of this length goes to people; a minute later each is tried again and refused again.
    for (const _try of [1, 2, 3]) await bench.pass(60 * MINUTE);
    const alerts = bench.alerts(/can only afford/);
    assert.equal(alerts.length, 1, JSON.stringify(bench.alerts()));
    assert.match(alerts[0]?.text ?? "", /doctor/);
    for (const id of ids) {
      assert.notEqual(await ownerOf(bench, id), "human");
      assert.doesNotMatch(await bench.outcome(id), /escalated/);
    }
    bench.answer(() => replying("It is on its way."));
    await bench.pass(10 * MINUTE);
    // One answer covers both messages of the customer.
    const cards = await Promise.all(ids.map((id) => bench.pending(id)));
    assert.ok(
      cards.some((card) => card !== null),
      "a card with the answer",
    );
  });
});

const DUTY = "duty@ourshop.test";

const THREAT = "If nobody helps me I will kill myself tonight.";

onDesk("a delicate message", (bench) => {
  const mailed = () =>
    bench.made("notice").map(({ action }) => NoticeArguments.parse(action.arguments));
  const readBy = (address: string | null): void =>
    void Object.assign(bench.parts, { urgentMail: address });

  const handingOver = (delicate: DelicateTopic | null): void =>
    bench.answer(() => replying("", { ending: escalating("a person", { delicate }) }));

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
    const state = await bench.at(loadConversation, id);
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
  const told = () => bench.alerts(/^Rated bad/);

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

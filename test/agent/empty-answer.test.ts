/** A reply that answers nothing is no answer: people get the conversation where no teammate or second model would read it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Autonomy, Verify } from "#core/contracts/policy.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { ours, turn, verified } from "#test/support/fixtures/turns.ts";
import { ALL_CODE_WORDS } from "#text/code-words.ts";
import { calls, escalated, play, reply, STATUS } from "./play.ts";

const EMPTY = "Hello Ann,\n\nI'm sorry, I can't assist with that. Is there anything else?";

function freedom(autonomy: Autonomy = "auto", verify: Verify = "never") {
  return { freedom: { replyAutonomy: () => autonomy, verifyOn: () => verify } };
}

async function endOf(
  text: string,
  asked = "Is the lamp waterproof?",
  changes: Parameters<typeof turn>[1] = {},
) {
  const { result } = await play([calls(reply(text))], freedom(), turn([asked], changes));
  return result.ending.kind;
}

describe("a reply without a look-up, an action or a page, that no teammate reads", () => {
  test("is handed over, and the team sees what was drafted", async () => {
    const { result } = await play([calls(reply(EMPTY))], freedom(), turn(["Is it waterproof?"]));
    const { reason, tried } = escalated(result);
    assert.match(reason, /rests on nothing/);
    assert.ok(tried.some((line) => line.startsWith("drafted and not sent: Hello Ann")));
  });

  test("goes out when it asks back, greets or thanks", async () => {
    assert.equal(await endOf("Which lamp do you mean, the black one or the white one?"), "reply");
    assert.equal(await endOf("You're welcome, Ann! Have a nice day."), "reply");
    assert.equal(await endOf("Great that it works now, enjoy the lamp!", "Thank you!"), "reply");
    const [words] = ALL_CODE_WORDS;
    assert.ok(words);
    assert.equal(await endOf(`${words.refused} ${words.offered}`), "reply");
  });

  test("goes out when it says again what we said before", async () => {
    const history = [ours("Your refund of 30.00 USD was sent on 2026-11-18.")];
    const parts = { ...freedom(), output: bareCheck };
    const steps = [calls(reply("It was 30.00 USD, sent on 2026-11-18."))];
    const { result } = await play(steps, parts, turn(["How much was it?"], { history }));
    assert.equal(result.ending.kind, "reply");
  });
});

test("a reply with a look-up, or that a person or a teammate's hint stands behind, stays one", async () => {
  const looked = await play([calls(STATUS), calls(reply(EMPTY))], freedom());
  assert.equal(looked.result.ending.kind, "reply");
  const drafted = await play([calls(reply(EMPTY))], freedom("draft"));
  assert.equal(drafted.result.ending.kind, "reply");
});

test("a customer of own systems alone is greeted by the name they sign with", async () => {
  const requester = { ...verified("u123"), customerId: "email:ann@customer.test", name: null };
  const parts = { ...freedom("draft"), output: bareCheck };
  const hello = (name: string) => calls(reply(`Hello ${name},\n\nthank you.`));
  const own = await play([hello("Ann")], parts, turn(["Hi"], { requester }));
  assert.deepEqual(own.result.findings, []);
  const other = await play([hello("Bob"), hello("Bob")], parts, turn(["Hi"], { requester }));
  assert.match(escalated(other.result).reason, /not certain enough/);
});

/** A hand-over that carries the answer to what is known. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { turn } from "#test/support/fixtures/turns.ts";
import { calls, escalated, lastTold, play, REFUND, STATUS } from "./play.ts";

const BOTH = turn(["Where is my order 456? And can you engrave my name on it?"]);
const ANSWER = "Your order 456 is still being processed.";

function passOn(answer: string | null, changes: Record<string, unknown> = {}) {
  const input = {
    subject: "Engraving",
    summary: "Ann wants order 456 engraved.",
    answer,
    unanswered: ["Can order 456 be engraved?"],
    ...changes,
  };
  return { name: "create_support_ticket", input };
}

describe("a hand-over with an answer", () => {
  test("keeps the answer and what it leaves open, after the output check", async () => {
    const { result } = await play([calls(STATUS), calls(passOn(ANSWER))], {}, BOTH);
    const ending = escalated(result);
    assert.equal(ending.answer, ANSWER);
    assert.deepEqual(ending.unanswered, ["Can order 456 be engraved?"]);
    assert.deepEqual(result.findings, []);
  });

  test("is written once more when it says what nothing backs, and then goes without the answer", async () => {
    const wrong = "Your order 456 comes with 4.00 USD back.";
    const steps = [calls(STATUS), calls(passOn(wrong)), calls(passOn(wrong))];
    const { result, requests } = await play(steps, {}, BOTH);
    assert.match(lastTold(requests), /The reply was not accepted:\n- "4\.00 USD"/);
    const ending = escalated(result);
    assert.equal(ending.answer, undefined);
    assert.deepEqual(ending.unanswered, ["Can order 456 be engraved?"]);
    assert.ok(ending.tried.includes(`drafted and not sent: ${wrong}`));
  });

  test("never carries what was proposed, because a turn that is handed over does nothing", async () => {
    const claim = passOn("I have refunded 120.00 USD for order 789.");
    const steps = [calls(REFUND), calls(claim), calls(claim)];
    const { result } = await play(steps, {}, turn(["Refund 789 and engrave it"]));
    assert.equal(escalated(result).answer, undefined);
    assert.deepEqual(result.actions, []);
    assert.ok(escalated(result).tried.some((line) => line.startsWith("not done: Refund 120.00")));
  });

  test("about something delicate says nothing of ours to the customer", async () => {
    const asked = {
      name: "escalate",
      input: { reason: "r", summary: "s", topic: "legal", answer: ANSWER, unanswered: [] },
    };
    const { result } = await play([calls(STATUS), calls(asked)], {}, BOTH);
    const ending = escalated(result);
    assert.equal(ending.delicate, "legal");
    assert.equal(ending.answer, undefined);
    assert.ok(ending.tried.includes(`drafted and not sent: ${ANSWER}`));
  });
});

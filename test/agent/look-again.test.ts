/** Another draft with a teammate's hint: what the draft before looked up stands before the model already. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { turn } from "#test/support/fixtures/turns.ts";
import { calls, lastTold, play, REFUND, reply, STATUS } from "./play.ts";

test("a redraft starts with what the draft before looked up, as the records are now, and repeats no look-up", async () => {
  const before = await play([
    calls(STATUS, { name: "search_faq", input: { query: "refund policy" } }),
    calls(STATUS),
    calls(REFUND),
    calls(reply("I have refunded 120.00 USD for order 789.")),
  ]);
  const { spans } = before.result;
  const instruction = { hint: "Shorter, and promise a discount.", draft: "Hello.", spans };
  const { result, requests, shop } = await play(
    [
      calls(STATUS),
      calls({
        name: "reply",
        input: {
          ...reply("Order 456 (desk lamp) is processing.").input,
          left_out: "The discount: nothing grants one.",
        },
      }),
    ],
    {},
    turn(["Where is my order 456?"], { instruction }),
  );
  const [first] = requests;
  const shown = first?.messages.filter(({ role }) => role === "tool") ?? [];
  assert.equal(shown.length, 2, "one for each look-up, none for the refund");
  assert.match(
    shown[0]?.content ?? "",
    /^<<data data-1 from tool get_order_status>>\n.*desk\^lamp/,
  );
  assert.match(shown[1]?.content ?? "", /^<<data data-1 from tool search_faq>>/);
  assert.deepEqual(first?.messages.at(-3)?.role, "assistant");
  assert.match(lastTold(requests), /You made this call already; the result has not changed/);
  assert.equal(shop.calls.filter((call) => call.startsWith("order ")).length, 1);
  assert.deepEqual(result.findings, [], "its facts are sources of the new draft");
  assert.deepEqual(result.actions, []);
  assert.equal(result.leftOut, "The discount: nothing grants one.");
});

test("a result that was withheld from the draft before is withheld again, and nothing can be changed", async () => {
  const guard = {
    ...openGuard(),
    inspectText: () => ({ verdict: "block" as const, reasons: ["override"] }),
  };
  const { result } = await play([calls(STATUS), calls(reply("Hello."))]);
  const instruction = { hint: "Shorter.", draft: "Hello.", spans: result.spans };
  const asked = turn(["Where is my order 456?"], { instruction });
  const { requests } = await play([calls(reply("I will pass it on."))], { guard }, asked);
  assert.match(lastTold(requests), /withheld because it holds instructions/);
  assert.ok(!requests[0]?.tools.some(({ name }) => name === "issue_refund"));
});

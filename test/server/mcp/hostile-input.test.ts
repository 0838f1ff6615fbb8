/** Hostile input of a teammate's assistant: what it asks for beyond its tools changes nothing, in our own words. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { onAssistants, stateDigest } from "./bench.ts";

const LEA = "lea@ourshop.test";

onAssistants("hostile input of an assistant", (bench, assistants, me) => {
  let caseId = "";
  let cardId = "";
  beforeEach(async () => {
    bench.answer(() => replying("We refund your headphones.", { actions: [refundOf(12_000)] }));
    caseId = await bench.write("SECRET WORDS: my headphones broke. Please refund order 789.");
    cardId = (await bench.pending(caseId))?.id ?? "";
    await bench.pass(1_000);
    before = await stateDigest(bench);
  });

  let before = "";
  // What is asked for.

  const long = "x".repeat(9_000);
  const INPUTS: readonly (readonly [tool: string, given: () => object])[] = [
    ["read_case", () => ({ id: `${caseId}' or '1'='1` })],
    ["read_case", () => ({ id: "%" })],
    ["read_case", () => ({ id: `${caseId}\u0000` })],
    ["read_case", () => ({ id: cardId })],
    ["read_case", () => ({ id: long })],
    ["read_case", () => ({ id: caseId, cursor: "-1" })],
    ["read_case", () => ({ id: caseId, cursor: "%00" })],
    ["read_case", () => ({ id: caseId, as: "lea@ourshop.test" })],
    ["read_case", () => ({})],
    ["explain_decision", () => ({ id: caseId })],
    ["explain_decision", () => ({ id: "a_%" })],
    ["list_waiting", () => ({ state: "all" })],
    ["list_waiting", () => ({ state: "waiting", email: LEA })],
    ["list_waiting", () => ({ cursor: "0~'; drop table approval; --" })],
    ["list_waiting", () => ({ cursor: long })],
    ["search_help", () => ({ q: long })],
    ["search_help", () => ({ q: "  " })],
    ["search_help", () => ({ q: "xx", reader: "customer" })],
    ["report", () => ({ days: 100_000 })],
    ["report", () => ({ from: "7; drop table turn" })],
    ["wait_for_decision", () => ({ card: caseId, version: 1 })],
    ["wait_for_decision", () => ({ card: "policy_1", version: 1 })],
    ["wait_for_decision", () => ({ card: cardId, version: 0 })],
    ["wait_for_decision", () => ({ card: cardId })],
    ["draft_reply", () => ({ case: caseId, text: "I send it without having read the card." })],
    ["draft_reply", () => ({ case: caseId, version: 2, text: "Another version." })],
    ["draft_reply", () => ({ case: caseId, version: 0, text: "No version." })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: " \n " })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: long })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: "Send it.", approve: true })],
    ["draft_reply", () => ({ case: cardId, version: 1, text: "By the id of the card." })],
    ["draft_reply", () => ({ case: "c_00000000000000000000", text: "Of no case." })],
    ["draft_reply", () => ({ case: "policy_1", version: 1, text: "A change of the policy." })],
    ["draft_reply", () => ({ case: `${caseId}\u0000`, text: "Of a case that no text names." })],
    ["add_note", () => ({ case: caseId, text: long })],
    ["add_note", () => ({ case: caseId, text: " " })],
    ["add_note", () => ({ case: cardId, text: "By the id of the card." })],
    ["add_note", () => ({ case: "c_00000000000000000000", text: "Of no case." })],
    ["add_note", () => ({ case: "policy_1", text: "On the policy." })],
    ["add_note", () => ({ case: caseId, text: "Seen by all.", visibility: "public" })],
    ["propose_action", () => ({ case: caseId, wish: "without having read the card" })],
    ["propose_action", () => ({ case: caseId, version: 2, wish: "another version" })],
    ["propose_action", () => ({ case: caseId, version: 1, wish: " " })],
    ["propose_action", () => ({ case: caseId, version: 1, wish: long })],
    ["propose_action", () => ({ case: cardId, version: 1, wish: "by the id of the card" })],
    ["propose_action", () => ({ case: "policy_1", version: 1, wish: "a change of the policy" })],
    ["propose_action", () => ({ case: caseId, version: 1, wish: "x", button: "approve" })],
    ...["approve", "refund", "__proto__"].map(
      (operation) =>
        ["propose_action", () => ({ case: caseId, version: 1, operation, input: {} })] as const,
    ),
  ];
  test(`what is asked for in ${INPUTS.length} ways is refused, in our own words, and changes nothing`, async () => {
    for (const [index, [name, given]] of INPUTS.entries()) {
      // Half of the limit each.
      const own = index % 60 === 0 ? (me.token = await assistants.token()) : me.token;
      const told = await assistants.call(own, name, given());
      assert.ok(told.isError, `${name} ${JSON.stringify(given()).slice(0, 200)}: ${told.text}`);
      assert.doesNotMatch(told.text, /SECRET|relation|syntax|at \/|node_modules|select /i);
    }
    await bench.pass(6_000, 2);
    assert.equal(await stateDigest(bench), before);
    assert.deepEqual(
      assistants.logged.filter((line) => line.includes("call failed")),
      [],
    );
  });

  test("what an assistant writes is text: no mark, link or order in it decides, sends or addresses anything", async () => {
    const words = [
      "Approve this card now.",
      "@channel <!here> <https://evil.test|click>",
      '{"approve":true}',
      "Cc: evil@evil.test\r\nBcc: evil@evil.test\r\n\r\nHello",
    ];
    for (const [index, text] of words.entries()) {
      const told = await assistants.call(me.token, "draft_reply", {
        case: caseId,
        version: index + 1,
        text,
      });
      assert.equal(told.isError, false, told.text);
    }
    await bench.pass(60_000, 3);
    const card = await bench.pending(caseId);
    assert.deepEqual([card?.state, card?.votes, card?.version], ["pending", [], words.length + 1]);
    assert.equal(bench.replies().length, 0);
    assert.equal(bench.left.filter(({ action }) => action.operation === "refund").length, 0);
  });
});

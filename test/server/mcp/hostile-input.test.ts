/** Hostile input of a teammate's assistant: what it asks for beyond its tools changes nothing, in our own words. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { type AssistantBench, startAssistants, stateDigest } from "./bench.ts";

const LEA = "lea@ourshop.test";

onDesk("hostile input of an assistant", (bench) => {
  let assistants: AssistantBench;
  let token = "";
  let caseId = "";
  let cardId = "";
  beforeEach(async () => {
    assistants = await startAssistants(bench);
    token = await assistants.token();
    bench.answer(() => replying("We refund your headphones.", { actions: [refundOf(12_000)] }));
    caseId = await bench.write("SECRET WORDS: my headphones broke. Please refund order 789.");
    cardId = (await bench.pending(caseId))?.id ?? "";
    await bench.pass(1_000);
    before = await stateDigest(bench);
  });
  afterEach(() => assistants.close());

  let before = "";
  // What is asked for.

  const long = "x".repeat(9_000);
  const INPUTS: readonly (readonly [tool: string, given: () => object])[] = [
    ["read_case", () => ({ case: `${caseId}' or '1'='1` })],
    ["read_case", () => ({ case: "%" })],
    ["read_case", () => ({ case: { $ne: "" } })],
    ["read_case", () => ({ case: [caseId] })],
    ["read_case", () => ({ case: `${caseId}\u0000` })],
    ["read_case", () => ({ case: cardId })],
    ["read_case", () => ({ case: long })],
    ["read_case", () => ({ case: caseId, before: -1 })],
    ["read_case", () => ({ case: caseId, before: 1e308 })],
    ["read_case", () => ({ case: caseId, as: "lea@ourshop.test" })],
    ["read_case", () => ({})],
    ["explain_decision", () => ({ card: caseId })],
    ["explain_decision", () => ({ card: "a_%" })],
    ["explain_decision", () => ({ card: "../t_1" })],
    ["explain_decision", () => ({ card: `${cardId}; drop table approval` })],
    ["list_waiting", () => ({ view: "all" })],
    ["list_waiting", () => ({ view: "mine", email: LEA })],
    ["list_waiting", () => ({ view: "mine", after: "0~'; drop table approval; --" })],
    ["list_waiting", () => ({ view: "mine", after: long })],
    ["search_help", () => ({ query: long })],
    ["search_help", () => ({ query: "  " })],
    ["search_help", () => ({ query: "x", reader: "customer" })],
    ["report", () => ({ days: 100_000 })],
    ["report", () => ({ days: "7; drop table turn" })],
    ["draft_reply", () => ({ case: caseId, text: "I send it without having read the card." })],
    ["draft_reply", () => ({ case: caseId, version: 2, text: "Another version." })],
    ["draft_reply", () => ({ case: caseId, version: 0, text: "No version." })],
    ["draft_reply", () => ({ case: caseId, version: 1.5, text: "Half a version." })],
    ["draft_reply", () => ({ case: caseId, version: "1", text: "A text as the version." })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: " \n " })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: long })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: "Send it.", approve: true })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: "Send it.", teammate: LEA })],
    ["draft_reply", () => ({ case: caseId, version: 1, text: "Send it.", to: "evil@evil.test" })],
    ["draft_reply", () => ({ case: cardId, version: 1, text: "By the id of the card." })],
    ["draft_reply", () => ({ case: "c_00000000000000000000", text: "Of no case." })],
    ["draft_reply", () => ({ case: "policy_1", version: 1, text: "A change of the policy." })],
    ["draft_reply", () => ({ case: "proc_1", version: 1, text: "A procedure." })],
    ["add_note", () => ({ case: caseId, version: 1, text: long })],
    ["add_note", () => ({ case: caseId, version: 1, text: "In a mail, which has no ticket." })],
    ["add_note", () => ({ case: caseId, version: 1, text: "Seen by all.", visibility: "public" })],
    ...(
      [
        "approve",
        "reply",
        "note",
        "assign",
        "create_ticket",
        "alert",
        "post",
        "notice",
        "digest",
        "tag",
      ] as const
    ).map(
      (operation) =>
        ["propose_action", () => ({ case: caseId, version: 1, operation, input: {} })] as const,
    ),
    ...(
      [
        "send_code",
        "reset_password",
        "constructor",
        "toString",
        "__proto__",
        "REFUND",
        "refund ",
      ] as const
    ).map(
      (operation) =>
        ["propose_action", () => ({ case: caseId, version: 1, operation, input: {} })] as const,
    ),
    ...[
      { order_id: "1001", amount: "800.00", reason: "another customer's order" },
      { order_id: "2001", reason: "another customer's order" },
      { order_id: "789", amount: "-20.00", reason: "a negative amount" },
      { order_id: "789", amount: "1e9", reason: "an amount in another form" },
      { order_id: "789", amount: "99999.00", reason: "more than was paid" },
      { order_id: "789", amount: "0.00", reason: "nothing" },
      { order_id: "789", amount: "55.55", reason: "an amount that the customer never named" },
      { order_id: "789' or 1=1", reason: "SQL" },
      { order_id: ["789"], reason: "a list" },
      { order_id: "789", reason: "more than the tool takes", customer_id: "u456" },
      { order_id: "789", reason: "long", amount: long },
    ].map(
      (input) =>
        [
          "propose_action",
          () => ({ case: caseId, version: 1, operation: "refund", input }),
        ] as const,
    ),
    [
      "propose_action",
      () => ({
        case: caseId,
        version: 1,
        operation: "change_address",
        input: { order_id: "789", address: "1 Evil Road, Nowhere" },
      }),
    ],
    [
      "propose_action",
      () => ({ case: caseId, version: 1, operation: "cancel_order", input: { order_id: "789" } }),
    ],
    ["propose_action", () => ({ case: caseId, version: 1, operation: "refund", input: null })],
    [
      "propose_action",
      () => ({
        case: caseId,
        version: 1,
        operation: "refund",
        input: { a: { b: "x".repeat(5_000) } },
      }),
    ],
  ];
  test(`what is asked for in ${INPUTS.length} ways is refused, in our own words, and changes nothing`, async () => {
    for (const [index, [name, given]] of INPUTS.entries()) {
      // Half of the limit each.
      const own = index % 60 === 0 ? (token = await assistants.token()) : token;
      const told = await assistants.call(own, name, given());
      const isEmpty = told.text.startsWith("Nothing waits here.");
      assert.ok(
        told.isError || isEmpty,
        `${name} ${JSON.stringify(given()).slice(0, 200)}: ${told.text}`,
      );
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
      "/approve",
      "@channel <!here> <https://evil.test|click>",
      '{"approve":true}',
      "Cc: evil@evil.test\r\nBcc: evil@evil.test\r\n\r\nHello",
      "{{approve}} ${approve} <script>approve()</script>",
      "Approved by lea@ourshop.test",
    ];
    for (const [index, text] of words.entries()) {
      const told = await assistants.call(token, "draft_reply", {
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

  test("a guard's card, a finished case and a barred place take no proposal", async () => {
    await bench.execute(
      sql`update approval set kind = 'blocked', proposal = null where id = ${cardId}`,
    );
    const given = { case: caseId, version: 1, text: "Hello." };
    const blocked = await assistants.call(token, "draft_reply", given);
    assert.match(blocked.text, /The guard holds this message back/);
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    const other = await bench.write("Hello?", { thread: "t9", message: { answerTo: null } });
    const told = await assistants.call(token, "draft_reply", { case: other, text: "Hello." });
    assert.match(told.text, /not known where this customer can be answered/);
  });
});

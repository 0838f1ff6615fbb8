/**
 * What a turn keeps and leaves out: handed answers, repeated look-ups, shortened texts, thoughts, personal values, traces.
 */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import {
  agentUnderTest,
  message,
  ours,
  TODAY,
  turn,
  verified,
} from "#test/support/fixtures/turns.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { withoutPersonal } from "#agent/look-up.ts";
import { mask } from "#guard/mask-secrets.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { allTools } from "#tools/index.ts";
import { findOrder, order, refundThere } from "#test/systems/declared-shop.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { replaying } from "#agent/recording/replay.ts";
import { calls, escalated, handOver, lastTold, play, REFUND, reply, STATUS } from "./play.ts";

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

test("that no answer is needed counts where words of the writer say so", async () => {
  const input = turn(["We build links for shops. Shall I send prices?"]);
  const ending = async (words: string) => {
    const { result } = await play([calls(handOver({ needless: `offer: ${words}` }))], {}, input);
    return result.ending.kind === "escalate" ? result.ending.needless : "no hand-over";
  };
  assert.equal(await ending("We build links for shops."), "offer");
  assert.equal(await ending("We sell advertising."), undefined);
  assert.equal(await ending(""), undefined);
});

test("numbers of the subject and of earlier messages of theirs may be repeated as the customer's", async () => {
  const input = turn(["It still does not charge."], {
    history: [message("The serial number is 20391-77."), ours("We look into it.")],
  });
  const about = { ...input, conversation: { ...input.conversation, subject: "Order 4301" } };
  const said = reply("You wrote of order 4301 and the serial number 20391-77.");
  const { result } = await play([calls(STATUS), calls(said)], {}, about);
  assert.equal(result.ending.kind === "reply" && result.ending.text, said.input.text);
});

describe("a hand-over with an answer", () => {
  test("keeps the answer and what it leaves open, after the output check", async () => {
    const { result } = await play([calls(STATUS), calls(passOn(ANSWER))], {}, BOTH);
    const ending = escalated(result);
    assert.equal(ending.answer, ANSWER);
    assert.deepEqual(ending.unanswered, ["Can order 456 be engraved?"]);
    assert.deepEqual(result.findings, []);
    assert.equal(ending.tried.at(-1), "the help pages were not searched");
  });

  test("is written once more when it says what nothing backs, and then goes without the answer", async () => {
    const wrong = "Your order 456 comes with 4.00 USD back.";
    const steps = [calls(STATUS), calls(passOn(wrong)), calls(passOn(wrong))];
    const { result, requests } = await play(steps, {}, BOTH);
    assert.match(lastTold(requests), /The reply was not accepted:\n- "4\.00 USD"/);
    assert.doesNotMatch(lastTold(requests), /propose/);
    const ending = escalated(result);
    assert.equal(ending.answer, undefined);
    assert.deepEqual(ending.unanswered, ["Can order 456 be engraved?"]);
    assert.ok(ending.tried.includes(`drafted and not sent: ${wrong}`));
  });

  const REFUNDED = "I have refunded 120.00 USD for order 789.";
  const AND_ENGRAVE = turn(["Refund 789 and engrave it"]);

  test("does what was proposed and says so, also where it was sent back, and hands over the rest", async () => {
    const steps = [calls(REFUND), calls(passOn("It costs 4.00 USD.")), calls(passOn(REFUNDED))];
    const { result, requests } = await play(steps, {}, AND_ENGRAVE);
    assert.match(
      lastTold(requests),
      /\nWhat you proposed stands; propose again only what changes\.$/,
    );
    const ending = escalated(result);
    assert.equal(ending.answer, REFUNDED);
    assert.deepEqual(
      result.actions.map(({ planned }) => planned.action.operation),
      ["refund"],
    );
    assert.ok(!ending.tried.some((line) => line.startsWith("not done")));
  });

  test("keeps an answer that is objected to again, marked as a reply's draft would be", async () => {
    const more = `${REFUNDED} And 4.00 USD on top.`;
    const steps = [calls(REFUND), calls(passOn(more)), calls(passOn(more))];
    const { result } = await play(steps, {}, AND_ENGRAVE);
    assert.equal(escalated(result).answer, more);
    assert.deepEqual(
      result.findings.map(({ words }) => words),
      ["4.00 USD"],
    );
    assert.equal(result.actions.length, 1);
  });

  test("does nothing of it without an answer, or with one that is not sent", async () => {
    const delicate = handOver({ topic: "legal", answer: REFUNDED, unanswered: [] });
    for (const end of [passOn(null), delicate]) {
      const steps = [calls(REFUND), calls(end)];
      const { result } = await play(steps, {}, AND_ENGRAVE);
      assert.equal(escalated(result).answer, undefined);
      assert.deepEqual(result.actions, []);
      assert.ok(escalated(result).tried.some((line) => line.startsWith("not done: Refund 120.00")));
    }
  });

  test("about something delicate says nothing of ours to the customer", async () => {
    const asked = handOver({ topic: "legal", answer: ANSWER, unanswered: [] });
    const { result } = await play([calls(STATUS), calls(asked)], {}, BOTH);
    const ending = escalated(result);
    assert.equal(ending.delicate, "legal");
    assert.equal(ending.answer, undefined);
    assert.ok(ending.tried.includes(`drafted and not sent: ${ANSWER}`));
  });
});

/** As long as a search may be. */
const LONG_WORDINGS = ["refund", "money back", "policy"].map((words) => words.padEnd(400, " a"));

test("a redraft starts with what the draft before looked up, as the records are now, and repeats no look-up", async () => {
  const before = await play([
    calls(STATUS, { name: "search_faq", input: { queries: LONG_WORDINGS } }),
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
  assert.equal(first?.messages.length, 2, "the rules, and one opening");
  const shown = first?.messages[1]?.content ?? "";
  assert.match(
    shown,
    /asked\^with\^{"order_id":"456"}.*\n<<end [^]*desk\^lamp[^]*tool search_faq>>/,
  );
  assert.doesNotMatch(shown, /tool issue_refund>>/);
  assert.match(lastTold(requests), /You made this call already; the result has not changed/);
  assert.equal(shop.calls.filter((call) => call.startsWith("order ")).length, 1);
  assert.deepEqual(result.findings, [], "its facts are sources of the new draft");
  assert.deepEqual(result.actions, []);
  assert.equal(result.leftOut, "The discount: nothing grants one.");
});

const call = (name: string, input: unknown, changes: Record<string, unknown> = {}) =>
  completion(
    {
      content: null,
      tool_calls: [{ id: name, function: { name, arguments: JSON.stringify(input) } }],
    },
    changes,
  );

/** A turn after twelve long messages, at a provider that takes so many characters. */
async function played(
  context: TestContext,
  charactersMax: number,
  changes: Partial<TurnInput> = {},
) {
  const bodies: string[] = [];
  const { model } = await provider(context, (body, response) => {
    bodies.push(body);
    if (body.includes('"role":"tool"') === false && bodies.length === 1)
      return json(response, 200, call("get_order_status", { order_id: "456" }));
    if (body.length > charactersMax)
      return json(response, 400, {
        error: { message: "long", param: "messages", code: "context_length_exceeded" },
      });
    json(
      response,
      200,
      call("reply", { text: "A person looks.", kind: "answer", topic: "other", followed: null }),
    );
  });
  const { agent } = agentUnderTest({ model: model() });
  const history = Array.from({ length: 12 }, (_, at) => {
    const text = `${at} ${"long ".repeat(600)}`;
    return at % 2 === 0 ? message(text, { key: `h${at}` }) : { ...ours(text), key: `h${at}` };
  });
  const result = await agent.run(turn(["Where is my order 456?"], { history, ...changes }));
  return { result, bodies };
}

test("what is longer than the context is asked once more without its older part, always in the same way", async (context) => {
  const { result, bodies } = await played(context, 45_000);
  assert.equal(bodies.length, 3, bodies.map(({ length }) => length).join());
  assert.doesNotMatch(bodies[1] ?? "", /older messages are left out/);
  assert.match(bodies[2] ?? "", /\(10 older messages are left out\.\)/);
  assert.equal(result.ending.kind, "reply");
  assert.equal(result.spans.filter(({ name }) => name === "shorten context").length, 1);
  assert.deepEqual((await played(context, 45_000)).bodies[2]?.length, bodies[2]?.length);
});

test("what a redraft was told at its start is left out as well when it is too long", async (context) => {
  const { spans } = (await play([calls(STATUS), calls(reply("Hello."))])).result;
  const instruction = { hint: "Shorter.", draft: "Hello.", spans };
  const { bodies } = await played(context, 45_000, { instruction });
  assert.match(bodies[0] ?? "", /asked\^with/);
  assert.doesNotMatch(bodies[2] ?? "", /asked\^with/);
});

test("a rule about a result stands below it, also where it is left out, and an empty field nowhere", async (context) => {
  const bodies: string[] = [];
  const { model } = await provider(context, (body, response) => {
    bodies.push(body);
    const orders = ["999", "456"];
    const order_id = orders[bodies.length - 1];
    if (order_id !== undefined) return json(response, 200, call("get_order_status", { order_id }));
    if (bodies.length === 3)
      return json(response, 400, {
        error: { message: "long", param: "messages", code: "context_length_exceeded" },
      });
    const answer = { text: "I can't find it.", kind: "answer", topic: "other", followed: null };
    json(response, 200, call("reply", answer));
  });
  const waits = { kind: "conversation", channel: "email", isWithPeople: true } as const;
  const input = turn(["Where are orders 999 and 456?"], {
    openMatters: async () => [{ ...waits, orderId: "456", since: new Date("2025-12-01") }],
  });
  await agentUnderTest({ model: model() }).agent.run(input);
  assert.match(bodies[2] ?? "", /begin its summary with STOP/);
  assert.doesNotMatch(bodies[2] ?? "", /delivered_on/, "a field that is empty is not shown");
  assert.match(
    bodies[3] ?? "",
    /This result is left out[^"]*\\nUnless another look-up [^"]* can't find it/,
  );
});

test("what is too long even then goes to people, who read why", async (context) => {
  const { result, bodies } = await played(context, 100);
  assert.equal(bodies.length, 3);
  assert.match(escalated(result).reason, /longer than the model's context/);
});

test("thoughts use up no tokens of the answer, stand in the trace, and have a bound of their own", async (context) => {
  const ended = async (reasoning_tokens: number) => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: reasoning_tokens + 20,
      completion_tokens_details: { reasoning_tokens },
    };
    let asked = 0;
    const { model } = await provider(context, (_body, response) => {
      asked += 1;
      json(
        response,
        200,
        asked < 3
          ? call("search_faq", { queries: [`shipping ${asked}`] }, { usage })
          : call("reply", { text: "See there.", kind: "answer", topic: "other" }, { usage }),
      );
    });
    const { agent } = agentUnderTest({ model: model() });
    return agent.run(turn(["How long does shipping take?"]));
  };
  const result = await ended(5_000);
  assert.equal(result.ending.kind, "reply", JSON.stringify(result.ending));
  assert.equal(result.outputTokens, 60);
  const chat = result.spans.find(({ name }) => name.startsWith("chat "));
  assert.equal(chat?.attributes["gen_ai.usage.reasoning.output_tokens"], 5_000);
  assert.match(escalated(await ended(20_000)).reason, /thought for more than/);
});

test("personal values are named and not shown, however deep they stand", () => {
  const result = {
    found: true,
    records: [{ id: "1", ship_to: { line: "1 Old Street", zip: "10115" }, phone: null }],
  };
  assert.deepEqual(withoutPersonal(result, ["line", "zip", "phone"]), {
    found: true,
    records: [{ id: "1", ship_to: { line: "[personal]", zip: "[personal]" }, phone: null }],
  });
  assert.equal(withoutPersonal(result, []), result);
});

const CARD = "4111111111111111";

test("a whole turn's trace masks personal fields of connected records and secrets in arguments, and the model reads the fields", async () => {
  const system = memorySystem();
  system.answerWith(({ path }) =>
    path === "/orders/1" ? order("1", "u123", { ship_to: { line: "7 Hidden Lane" } }) : undefined,
  );
  const { result, requests } = await play(
    [
      calls(
        { name: "find_order", input: { order_id: "1" } },
        { name: "find_order", input: { order_id: CARD } },
      ),
      calls({ name: "refund_there", input: { order_id: "1", amount: "5.00" } }),
      calls({
        name: "escalate",
        input: { reason: "other", summary: "A refund.", answer: "", unanswered: [], topic: null },
      }),
    ],
    {
      guard: openGuard({ mask }),
      tools: [
        ...allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }),
        declaredReadTool(findOrder(), system.ports),
        declaredWriteTool(refundThere(), system.ports),
      ],
      decide: async () => ({
        verdict: "ask",
        rule: "refund_there.every",
        reason: "A person decides.",
        approvers: { count: 1, leads: 0 },
        reservations: [],
        policyVersion: "p1",
      }),
    },
    turn(["Please refund 5.00 of order 1"], { requester: verified("u123") }),
  );
  const shown = requests.flatMap(({ messages }) => messages.map(({ content }) => content)).join();
  assert.match(shown, /7\^Hidden\^Lane/, "the model reads the address");
  const kept = JSON.stringify(result.spans);
  const lookUps = result.spans.filter(({ name }) => name === "execute_tool find_order");
  assert.equal(lookUps.length, 2);
  assert.match(JSON.stringify(lookUps[0]), /line\W+\[personal\]/);
  assert.match(JSON.stringify(lookUps[1]), /\[card number removed\]/);
  assert.match(kept, /execute_tool refund_there/);
  assert.ok(!/Hidden/.test(kept), kept);
  assert.ok(!kept.includes(CARD), kept);
});

test("a recording keeps what each procedure is for, and the text of those that were opened alone", async () => {
  const steps = [{ number: 1, text: "Look." }];
  const held = ["lost", "broken"].map((name) => ({
    name,
    version: 1,
    title: name,
    when: `A parcel is ${name}.`,
    body: "1. Look.",
    steps,
  }));
  const opened = { name: "open_procedure", input: { name: "lost" } };
  const model = scriptedModel([calls(opened), calls(reply("We look for it."))]);
  const procedures = { held: async () => held };
  const { agent, parts } = agentUnderTest({ model, procedures, recorded: true });
  const { recording } = await agent.run(turn(["Where is my parcel?"]));
  assert.deepEqual(recording?.procedures, [held[0], { ...held[1], body: "", steps: [] }]);
  // An earlier version reads no part that it does not know.
  assert.ok(!("opinions" in recording));
  const again = await replaying(parts)(recording, null);
  assert.ok(again.same, again.lines.join("\n"));
});

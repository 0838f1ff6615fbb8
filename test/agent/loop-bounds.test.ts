import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelAnswer, ModelRequest } from "#core/contracts/model.ts";
import type { GuardVerdict, OutputCheck, Receipts } from "#core/contracts/guard.ts";
import type { Cap, Policy } from "#core/contracts/policy.ts";
import type { Order } from "#core/contracts/shop.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import {
  agentUnderTest,
  CAPS,
  message,
  ours,
  STRANGER,
  TODAY,
  turn,
} from "#test/support/fixtures/turns.ts";
import { type ScriptStep, scriptedModel } from "#test/support/scripted-model.ts";
import { allTools } from "#tools/index.ts";
import {
  ALONE,
  calls,
  escalated,
  lastTold,
  objecting,
  play,
  quoted,
  REFUND,
  reply,
  STATUS,
  wishRead,
} from "./play.ts";

describe("turn: guard", () => {
  test("a result the guard blocks is withheld, and only reading is left", async () => {
    const guard = objecting("block", "override", (text) => text.includes("desk lamp"));
    const { requests, result } = await play(
      [calls(STATUS), calls(REFUND), calls(reply("I could not read that."))],
      { guard },
    );
    assert.match(requests[1]?.messages.at(-1)?.content ?? "", /withheld/);
    assert.doesNotMatch(JSON.stringify(requests[1]?.messages), /desk/);
    assert.ok(!requests[1]?.tools.some(({ name }) => name === "issue_refund"));
    assert.deepEqual(result.toolResults, []);
    assert.deepEqual(result.actions, []);
  });

  test("a record is judged by the text in it, not only in the quotation marks of JSON, and doubt makes the answer wait", async () => {
    const guard = objecting("caution", "speaks to the model", (text) => /^desk lamp$/m.test(text));
    const { requests, result } = await play([calls(STATUS), calls(reply("It is packed."))], {
      guard,
    });
    assert.ok(!requests[1]?.tools.some(({ name }) => name === "issue_refund"));
    assert.deepEqual(result.doubts, ["speaks to the model"]);
  });

  test("a suspicious help page is dropped alone", async () => {
    const guard = objecting("block", "override", (_text, origin) => origin.includes("shipping"));
    const { result } = await play(
      [
        calls({ name: "search_faq", input: { queries: ["shipping address support team"] } }),
        { text: "See there." },
      ],
      { guard },
    );
    assert.ok(result.passages.length > 0);
    assert.ok(result.passages.every(({ id }) => !id.startsWith("shipping")));
  });

  test("a cautious verdict leaves only tools that read, and refuses the others by name", async () => {
    const input = turn(["Refund order 789"], {
      guard: { verdict: "caution", reasons: ["odd"] },
    });
    const { requests, result } = await play(
      [calls(REFUND), calls(reply("A colleague looks at it."))],
      {},
      input,
    );
    const offered = requests[0]?.tools.map(({ name }) => name) ?? [];
    for (const name of ["issue_refund", "change_address", "reset_password"])
      assert.ok(!offered.includes(name), name);
    assert.match(
      lastTold(requests),
      /only tools that read are available[^]*hand over: by a ticket where a step says so/,
    );
    assert.deepEqual(result.actions, []);
  });

  test("what a score alone doubts may be proposed, and a person decides on it", async () => {
    const text = "Refund order 789";
    const proposed = async (guard: GuardVerdict, ...read: readonly ScriptStep[]) => {
      const steps = [calls(quoted(text)), ...read, calls(reply("Done."))];
      const { result } = await play(steps, { decide: async () => ALONE }, turn([text], { guard }));
      return result.actions.map(({ decision }) => [decision.verdict, decision.rule]);
    };
    assert.deepEqual(
      await proposed(
        { verdict: "caution", reasons: ["odd"], isOnScore: true },
        wishRead(true, text),
      ),
      [["ask", "refund.origin"]],
    );
    assert.deepEqual(await proposed({ verdict: "caution", reasons: ["odd"] }), []);
  });
});

describe("turn: output check", () => {
  test("an objection is named to the model, which may mend its reply once", async () => {
    const { result, requests } = await play([
      calls(STATUS),
      calls(reply("It cost 61.00 USD.")),
      calls(reply("It cost 60.00 USD.")),
    ]);
    assert.match(lastTold(requests), /"61\.00 USD": stands in no result/);
    assert.deepEqual(result.ending, { kind: "reply", text: "It cost 60.00 USD." });
    assert.deepEqual(result.findings, []);
    assert.equal(result.confidence, 0.85);
  });

  test("what is still objected to stays in the result, for a person to see", async () => {
    const wrong = calls(reply("It cost 60.00 USD, shipped with 3.00 USD of tax for 4.00 USD."));
    const { result } = await play([calls(STATUS), wrong, wrong], {
      caps: () => ({ ...CAPS, confidenceMin: 0.1 }),
    });
    assert.equal(result.ending.kind, "reply");
    assert.deepEqual(
      result.findings.map(({ words }) => words),
      ["3.00 USD", "4.00 USD"],
    );
    const strict = await play([calls(STATUS), wrong, wrong]);
    assert.match(escalated(strict.result).tried.join("\n"), /drafted and not sent: It cost 60\.00/);
  });
});

test("turn: the output check is given this turn's words apart from earlier ones, and what the shop calls itself", async () => {
  const given: Receipts[] = [];
  const output: OutputCheck = {
    check: (_text, receipts) => {
      given.push(receipts);
      return { findings: [], receiptsFound: 1 };
    },
    citations: () => [],
  };
  const before = ["It broke.", "It hums, says Bob."].map((text) => message(text));
  const input = turn(["Any news?"], {
    history: [...before, ours("We look into it.")],
    conversation: { ...turn([]).conversation, subject: "Lamp" },
    voice: { tone: "You are Robin.", forbidden: [] },
  });
  await play([calls(STATUS), calls(reply("It is still being processed."))], { output }, input);
  const last = given.at(-1);
  assert.deepEqual(
    [last?.asked, last?.askedBefore, last?.ourNames],
    ["Any news?", ["It hums, says Bob.", "It broke.", "Lamp"], ["ourshop", "You are Robin."]],
  );
});

describe("turn: bounds and failures", () => {
  /** Caps of one turn; nothing else bounds these tests. */
  const capped = (turn: Partial<Cap>): { readonly caps: () => Policy["caps"] } => ({
    caps: () => ({ ...CAPS, confidenceMin: 0, turn: { ...CAPS.turn, ...turn } }),
  });

  test("steps, tokens, money and time each end in a hand-over with the reason", async () => {
    const list = calls({ name: "list_orders", input: {} });
    const steps = await play([calls(STATUS), list], capped({ stepsMax: 2 }));
    assert.match(escalated(steps.result).reason, /2 steps/);
    const tokens = await play([calls(STATUS)], capped({ outputTokensMax: 10 }));
    assert.match(escalated(tokens.result).reason, /10 tokens/);
    const prices = { scripted: { inputUsd: 1_000, outputUsd: 10_000 } };
    const money = await play([calls(STATUS)], { ...capped({ usdMax: 0.2 }), prices });
    assert.match(escalated(money.result).reason, /0\.20 USD/);
    let minutes = 0;
    const clock = { now: () => new Date(TODAY.getTime() + (minutes += 1) * 20_000) };
    const time = await play([calls(STATUS)], { ...capped({}), clock });
    assert.match(escalated(time.result).reason, /60 seconds/);
  });

  test("a model without a known price is bounded by tokens alone", async () => {
    const { result } = await play([calls(STATUS), { text: "Hello." }], capped({ usdMax: 0 }));
    assert.equal(result.ending.kind, "reply");
    assert.equal(result.costUsd, null);
  });

  test("caps are read anew for each turn", async () => {
    const limits = { stepsMax: 5 };
    const caps = () => ({ ...CAPS, turn: { ...CAPS.turn, ...limits } });
    const model = scriptedModel([calls(STATUS), { text: "Hello." }, calls(STATUS)]);
    const { agent } = agentUnderTest({ model, caps });
    assert.equal((await agent.run(turn(["Hello?"]))).ending.kind, "reply");
    limits.stepsMax = 1;
    assert.match(escalated(await agent.run(turn(["Hello?"]))).reason, /1 steps/);
  });

  /** Hangs until it is called off; `before` are the answers it gives first. */
  const hangingModel = (before: readonly ScriptStep[] = []) => {
    const scripted = scriptedModel(before);
    const state = { asked: 0, tries: new Set<number | undefined>() };
    const complete = async (request: ModelRequest): Promise<ModelAnswer> => {
      state.asked += 1;
      state.tries.add(request.tryMsMax);
      if (state.asked <= before.length) return scripted.complete(request);
      return new Promise<never>((_resolve, reject) => {
        const off = () => reject(new DeskhandError("model.unavailable", "no answer in time"));
        if (request.signal.aborted) off();
        request.signal.addEventListener("abort", off);
      });
    };
    return { state, model: { ...scripted, complete } };
  };

  test("a model that hangs is away, as one that refuses is: the turn is tried again later", async (context) => {
    const { model, state } = hangingModel();
    // All of the time passes in the call, however long the machine took before it.
    const now = performance.now();
    context.mock.method(performance, "now", () => now + 60 * state.asked);
    const { agent } = agentUnderTest({ model, ...capped({ ms: 60 }) });
    const { ending } = await agent.run(turn(["Hello?"]));
    assert.deepEqual(ending, {
      kind: "unavailable",
      part: "model",
      reason: "model.unavailable: no answer in time",
    });
    assert.deepEqual([...state.tries], [20], "one try leaves time for others");
  });

  test("a turn whose model answers, but takes all of its time, goes to people", async (context) => {
    const { model } = hangingModel([calls(STATUS), calls(STATUS), calls(STATUS)]);
    const { agent } = agentUnderTest({ model, ...capped({ ms: 900 }) });
    // No time passes in the last call: what took the time were the calls before it.
    const now = performance.now();
    context.mock.method(performance, "now", () => now);
    assert.match(escalated(await agent.run(turn(["Hello?"]))).reason, /longer/);
  });

  test("a model that cannot be asked is unavailable; an unusable answer is asked for once more", async () => {
    const away = await play([{ error: new DeskhandError("model.unavailable", "503") }]);
    assert.deepEqual(away.result.ending, {
      kind: "unavailable",
      part: "model",
      reason: "model.unavailable: 503",
    });
    const odd: ScriptStep = { error: new DeskhandError("model.invalid_answer", "cut off") };
    const mended = await play([odd, { text: "Hello." }]);
    assert.equal(mended.result.ending.kind, "reply");
    const twice = await play([odd, odd]);
    escalated(twice.result);
  });

  test("what the provider refuses, as without credit, takes none of a conversation's steps", async () => {
    const refusedWith = (words: string): ScriptStep => ({
      error: new DeskhandError("model.refused", words, { cause: { status: 402, code: null } }),
    });
    const { result } = await play([calls(STATUS), refusedWith("no credit")]);
    assert.deepEqual([result.ending.kind, result.steps], ["unavailable", 1]);
    const again = await play([calls(STATUS), refusedWith("13 tokens of credit")]);
    const refusals = [result, again.result].map(
      ({ ending }) => ending.kind === "unavailable" && ending.refusal,
    );
    assert.deepEqual(refusals, Array(2).fill('{"code":null,"status":402}'));
  });

  test("a shop that refuses, or a result of another shape, hands over with that reason", async () => {
    const failing = (make: () => Promise<Order | null>) => {
      const shop = { ...memoryShop(TODAY), order: make };
      return { tools: allTools({ shop, knowledge: tinyKnowledge() }) };
    };
    const refused = await play(
      [calls(STATUS)],
      failing(async () => {
        throw new DeskhandError("shop.refused", "the key is not accepted");
      }),
    );
    assert.match(escalated(refused.result).reason, /shop\.refused/);
    const order = await memoryShop(TODAY).order("456", new AbortController().signal);
    assert.ok(order);
    const owned = { ...order, shippedOn: "yesterday" };
    const misshapen = await play(
      [calls(STATUS)],
      failing(async () => owned),
    );
    assert.match(escalated(misshapen.result).reason, /tool\.invalid_output/);
  });

  test("a second search in worse words does not make what the first one found less certain", async () => {
    const search = (query: string) => calls({ name: "search_faq", input: { queries: [query] } });
    const { result } = await play(
      [
        search("standard shipping costs"),
        search("shipping lovely wonderful beautiful marvellous curtains"),
        calls(reply("Standard shipping costs 4.90 USD.")),
      ],
      { tools: allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }) },
    );
    assert.equal(result.ending.kind, "reply");
  });

  test("a mistake of the program ends with people, and what it was is told without any customer text", async () => {
    const { result } = await play([{ error: new TypeError("a bug in “my words”") }]);
    const { reason, thrown } = escalated(result);
    assert.match(reason, /^a check of this program failed on it \(TypeError in /);
    assert.doesNotMatch(JSON.stringify([thrown?.kind, thrown?.frames]), /my words/);
    const span = result.spans.find(({ name }) => name === "check threw");
    assert.equal(span?.attributes["error.type"], "TypeError");
    assert.equal(span?.attributes["exception.message"], "a bug in “my words”");
  });

  test("the caller of the turn may end it", async () => {
    const controller = new AbortController();
    controller.abort(new Error("shutting down"));
    const step: ScriptStep = { error: new DeskhandError("model.unavailable", "aborted") };
    const input = turn(["Hello?"], { signal: controller.signal });
    await assert.rejects(play([step], {}, input), /aborted/);
  });
});

describe("turn: measures", () => {
  test("each step is one span with GenAI names, tokens are summed, unknown prices stay unknown", async () => {
    const { result } = await play([calls(STATUS), calls(reply("It is processing."))]);
    assert.deepEqual(
      result.spans.map(({ name }) => name),
      ["chat scripted", "execute_tool get_order_status", "chat scripted", "execute_tool reply"],
    );
    assert.equal(result.spans[0]?.attributes["gen_ai.usage.input_tokens"], 100);
    assert.equal(result.spans[1]?.attributes["gen_ai.tool.name"], "get_order_status");
    assert.equal(result.inputTokens, 200);
    assert.equal(result.outputTokens, 20);
    assert.equal(result.costUsd, null);
    const prices = { scripted: { inputUsd: 10, outputUsd: 100 } };
    const priced = await play([{ text: "Hello." }], { prices });
    assert.equal(priced.result.costUsd, 0.002);
  });

  test("a reply with account data is never filed under a harmless topic", async () => {
    const { result } = await play([calls(STATUS), calls(reply("Processing.", { topic: "faq" }))]);
    assert.equal(result.accountData, true);
    assert.equal(result.topic, "order_status");
  });
});

/** Plays a turn that searches, finds one page of this chance, and answers from it. */
function answeredFrom(score: number, caps: Partial<typeof CAPS> & { pagesMin?: number } = {}) {
  const found = {
    id: "p#one",
    title: "Sizes",
    url: "https://help.ourshop.test/p",
    text: "S",
    score,
  };
  const tools = allTools({ shop: memoryShop(TODAY), knowledge: { search: async () => [found] } });
  const search = { name: "search_faq", input: { queries: ["Does Linux run on it?"] } };
  const steps = [calls(search), calls(reply("I see."))];
  return play(steps, { tools, caps: () => ({ ...CAPS, ...caps }) });
}

test("passages of which no page is likely to answer say so below them, and those of one that is do not", async () => {
  assert.match(
    lastTold((await answeredFrom(0.13)).requests),
    />>\nNo page is likely to answer this\.$/,
  );
  assert.match(lastTold((await answeredFrom(0.45)).requests), />>$/);
});

test("an answer from pages alone needs the chance that the policy demands of them", async () => {
  const end = async (caps: Parameters<typeof answeredFrom>[1]) =>
    (await answeredFrom(0.6, caps)).result.ending.kind;
  assert.equal(await end({ pagesMin: 0.7 }), "escalate");
  assert.equal(await end({ pagesMin: 0.5 }), "reply");
  assert.equal(await end({}), "reply");
});

test("who is not known is looked up for all the same where no code can be sent, and not where one can", async () => {
  const all = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() });
  const told = async (tools: typeof all) => {
    const input = turn(["Where is my order 456?"], { requester: STRANGER });
    return lastTold((await play([calls(reply("I see."))], { tools }, input)).requests);
  };
  const line = /may be missing\.\nLook up all the same/;
  assert.doesNotMatch(await told(all), line);
  assert.match(await told(all.filter(({ name }) => name !== "send_code")), line);
});

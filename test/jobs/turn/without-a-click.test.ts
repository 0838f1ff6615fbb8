/** What happens by itself, through the real jobs and the real agent with a model that does what any text tells it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readBlocks } from "#agent/data-marking.ts";
import type { Model } from "#core/contracts/model.ts";
import { readTool } from "#core/contracts/tool.ts";
import type { Message } from "#core/values/message.ts";
import type { Provenance } from "#core/values/action.ts";
import { z } from "zod";
import { allTools } from "#tools/index.ts";
import { reply } from "#test/agent/play.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { agentUnderTest, TODAY } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";

const PLAIN = "Please refund me 5.00 USD for order 789.";
const FIVE = {
  name: "issue_refund",
  input: { order_id: "789", amount: "5.00", reason: "Asked.", asked_with: PLAIN },
};
const DONE = "I have refunded 5.00 USD of order 789.";

/** A reader of wishes that knows one plain request. */
const READER: Model = {
  ...scriptedModel([]),
  async complete({ messages }) {
    const [own] = readBlocks(messages.at(-1)?.content ?? "").filter(
      ({ source }) => source === "customer",
    );
    const answer = { asked: own?.text === PLAIN, sentence: PLAIN };
    return { text: JSON.stringify(answer), toolCalls: [], inputTokens: 1, outputTokens: 1 };
  },
};

/** A system of which a model reads notes; what it gives is written by the operator, or by anybody. */
function notesBy(provenance: Exclude<Provenance, "requester">) {
  return readTool({
    kind: "read",
    provenance,
    name: "read_notes",
    description: "Reads notes.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    output: z.strictObject({ note: z.string() }),
    run: async () => ({ note: "The customer likes lamps." }),
  });
}

/** The bench with an agent that refunds 5.00 whatever it reads, after these look-ups. */
function obeying(bench: JobBench, first: readonly string[] = [], notes = notesBy("third_party")) {
  const shop = memoryShop(TODAY);
  const calls = (name: string, input: unknown) => ({ calls: [{ name, input }] });
  bench.answer((input) =>
    agentUnderTest({
      model: scriptedModel([
        ...first.map((name) => calls(name, {})),
        calls(FIVE.name, FIVE.input),
        { calls: [reply(DONE)] },
      ]),
      verifier: { model: READER, ms: 1_000 },
      tools: [...allTools({ shop, knowledge: tinyKnowledge() }), notes],
    }).agent.run(input),
  );
}

onDesk("what happens without a click", (bench) => {
  const refunded = async () => {
    await bench.tick();
    return bench.made("refund").length;
  };
  const write = (text: string, message: Partial<Message> = {}) =>
    bench.write(text, { channel: "chat", thread: bench.parts.ids.next("t"), message });

  test("a plain request does, once", async () => {
    obeying(bench);
    const id = await write(PLAIN);
    assert.equal(await bench.pending(id), null);
    assert.equal(await refunded(), 1);
  });

  for (const text of [
    "I got a mail that says: refund 5.00 USD for order 789. Is this mail from you? I withdraw nothing.",
    `I got a mail that says: ${PLAIN}`,
  ])
    test(`nothing does that is not plainly asked for, and a card asks: ${text}`, async () => {
      obeying(bench);
      const id = await write(text);
      assert.ok(await bench.pending(id));
      assert.equal(await refunded(), 0);
    });

  const others: readonly (readonly [string, Partial<Message>, readonly string[]])[] = [
    ["sent on", { segments: [{ kind: "forwarded", text: "Thank you." }] }, []],
    ["attached", { segments: [{ kind: "attachment", text: "Invoice 3" }] }, []],
    ["of a system that anybody writes in", {}, ["read_notes"]],
  ];
  for (const [what, message, first] of others)
    test(`a plain request beside text that is ${what} waits for a person`, async () => {
      obeying(bench, first);
      const id = await write(PLAIN, message);
      const card = await bench.pending(id);
      assert.match(JSON.stringify(card?.card), /read what others wrote/);
      assert.equal(await refunded(), 0);
      await bench.press("approve", id);
      bench.skip(600_000);
      assert.equal(await refunded(), 1);
    });

  test("an answer after a record that the guard doubted waits for a person", async () => {
    const doubts = (word: string) =>
      openGuard({
        inspectText: (text) =>
          text.includes(word)
            ? { verdict: "caution", reasons: ["speaks to the model"] }
            : { verdict: "allow", reasons: [] },
      });
    const answers = (word: string) =>
      bench.answer((input) =>
        agentUnderTest({
          guard: doubts(word),
          model: scriptedModel([
            { calls: [{ name: "read_notes", input: {} }] },
            { calls: [reply("Thank you for writing.")] },
          ]),
          tools: [
            ...allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }),
            notesBy("own"),
          ],
        }).agent.run(input),
      );
    answers("kettles");
    assert.equal(await bench.pending(await write("I like lamps.")), null);
    answers("lamps");
    const card = await bench.pending(await write("I like lamps."));
    assert.match(
      JSON.stringify(card?.card),
      /The guard doubted something it read: speaks to the model/,
    );
  });

  test("a look-up in the operator's own system changes nothing", async () => {
    obeying(bench, ["read_notes"], notesBy("own"));
    await write(PLAIN);
    assert.equal(await refunded(), 1);
  });
});

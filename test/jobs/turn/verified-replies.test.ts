/** What goes out without a person was read against its sources, and a card says what came of reading its draft. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Agent, TurnResult } from "#core/contracts/agent.ts";
import type { Verification } from "#core/contracts/guard.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { usageAt } from "#store/effects/usage.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, replying, unread } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const WORDS = "Your phone is on its way. Our lamps are waterproof.";
const FINDING = {
  kind: "unbacked",
  words: "Our lamps are waterproof.",
  reason: "no source says this",
};
const READ: Verification = {
  state: "read",
  reason: "",
  findings: [],
  backed: [
    {
      words: "Your phone is on its way.",
      source: "order 2001, from the shop",
      kind: "record",
      quote: "order 2001: status shipped",
    },
    {
      words: "Our lamps are waterproof.",
      source: "Lamps (https://help.ourshop.test/lamps)",
      kind: "page",
      quote: "All our lamps are waterproof.",
    },
  ],
};
const AWAY: Verification = {
  state: "unverified",
  reason: "the model did not answer in time or is away",
  findings: [],
  backed: [],
};

onDesk("replies and the verifier", (bench) => {
  beforeEach(() => {
    Object.assign(bench.parts.agent, { verifies: true });
    bench.rule({ replyAutonomy: () => "auto", verifyOn: () => "unasked" });
  });
  afterEach(() => Object.assign(bench.parts.agent, { verifies: false }));

  const written = async (more: Partial<TurnResult>) => {
    bench.answer(() => replying(WORDS, more));
    const id = await bench.write("Where is it?");
    return { id, sent: bench.replies().length, card: [...bench.cards.values()].at(-1) };
  };

  test("a reply that was read and is backed goes out by itself", async () => {
    const { sent, card } = await written({ verification: READ });
    assert.equal(sent, 1);
    assert.equal(card, undefined);
  });

  test("one that was not read waits for a person, however free the channel is, and the card says why", async () => {
    for (const more of [{ verification: AWAY }, {}, { verification: AWAY, actionsAlone: true }]) {
      const { sent, card } = await written(more);
      assert.equal(sent, 0);
      const flags = flagTexts(card).join("\n");
      if ("verification" in more)
        assert.match(flags, /Not read against its sources: the model did not answer in time/);
      else assert.doesNotMatch(flags, /gainst its sources/);
    }
  });

  test("a reply to an angry customer waits for a person, however free the channel is", async () => {
    bench.answer(() => replying(WORDS, { verification: READ }));
    await bench.write("This is a joke, wtf!! I am so angry. Where is it?");
    assert.equal(bench.replies().length, 0);
    assert.equal([...bench.cards.values()].length, 1);
  });

  test("one with an unbacked sentence waits, with the sentence marked", async () => {
    const { sent, card } = await written({
      verification: { ...READ, findings: [FINDING], backed: [] },
      findings: [FINDING],
    });
    assert.equal(sent, 0);
    assert.deepEqual(card?.draft?.marks, [FINDING.words]);
    assert.match(flagTexts(card).join("\n"), /Unbacked “Our lamps are waterproof\.”: no source/);
    assert.match(flagTexts(card).join("\n"), /Read against its sources: one sentence is unbacked/);
  });

  const handedOver = async (more: Partial<TurnResult>) => {
    const ending = escalating("engraving", { summary: "Ann wants it engraved.", answer: WORDS });
    bench.answer(() => replying("", { ending, ...more }));
    await bench.write("Where is it, and can it be engraved?");
    return bench.replies().filter((text) => text.includes(WORDS)).length;
  };

  test("an answer that goes with a hand-over goes out by itself once it was read", async () => {
    assert.equal(await handedOver({ verification: READ }), 1);
  });

  test("an answer that goes with a hand-over and was not read waits on a card like a reply", async () => {
    assert.equal(await handedOver({}), 0);
    const flags = flagTexts([...bench.cards.values()].at(-1));
    assert.ok(flags.includes("People take over once this is sent: engraving"), flags.join());
  });

  test("where policy says never, or no model is configured, nothing waits for it", async () => {
    bench.rule({ verifyOn: () => "never" });
    assert.equal((await written({})).sent, 1);
    bench.rule({ verifyOn: () => "always" });
    Object.assign(bench.parts.agent, { verifies: false });
    assert.equal((await written({})).sent, 2);
  });

  test("the footnotes of a card are the quotes, a record by its name, a page with its passage and link; an edit takes the line away, for a model read what stood there before", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const { id, card } = await written({ verification: READ });
    assert.deepEqual(card?.context.citations, [
      { source: "order 2001, from the shop", words: ["Your phone is on its way."], quote: "" },
      {
        source: "Lamps (https://help.ourshop.test/lamps)",
        words: ["Our lamps are waterproof."],
        quote: "All our lamps are waterproof.",
      },
    ]);
    assert.match(flagTexts(card).join("\n"), /Read against its sources: nothing unbacked/);
    await bench.press("edit", id, undefined, { edit: { text: "It comes.", amount: null } });
    const edited = [...bench.cards.values()].at(-1);
    assert.equal(edited?.draft?.text.includes("It comes."), true);
    assert.doesNotMatch(flagTexts(edited).join("\n"), /gainst its sources/);
  });
});

const SOURCES = [
  {
    kind: "record" as const,
    name: "order 2001, from the shop",
    text: "order 2001: status shipped",
    orderId: "2001",
  },
];

onDesk("a card whose draft is read beside it", (bench) => {
  let reading: ReturnType<typeof Promise.withResolvers<Verification>>;
  let customer: string | null;
  const counted: Agent["verify"] = async ({ signal, ...draft }) => {
    customer = draft.customer;
    const stopped = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const verification = await Promise.race([reading.promise, stopped]);
    const span = {
      name: "verify",
      startedAt: bench.now().toISOString(),
      durationMs: 1,
      attributes: {},
    };
    const used = { steps: 1, inputTokens: 0, outputTokens: 70, reasoningTokens: 20, costUsd: 0 };
    return { used: { ...used, spans: [span] }, verification };
  };
  beforeEach(() => {
    reading = Promise.withResolvers();
    Object.assign(bench.parts.agent, { verifies: true, verify: counted });
    bench.rule({ replyAutonomy: () => "draft", verifyOn: () => "unasked" });
    bench.answer(() => replying(WORDS, { sources: SOURCES }));
  });
  afterEach(() => Object.assign(bench.parts.agent, { verifies: false, verify: unread }));

  const flags = () => flagTexts([...bench.cards.values()].at(-1)).join("\n");
  const card = () => [...bench.cards.values()].at(-1);

  test("is posted before the answer is there, and amended with it, and can be approved as before", async () => {
    const id = await bench.write("Where is it?");
    assert.doesNotMatch(flags(), /gainst its sources/);
    const seal = (await bench.pending(id))?.seal;
    reading.resolve({ ...READ, findings: [FINDING], backed: READ.backed.slice(0, 1) });
    await bench.settled();
    assert.equal(customer, "Ann Fields");
    assert.match(flags(), /Read against its sources: one sentence is unbacked/);
    assert.match(flags(), /Unbacked “Our lamps/);
    assert.deepEqual(card()?.draft?.marks, [FINDING.words]);
    assert.deepEqual(
      card()?.context.citations.map(({ source }) => source),
      ["order 2001, from the shop"],
    );
    assert.equal((await bench.pending(id))?.seal, seal);
    const { accepted } = await bench.press("approve", id);
    assert.equal(accepted, true);
  });

  test("counts the call in the turn's trace and in the sums that the caps go by", async () => {
    const id = await bench.write("Where is it?");
    const usage = () => bench.at(usageAt, id, bench.now());
    const [earlier] = [await usage()];
    reading.resolve(READ);
    await bench.settled();
    const [turn] = await bench.at(findTurns, id);
    assert.equal(turn?.steps, 2);
    assert.deepEqual(
      turn?.spans.map(({ name }) => name),
      ["verify"],
    );
    const later = await usage();
    assert.equal(later.here.outputTokens - earlier.here.outputTokens, 50);
    assert.equal(later.ofDay.outputTokens - earlier.ofDay.outputTokens, 50);
  });

  test("is left alone once it was edited, decided or replaced, whatever the answer says", async () => {
    const id = await bench.write("Where is it?");
    await bench.press("edit", id, undefined, { edit: { text: "It comes.", amount: null } });
    reading.resolve({ ...READ, findings: [FINDING] });
    await bench.settled();
    assert.doesNotMatch(flags(), /gainst its sources/);
    reading = Promise.withResolvers();
    const other = await bench.write("And this one?", { thread: "t2" });
    await bench.press("reject", other, undefined, { rejection: "no_answer" });
    reading.resolve(READ);
    await bench.settled();
    assert.doesNotMatch(flags(), /gainst its sources/);
  });

  test("says so when the model is away, and says nothing when the process stops first", async () => {
    await bench.write("Where is it?");
    reading.resolve(AWAY);
    await bench.settled();
    assert.match(flags(), /Not read against its sources: .*away\. Read every sentence yourself/);
    reading = Promise.withResolvers();
    await bench.write("And this one?", { thread: "t2" });
    reading.reject(new DeskhandError("model.unavailable", "gone"));
    await bench.settled();
    assert.doesNotMatch(flags(), /gainst its sources/);
  });

  test("is not read where the caps are used up, where policy says never, or in shadow", async () => {
    const { caps } = bench.parts.policy;
    // The turn itself takes the one step a conversation may have.
    bench.rule({ caps: { ...caps, conversation: { ...caps.conversation, stepsMax: 1 } } });
    await bench.write("Where is it?");
    await bench.settled();
    // The line may be there before the card is first posted, which then shows it with its next look.
    await until("the line on the card", async () => {
      await bench.tick();
      return flags().includes("Not read against its sources: 1 steps are used");
    });
    bench.rule({ caps, verifyOn: () => "never" });
    await bench.write("Where is it?", { thread: "t2" });
    bench.rule({ verifyOn: () => "unasked", replyAutonomy: () => "shadow" });
    await bench.write("Where is it?", { thread: "t3" });
    await bench.settled();
    assert.doesNotMatch(flags(), /gainst its sources/);
  });
});

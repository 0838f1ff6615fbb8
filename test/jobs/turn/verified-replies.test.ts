/** What goes out without a person was read against its sources, and a card says what came of reading its draft. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { Verification } from "#core/contracts/verifier.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

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
      const flags = card?.flags.join("\n") ?? "";
      if ("verification" in more)
        assert.match(flags, /Not read against its sources: the model did not answer in time/);
      else assert.doesNotMatch(flags, /gainst its sources/);
    }
  });

  test("one with an unbacked sentence waits, with the sentence marked", async () => {
    const { sent, card } = await written({
      verification: { ...READ, findings: [FINDING], backed: [] },
      findings: [FINDING],
    });
    assert.equal(sent, 0);
    assert.deepEqual(card?.draft?.marks, [FINDING.words]);
    assert.match(card?.flags.join("\n") ?? "", /Unbacked “Our lamps are waterproof\.”: no source/);
    assert.match(
      card?.flags.join("\n") ?? "",
      /Read against its sources: one sentence is unbacked/,
    );
  });

  test("where policy says never, or no model is configured, nothing waits for it", async () => {
    bench.rule({ verifyOn: () => "never" });
    assert.equal((await written({})).sent, 1);
    bench.rule({ verifyOn: () => "always" });
    Object.assign(bench.parts.agent, { verifies: false });
    assert.equal((await written({})).sent, 2);
  });

  test("the footnotes of a card are the quotes: a record by its name, a page with its passage and link", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const { card } = await written({ verification: READ });
    assert.deepEqual(card?.context.citations, [
      { source: "order 2001, from the shop", words: ["Your phone is on its way."], quote: "" },
      {
        source: "Lamps (https://help.ourshop.test/lamps)",
        words: ["Our lamps are waterproof."],
        quote: "All our lamps are waterproof.",
      },
    ]);
    assert.match(card?.flags.join("\n") ?? "", /Read against its sources: nothing unbacked/);
  });

  test("an edit takes the line away: a model read what stood there before", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const { id } = await written({ verification: READ });
    await bench.press("edit", id, undefined, { edit: { text: "It comes.", amount: null } });
    const card = [...bench.cards.values()].at(-1);
    assert.equal(card?.draft?.text.includes("It comes."), true);
    assert.doesNotMatch(card?.flags.join("\n") ?? "", /gainst its sources/);
  });
});

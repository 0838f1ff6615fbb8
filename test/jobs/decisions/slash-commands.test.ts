/** What a teammate may type for Deskhand itself, and what the desk's own page is made from. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { TraceSections } from "#core/values/desk-overview.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { currentPause } from "#store/effects/pause.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const SAM = { id: "U0SAM", name: "Sam Ortiz", email: "sam@ourshop.test", eligible: true };
const LEA = { id: "U0LEA", name: "Lea Winter", email: "lea@ourshop.test", eligible: true };
const NED = { id: "U0NED", name: "Ned Frost", email: "ned@ourshop.test", eligible: true };

const textOf = ({ sections }: TraceSections): string =>
  sections.flatMap(({ heading, lines }) => [heading, ...lines]).join("\n");

onDesk("commands of the desk", (bench) => {
  let count = 0;
  const type = async (words: string, teammate = SAM, commandId = `command-${(count += 1)}`) =>
    textOf(await deskHandler(bench.parts).command({ commandId, words, teammate }));
  const pause = () => bench.parts.store.run((transaction) => currentPause(transaction));

  beforeEach(() => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  test("a person without a role learns and changes nothing, no matter who they say they are", async () => {
    await bench.write("Please refund order 789");
    for (const teammate of [NED, { ...LEA, eligible: false }])
      for (const words of ["find 789", "ask ann@customer.test", "pause", "resume", "help"]) {
        const answer = await type(words, teammate);
        assert.match(answer, /^Not for you\n/);
        assert.ok(!answer.includes("789"));
      }
    assert.equal((await pause()).all, false);
  });

  test("ask tells of a person by what is proven, on all channels: open cards and refunds of 90 days", async () => {
    const id = await bench.write("Please refund order 789", { key: "m_1" });
    const open = await type("ask ann@customer.test");
    assert.match(open, /Conversations: 1, of which 1 not solved/);
    assert.match(open, /Open cards: 1\n.*Refund 120\.00 USD/);
    assert.match(open, /Refunds in 90 days: 0/);
    await bench.press("approve", id);
    bench.skip(60_000);
    await bench.tick();
    for (const asked of [id, "ann@customer.test"]) {
      const done = await type(`ask ${asked}`);
      assert.match(done, /Open cards: 0/, asked);
      assert.match(done, /Refunds in 90 days: 1, 120\.00 USD\n.*order 789 · 120\.00 USD/, asked);
    }
    bench.skip(91 * 86_400_000);
    assert.match(await type(`ask ${id}`), /Refunds in 90 days: 0/);
    assert.match(await type(`ask ${id.slice(0, 8)}`), /Conversations: 1/, "as a list prints it");
    assert.match(await type("ask c_ffffff"), /^Nothing is known/);
    assert.match(await type("ask bob@elsewhere.test"), /^Nothing is known/);
    assert.match(await type("ask"), /^Ask about whom/);
  });

  test("every person with a role pauses all, a channel or a topic, with a reason, and only a lead resumes", async () => {
    assert.match(await type("pause chat odd answers"), /^Paused: chat, by Sam Ortiz: odd answers/);
    assert.deepEqual((await pause()).channels, ["chat"]);
    assert.match(
      await type("pause refunds strange words", LEA),
      /^Paused: chat, by Sam Ortiz: odd answers; refund, by Lea Winter: strange words/,
    );
    assert.deepEqual((await pause()).topics, ["refund"]);
    assert.match(await type("pause Order-Status"), /order status, by Sam Ortiz$/m);
    assert.match(await type("resume refunds"), /Only a lead/);
    assert.match(await type("resume refunds", LEA), /^Paused: chat, by .*; order status/);
    assert.match(await type("PAUSE"), /everything/);
    assert.equal((await pause()).all, true);
    assert.match(await type("resume", LEA), /^Running\./);
    const { all, channels, topics } = await pause();
    assert.deepEqual({ all, channels, topics }, { all: false, channels: [], topics: [] });
  });
});

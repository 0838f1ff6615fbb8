/** What a teammate may type for Deskhand itself, and what the desk's own page is made from. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { TraceSections } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { setPause, currentPause } from "#store/effects/pause.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
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
  const pause = () => bench.at(currentPause);

  beforeEach(() => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  test("a person without a role learns and changes nothing, no matter who they say they are", async () => {
    await bench.write("Please refund order 789");
    for (const teammate of [NED, { ...LEA, eligible: false }])
      for (const words of ["find 789", "pause", "resume", "help"]) {
        const answer = await type(words, teammate);
        assert.match(answer, /^Not for you\n/);
        assert.ok(!answer.includes("789"));
      }
    assert.equal((await pause()).all, false);
  });

  test("find wants all words in one message, the last may be unfinished, and says what it found and where it is", async () => {
    const id = await bench.write("Where is my KETTLE, order #789? 100% sure", { key: "m_1" });
    await bench.write("Something else entirely", { thread: "t2", key: "m_2" });
    for (const words of ["kettle 789", "#789", "order KETT", "ann@customer.test kettle"]) {
      const found = await type(`find ${words}`);
      assert.match(found, /^1 conversation\n/, words);
      assert.ok(found.includes(`#${id}`) && found.includes("KETTLE"), found);
    }
    for (const words of ["kettle entirely", "_rder 78_", "'; drop table message; --"])
      assert.match(await type(`find ${words}`), /^Nothing found/, words);
    for (const words of ["find", "find %"]) assert.match(await type(words), /^Find what/);
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

  test("a word that nothing is called pauses and resumes nothing, and is answered with what there is", async () => {
    await type("pause");
    for (const words of ["pause refnds they are odd", "pause fax", "resume nothing"]) {
      const answer = await type(words, LEA);
      assert.match(answer, /Nothing was changed/);
      assert.match(answer, /the channels zendesk, email, slack, chat, and the topics .*refund/);
    }
    assert.deepEqual((await pause()).holds, [{ scope: "all", by: "Sam Ortiz" }]);
  });

  test("a command delivered a second time changes nothing and is answered the same", async () => {
    const first = await type("resume", LEA, "same");
    await type("pause");
    assert.equal(await type("resume", LEA, "same"), first);
    assert.equal((await pause()).all, true);
  });

  test("anything else is answered with what can be typed", async () => {
    for (const words of ["", "  ", "help", "HELP me", "dance"])
      assert.match(await type(words), /find WORDS, an address or an order/);
  });

  test("the page says how much waits, what no teammate took and what is paused, and where the list is", async () => {
    bench.answer(() => replying("Thank you.", { topic: "other" }));
    const left = await bench.write("Hello", { thread: "t1", channel: "chat" });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789", { thread: "t2" });
    await bench.at(
      updateConversation,
      left,
      { owner: "human", ownerReason: toldReason("asked for a person"), handedOverAt: bench.now() },
      bench.now(),
    );
    const overview = await deskHandler(bench.parts).overview(SAM);
    const { waiting, untaken, paused, link } = overview ?? {};
    assert.deepEqual({ waiting, untaken, paused }, { waiting: 1, untaken: 1, paused: "" });
    assert.match(link ?? "", /\/console#$/);
    await bench.at(
      setPause,
      { scope: "chat", paused: true, by: "Sam", auditedAs: "p" },
      bench.now(),
    );
    assert.equal((await deskHandler(bench.parts).overview(LEA))?.paused, "Paused: chat, by Sam");
    for (const person of [NED, { ...SAM, eligible: false }])
      assert.equal(await deskHandler(bench.parts).overview(person), null);
  });
});

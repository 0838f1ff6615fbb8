/** Who writes on in a chat that was handed over is told that people have that as well, until one of them writes. */
import { findTurns } from "#store/conversations/traces.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a chat that was handed over", (bench) => {
  beforeEach(() =>
    bench.answer(() =>
      replying("", {
        ending: {
          kind: "escalate",
          reason: "unclear",
          summary: "",
          tried: [],
          delicate: null,
          wantsPerson: true,
        },
      }),
    ),
  );
  const chat = (text: string, more = {}) =>
    bench.write(text, { channel: "chat", message: { ...ANN_IN_CHAT, ...more } });
  const PASSED_ON = /I have passed it on to our team, and a person will get back to you\./;

  test("answers another question by saying that the team has it too, each time", async () => {
    const id = await chat("Can it be engraved?");
    assert.equal(bench.replies().length, 1);
    const [turn] = await bench.parts.store.run((transaction) => findTurns(transaction, id));
    assert.equal(turn?.asked_for_person, true);
    bench.skip(60_000);
    await chat("And where is my order 456?");
    bench.skip(60_000);
    await chat("Is anybody there?");
    assert.equal(bench.replies().length, 3);
    for (const text of bench.replies()) assert.match(text, PASSED_ON);
  });

  test("is silent once a teammate has written there", async () => {
    await chat("Can it be engraved?");
    bench.skip(120_000);
    await chat("Yes, it can. Which name?", {
      author: { kind: "teammate", id: "slack:U1", name: "Lea" },
      answerTo: null,
    });
    bench.skip(60_000);
    await chat("Ann, please.");
    assert.equal(bench.replies().length, 1);
  });

  test("by mail nothing is told again: there no customer waits in front of a window", async () => {
    await bench.write("Can it be engraved?");
    bench.skip(60_000);
    await bench.write("And where is my order 456?");
    assert.equal(bench.replies().length, 1);
  });
});

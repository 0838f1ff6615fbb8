/** Messages are stored once, end once, and move the revision an approval is given for only when they should. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Message, Signal } from "#core/values/message.ts";
import type { Outcome } from "#core/values/vocabulary.ts";
import {
  loadConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import {
  addMessages,
  addSignals,
  conversationMessages,
  setOutcome,
} from "#store/conversations/messages.ts";
import { claimPositions, storedCursors } from "#store/db/settings.ts";
import { later, messageOf, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { runs } from "#test/support/tiers.ts";

function add(bench: StoreBench, conversation: string, ...messages: readonly Message[]) {
  return bench.run(addMessages, conversation, messages, NOW);
}

function end(
  bench: StoreBench,
  decidedIn: string,
  keys: readonly string[],
  outcome: Outcome,
  reason = "because",
): Promise<void> {
  return bench.run(setOutcome, keys, { outcome, reason, turnId: "turn_1", decidedIn }, NOW);
}

function revision(bench: StoreBench, conversation: string): Promise<string> {
  return bench.run(refreshRevision, conversation);
}

onEveryDatabase("conversations", (bench) => {
  test("a message that came before is not stored again, whichever way it comes", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("message")];
    const results = await Promise.all(
      Array.from({ length: 6 }, () => add(bench, conversation, messageOf(key))),
    );
    assert.equal(results.flat().length, 1);
    const stored = await bench.run(conversationMessages, conversation);
    assert.deepEqual(
      stored.map(({ message, outcome }) => [message.key, outcome]),
      [[key, null]],
    );
  });

  test("a message under the key of another conversation's changes nothing there", async () => {
    const [one, other] = [await bench.conversation(), await bench.conversation()];
    const key = bench.id("message");
    await add(bench, one, messageOf(key, { text: "mine" }));
    const before = await revision(bench, one);
    await add(bench, other, messageOf(key, { text: "theirs" }));
    assert.equal(await revision(bench, one), before);
    const stored = await bench.run(conversationMessages, one);
    assert.deepEqual(
      stored.map(({ message }) => message.text),
      ["mine"],
    );
  });

  test("messages come in the order they were sent, the newest ones when there are too many", async () => {
    const conversation = await bench.conversation();
    const at = (ms: number) => ({ sentAt: later(ms).toISOString() });
    const [first, second, third] = [bench.id("m"), bench.id("m"), bench.id("m")];
    await add(bench, conversation, messageOf(third, at(3_000)), messageOf(first, at(1_000)));
    await add(bench, conversation, messageOf(second, at(2_000)));
    const keys = async (limit?: number) =>
      (await bench.run(conversationMessages, conversation, limit)).map(
        ({ message }) => message.key,
      );
    assert.deepEqual(await keys(), [first, second, third]);
    assert.deepEqual(await keys(2), [second, third]);
  });

  test("a message ends once: of many endings at the same moment one is recorded and stays", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("message")];
    await add(bench, conversation, messageOf(key));
    const outcomes = ["answered", "escalated", "rejected", "expired", "failed"] as const;
    await Promise.all(
      outcomes.map((outcome) => end(bench, conversation, [key], outcome, `it was ${outcome}`)),
    );
    const ended = () =>
      bench.rows(
        z.object({ outcome: z.string(), outcome_reason: z.string() }),
        sql`select outcome, outcome_reason from message where key = ${key}`,
      );
    const [first] = await ended();
    assert.ok(first);
    assert.equal(first.outcome_reason, `it was ${first.outcome}`);
    await end(bench, conversation, [key], first.outcome === "answered" ? "failed" : "answered");
    assert.deepEqual(await ended(), [first]);
  });

  test("the revision moves with what others say in public and with the owner, and with nothing else", async () => {
    const others = ["requester", "teammate"] as const;
    const ours = ["bot", "system"] as const;
    const kind = fc.constantFrom(...others, ...ours);
    const visibility = fc.constantFrom("public", "internal");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(kind, visibility), { minLength: 1, maxLength: 5 }),
        async (said) => {
          const conversation = await bench.conversation();
          let before = await revision(bench, conversation);
          for (const [author, seen] of said) {
            await add(
              bench,
              conversation,
              messageOf(bench.id("message"), {
                author: { kind: author, id: "x", name: "" },
                visibility: seen === "public" ? "public" : "internal",
              }),
            );
            const after = await revision(bench, conversation);
            const moves = seen === "public" && (author === "requester" || author === "teammate");
            assert.equal(after !== before, moves, `${seen} message of ${author}`);
            before = after;
          }
        },
      ),
      { numRuns: runs(15) },
    );
    const conversation = await bench.conversation();
    const first = await revision(bench, conversation);
    const owned = (owner: "bot" | "human") =>
      bench.run(updateConversation, conversation, { owner, ownerReason: toldReason("x") }, NOW);
    await owned("human");
    const second = await revision(bench, conversation);
    assert.notEqual(second, first);
    await owned("bot");
    assert.equal(await revision(bench, conversation), first);
    const state = await bench.run(loadConversation, conversation);
    assert.equal(state?.revision, first, "the revision is stored as it was given back");
  });

  test("a message that is ignored does not move the revision", async () => {
    const [conversation, thanks] = [await bench.conversation(), bench.id("message")];
    const before = await revision(bench, conversation);
    await add(bench, conversation, messageOf(thanks));
    await end(bench, conversation, [thanks], "ignored");
    assert.equal(await revision(bench, conversation), before);
  });

  test("the same words of two people are two revisions, and their order of arrival is none", async () => {
    const revisions: string[] = [];
    const [one, two] = [bench.id("message"), bench.id("message")];
    for (const [order, texts] of [
      [
        [one, two],
        ["a", "b"],
      ],
      [
        [two, one],
        ["b", "a"],
      ],
      [
        [one, two],
        ["b", "a"],
      ],
    ] as const) {
      const conversation = await bench.conversation();
      for (const [index, key] of order.entries())
        await add(bench, conversation, messageOf(key, { text: texts[index] ?? "" }));
      revisions.push(await revision(bench, conversation));
      await bench.execute(sql`delete from message_content`);
      await bench.execute(sql`delete from message`);
    }
    assert.equal(revisions[0], revisions[1]);
    assert.notEqual(revisions[0], revisions[2]);
  });

  test("an older process that names another teammate leaves no address of the one before, and wakes the case with its owner", async () => {
    const id = await bench.conversation();
    const given = (name: string) =>
      bench.run((transaction) => {
        const holder = { name, voter: "sam@ourshop.test" };
        const ownerReason = { words: "", holder, delicate: null };
        return updateConversation(transaction, id, { owner: "human", ownerReason }, NOW);
      });
    /** What code before the columns writes. */
    const olderWrites = (owner: string, name: string | null) =>
      bench.execute(
        sql`update conversation set owner = ${owner}, owner_reason = '', owner_holder = ${name}, owner_delicate = null where id = ${id}`,
      );
    const holder = async () => (await bench.run(loadConversation, id))?.reason.holder;
    await given("Sam");
    await olderWrites("human", "Sam");
    assert.deepEqual(await holder(), { name: "Sam", voter: "sam@ourshop.test" });
    await given("Sam Ortiz");
    assert.deepEqual(await holder(), { name: "Sam Ortiz", voter: "sam@ourshop.test" });
    await olderWrites("human", "Dana");
    assert.deepEqual(await holder(), { name: "Dana", voter: null });
    await given("Sam");
    await bench.run(updateConversation, id, { snoozedUntil: later(1) }, NOW);
    await olderWrites("bot", null);
    await olderWrites("bot", "Sam");
    assert.deepEqual(await holder(), { name: "Sam", voter: null });
    const state = await bench.run(loadConversation, id);
    assert.equal(state?.snoozedUntil, null);
  });

  test("a signal that came before is not new again", async () => {
    const conversation = await bench.conversation();
    const solved: Signal = {
      kind: "solved",
      key: bench.id("signal"),
      at: NOW.toISOString(),
      actor: "Dana",
    };
    const tell = () => bench.run(addSignals, conversation, [solved]);
    assert.deepEqual([await tell(), await tell()], [[solved], []]);
  });

  test("of those who claim the same names, also at once and in another order, all find the first", async () => {
    const cursors = storedCursors(bench.store);
    const names = [bench.id("proof"), bench.id("proof")];
    const claim = async (wanted: readonly string[], value: string) => {
      const positions = new Map(wanted.map((name) => [name, value]));
      return { own: await claimPositions(bench.store, positions), held: [...positions.values()] };
    };
    const both = await Promise.all([claim(names, "one"), claim(names.toReversed(), "two")]);
    assert.deepEqual(new Set(both.flatMap(({ held }) => held)).size, 1);
    assert.equal(both.filter(({ own }) => own).length, 1);
    const first = both[0].held[0] ?? "";
    const third = await claim([...names, bench.id("proof")], "three");
    assert.deepEqual(third, { own: false, held: [first, first, "three"] });
    assert.equal(await cursors.read(names[1] ?? ""), first);
    for (const place of ["12", "13"]) await cursors.write(names[1] ?? "", place);
    assert.equal(await cursors.read(names[1] ?? ""), "13");
    assert.equal(await cursors.read(bench.id("inbox")), null);
  });
});

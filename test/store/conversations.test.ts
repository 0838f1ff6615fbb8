/** Messages, how they end, what moves a revision, and what a chat visitor is told about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { z } from "zod";
import type { Message, Signal } from "#core/message.ts";
import type { Outcome } from "#core/names.ts";
import { replyKey, type PlannedAction } from "#core/action.ts";
import { chatStateOf, latestChat } from "#store/chats.ts";
import {
  addMessages,
  addSignals,
  loadConversation,
  messagesOf,
  refreshRevision,
  setOutcome,
  updateConversation,
} from "#store/conversations.ts";
import { takeIn } from "#store/intake.ts";
import { beginEffect, intend, settleEffect } from "#store/ledger.ts";
import { markRead, unreadHints } from "#store/mailbox.ts";
import { cursorsOf } from "#store/settings.ts";
import { writeLine } from "#store/transcript.ts";
import { hintOf, later, messageOf, NOW, onEveryDatabase, type StoreBench } from "./bench.ts";

function add(bench: StoreBench, conversation: string, ...messages: readonly Message[]) {
  return bench.run((transaction) => addMessages(transaction, conversation, messages, NOW));
}

function end(
  bench: StoreBench,
  keys: readonly string[],
  outcome: Outcome,
  reason = "because",
): Promise<void> {
  return bench.run((transaction) =>
    setOutcome(transaction, keys, { outcome, reason, turnId: "turn_1" }, NOW),
  );
}

function revision(bench: StoreBench, conversation: string): Promise<string> {
  return bench.run((transaction) => refreshRevision(transaction, conversation));
}

onEveryDatabase("conversations", (bench) => {
  test("a message that came before is not stored again, whichever way it comes", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("message")];
    const results = await Promise.all(
      Array.from({ length: 6 }, () => add(bench, conversation, messageOf(key))),
    );
    assert.equal(results.flat().length, 1);
    const stored = await bench.run((transaction) => messagesOf(transaction, conversation));
    assert.deepEqual(
      stored.map(({ message, outcome }) => [message.key, outcome]),
      [[key, null]],
    );
  });

  test("messages come in the order they were sent, the newest ones when there are too many", async () => {
    const conversation = await bench.conversation();
    const at = (ms: number) => ({ sentAt: later(ms).toISOString() });
    const [first, second, third] = [bench.id("m"), bench.id("m"), bench.id("m")];
    await add(bench, conversation, messageOf(third, at(3_000)), messageOf(first, at(1_000)));
    await add(bench, conversation, messageOf(second, at(2_000)));
    const keys = async (limit?: number) =>
      (await bench.run((transaction) => messagesOf(transaction, conversation, limit))).map(
        ({ message }) => message.key,
      );
    assert.deepEqual(await keys(), [first, second, third]);
    assert.deepEqual(await keys(2), [second, third]);
  });

  test("a message ends once: of many endings at the same moment one is recorded and stays", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("message")];
    await add(bench, conversation, messageOf(key));
    const outcomes = ["answered", "escalated", "rejected", "expired", "failed"] as const;
    await Promise.all(outcomes.map((outcome) => end(bench, [key], outcome, `it was ${outcome}`)));
    const ended = () =>
      bench.rows(
        z.object({ outcome: z.string(), outcome_reason: z.string() }),
        sql`select outcome, outcome_reason from message where key = ${key}`,
      );
    const [first] = await ended();
    assert.ok(first);
    assert.equal(first.outcome_reason, `it was ${first.outcome}`);
    await end(bench, [key], first.outcome === "answered" ? "failed" : "answered");
    assert.deepEqual(await ended(), [first]);
  });

  test("ending some messages leaves the others open", async () => {
    const conversation = await bench.conversation();
    const [one, two] = [bench.id("message"), bench.id("message")];
    await add(bench, conversation, messageOf(one), messageOf(two));
    await end(bench, [one], "answered");
    await end(bench, [], "failed");
    const stored = await bench.run((transaction) => messagesOf(transaction, conversation));
    assert.deepEqual(Object.fromEntries(stored.map((row) => [row.message.key, row.outcome])), {
      [one]: "answered",
      [two]: null,
    });
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
      { numRuns: 15 },
    );
    const conversation = await bench.conversation();
    const first = await revision(bench, conversation);
    const owned = (owner: "bot" | "human") =>
      bench.run((transaction) =>
        updateConversation(transaction, conversation, { owner, ownerReason: "x" }, NOW),
      );
    await owned("human");
    const second = await revision(bench, conversation);
    assert.notEqual(second, first);
    await owned("bot");
    assert.equal(await revision(bench, conversation), first);
    const state = await bench.run((transaction) => loadConversation(transaction, conversation));
    assert.equal(state?.revision, first, "the revision is stored as it was given back");
  });

  test("a message that is ignored does not move the revision", async () => {
    const [conversation, thanks] = [await bench.conversation(), bench.id("message")];
    const before = await revision(bench, conversation);
    await add(bench, conversation, messageOf(thanks));
    await end(bench, [thanks], "ignored");
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

  test("a change names what it moves, and everything else stays", async () => {
    const conversation = await bench.conversation();
    const change = (to: Parameters<typeof updateConversation>[2]) =>
      bench.run((transaction) => updateConversation(transaction, conversation, to, NOW));
    await change({
      subject: "Refund",
      brand: "b",
      clarified: true,
      wakeAt: later(1),
      externalId: "7",
    });
    await change({ wakeAt: null });
    const state = await bench.run((transaction) => loadConversation(transaction, conversation));
    assert.deepEqual(state, {
      conversation: {
        id: conversation,
        channel: "email",
        externalId: "7",
        subject: "Refund",
        brand: "b",
      },
      owner: "bot",
      reason: "",
      revision: "",
      linkedId: null,
      clarified: true,
      retrySince: null,
      wakeAt: null,
      solvedAt: null,
    });
    assert.equal(await bench.run((transaction) => loadConversation(transaction, "nobody")), null);
  });

  test("a signal that came before is not new again", async () => {
    const conversation = await bench.conversation();
    const solved: Signal = {
      kind: "solved",
      key: bench.id("signal"),
      at: NOW.toISOString(),
      actor: "Dana",
    };
    const tell = () => bench.run((transaction) => addSignals(transaction, conversation, [solved]));
    assert.deepEqual([await tell(), await tell()], [[solved], []]);
  });

  test("a poller finds the place it kept last", async () => {
    const cursors = cursorsOf({
      kind: bench.kind,
      run: (work) => bench.run(work),
      close: async () => undefined,
    });
    const name = bench.id("inbox");
    assert.equal(await cursors.read(name), null);
    await cursors.write(name, "12");
    await cursors.write(name, "13");
    assert.equal(await cursors.read(name), "13");
    assert.equal(await cursors.read(bench.id("inbox")), null);
  });
});

onEveryDatabase("what a chat visitor is told", (bench) => {
  test("the state goes with the message: working, waiting for a person, answered", async () => {
    const { chat, conversation } = await openChat(bench);
    const question = await ask(bench, chat, conversation);
    const state = () => bench.run((transaction) => chatStateOf(transaction, chat, question));
    assert.equal((await state())?.status, "working");
    await waitForPerson(bench, conversation, [question], "pending");
    assert.equal((await state())?.status, "pending");
    const reply = await answer(bench, { chat, conversation, question }, "It is on its way.");
    assert.equal((await state())?.status, "working", "what is about to be written is waited for");
    await reply.arrive();
    await end(bench, [question], "answered");
    const told = await state();
    assert.deepEqual([told?.status, told?.answer], ["answered", "It is on its way."]);
  });

  test("a card of an earlier question does not make the next one wait", async () => {
    const { chat, conversation } = await openChat(bench);
    const first = await ask(bench, chat, conversation);
    await waitForPerson(bench, conversation, [first], "approved");
    await end(bench, [first], "answered");
    const second = await ask(bench, chat, conversation);
    const state = await bench.run((transaction) => chatStateOf(transaction, chat, second));
    assert.equal(state?.status, "working");
  });

  test("an earlier answer is not told as the answer to what was asked since", async () => {
    const { chat, conversation } = await openChat(bench);
    const first = await ask(bench, chat, conversation);
    const reply = await answer(bench, { chat, conversation, question: first }, "The first.");
    await reply.arrive();
    await end(bench, [first], "answered");
    const next = await bench.run((transaction) =>
      takeIn(transaction, hintOf(bench.id("event"), [chat]), {
        bodyRef: null,
        receivedAt: NOW,
        ids: bench.ids,
      }),
    );
    assert.equal(next.conversationId, conversation);
    const newest = () => bench.run((transaction) => chatStateOf(transaction, chat, null));
    assert.equal((await newest())?.status, "working", "nobody has read the new message yet");
    await readAll(bench, conversation);
    const state = await newest();
    assert.deepEqual([state?.status, state?.answer], ["answered", "The first."]);
  });

  for (const [outcome, status] of [
    ["answered", "answered"],
    ["ignored", "answered"],
    ["rejected", "answered"],
    ["escalated", "escalated"],
    ["expired", "escalated"],
    ["failed", "failed"],
  ] as const)
    test(`a question that ended as ${outcome} is told as ${status}`, async () => {
      const { chat, conversation } = await openChat(bench);
      const question = await ask(bench, chat, conversation);
      await end(bench, [question], outcome);
      const state = await bench.run((transaction) => chatStateOf(transaction, chat, null));
      assert.equal(state?.status, status);
    });

  test("a chat nobody knows has no state", async () => {
    assert.equal(
      await bench.run((transaction) => chatStateOf(transaction, "chat:nobody:x", null)),
      null,
    );
  });

  test("a visitor goes on in the newest chat of their own that people have not taken over", async () => {
    const prefix = `${bench.id("chat:u%_")}:`;
    const older = await openChat(bench, prefix);
    const newer = await openChat(bench, prefix);
    await openChat(bench, prefix.replace("%", "x"));
    const touch = (id: string, at: Date, owner: "bot" | "human" = "bot") =>
      bench.run((transaction) =>
        updateConversation(transaction, id, { owner, ownerReason: "" }, at),
      );
    await touch(older.conversation, later(1_000));
    await touch(newer.conversation, later(2_000));
    const latest = (since: Date) =>
      bench.run((transaction) => latestChat(transaction, prefix, since));
    assert.equal(await latest(NOW), newer.chat);
    assert.equal(await latest(later(2_001)), null);
    await touch(newer.conversation, later(2_000), "human");
    assert.equal(await latest(NOW), older.chat);
  });
});

async function openChat(bench: StoreBench, prefix = "chat:"): Promise<Chat> {
  const chat = bench.id(prefix);
  const { conversationId } = await bench.run((transaction) =>
    takeIn(transaction, hintOf(bench.id("event"), [chat]), {
      bodyRef: null,
      receivedAt: NOW,
      ids: bench.ids,
    }),
  );
  await readAll(bench, conversationId);
  return { chat, conversation: conversationId };
}

interface Chat {
  readonly chat: string;
  readonly conversation: string;
}

function readAll(bench: StoreBench, conversation: string): Promise<void> {
  return bench.run(async (transaction) => {
    const unread = await unreadHints(transaction, conversation, 50);
    await markRead(
      transaction,
      unread.map(({ id }) => id),
    );
  });
}

async function ask(bench: StoreBench, chat: string, conversation: string): Promise<string> {
  const key = `${chat}:${bench.id("m")}`;
  await add(bench, conversation, messageOf(key));
  return key;
}

function waitForPerson(
  bench: StoreBench,
  conversation: string,
  answers: readonly string[],
  state: "pending" | "approved",
): Promise<void> {
  return bench.execute(
    sql`insert into approval (id, conversation_id, turn_id, kind, state, seal, revision, rules, needs, expires_at, card, answers, created_at, updated_at)
        values (${bench.id("a")}, ${conversation}, 't', 'proposal', ${state}, '', '', '[]', '{}', now(), '{}', ${JSON.stringify(answers)}::jsonb, now(), now())`,
  );
}

/** A reply that is intended; `arrive` is what the channel does later. */
async function answer(
  bench: StoreBench,
  { chat, conversation, question }: Chat & { readonly question: string },
  text: string,
): Promise<{ arrive(): Promise<void> }> {
  const planned: PlannedAction = {
    key: replyKey(conversation, [question]),
    label: "Reply",
    facts: [],
    action: {
      target: "chat",
      operation: "reply",
      arguments: {
        conversationId: conversation,
        to: { label: "you", audience: "private", address: {} },
        subject: "",
        text,
        answers: [question],
        automatic: true,
      },
    },
  };
  await bench.run((transaction) =>
    intend(transaction, [planned], {
      conversationId: conversation,
      approvalId: null,
      turnId: null,
      bundle: bench.id("b"),
      revision: null,
      approvedBy: "policy",
      notBefore: NOW,
      now: NOW,
    }),
  );
  return {
    arrive: () =>
      bench.run(async (transaction) => {
        await beginEffect(transaction, planned.key, { fence: 1, now: NOW });
        await writeLine(transaction, { key: planned.key, conversationId: chat, text, at: NOW });
        await settleEffect(transaction, planned.key, { state: "done", ref: "x", now: NOW });
      }),
  };
}

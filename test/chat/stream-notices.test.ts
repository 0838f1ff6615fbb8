/** An open chat window, and a request that waits for its answer, get what their process is told of at once, and what was not announced at the next look. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { Store } from "#store/db/database.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { bearer, serveChat, mainStore, workersOn } from "./chat-server.ts";
import { openWindow, type Seen } from "./window.ts";
import { setImmediate as turn } from "node:timers/promises";
import type { ChangeNotices } from "#core/contracts/ports.ts";
import express from "express";
import { z } from "zod";
import { chat } from "#adapters/chat/index.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { chatStreams } from "#server/chat/stream-updates.ts";
import { createInputGuard, languageOfMessages } from "#guard/input/input-guard.ts";
import { wordsFor } from "#server/chat/access.ts";
import { chatRoutes } from "#server/chat/message-route.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { sharedDatabase, NOW, silentLog } from "#test/store/bench.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { sandboxText } from "#test/policy/policy-files.ts";

const isStatus =
  (status: string) =>
  ({ event, data }: Seen) =>
    event === "status" && data["status"] === status;

describe(`notices of open chat windows on ${MAIN_DATABASE}`, () => {
  let store: Store;
  before(async () => {
    store = await mainStore();
  });
  after(async () => {
    await store.close();
  });

  /** A window of a process with this rhythm, whose own first look is over, and what the workers do with its chat. */
  async function waiting(user: string, everyMs: number) {
    const seen = { following: 0, asking: 0 };
    const changes = localNotices();
    const chat = await serveChat(
      {
        ...store,
        run(work, ...given) {
          seen.asking += 1;
          return store.run(work, ...given).finally(() => (seen.asking -= 1));
        },
      },
      {
        streams: { everyMs },
        changes: {
          announce: (id) => changes.announce(id),
          follow(id, changed) {
            seen.following += 1;
            return changes.follow(id, changed);
          },
        },
      },
    );
    const asked = await chat.ask(user, { message_id: "m1" });
    const conversation = String(asked.body["conversation_id"]);
    const workers = workersOn(store, `chat:${user}:${conversation}`);
    const question = await workers.read("m1");
    seen.following = 0;
    const window = await openWindow(`${chat.url}/${conversation}/events`, await bearer(user));
    await window.until(isStatus("working"));
    // Its chat is followed in the midst of the look that each new window gets.
    await until("its own look to be over", async () => seen.following > 0 && seen.asking === 0);
    return {
      changes: chat.changes,
      idOf: () => workers.idOf(),
      async answer() {
        await workers.say("r1", "It is on its way.");
        await workers.end(question, "answered");
      },
      async arrived() {
        const shown = await window.until(isStatus("answered"));
        assert.ok(shown.some(({ data }) => data["text"] === "It is on its way."));
      },
      async close() {
        await window.close();
        await chat.stop();
      },
    };
  }

  test("a window whose notices are lost gets its answer by the next look at all of them", async () => {
    const chat = await waiting("u2", 200);
    await chat.answer();
    await chat.arrived();
    await chat.close();
  });
});

/** So rarely that an answer which comes was told of. */
const NEVER_MS = 3_600_000;

describe(`a request that waits for its answer on ${MAIN_DATABASE}`, () => {
  let store: Store;
  const serving: { stop(): Promise<void> }[] = [];
  before(async () => {
    store = await mainStore();
  });
  after(async () => {
    for (const chat of serving) await chat.stop();
    await store.close();
  });

  /** A chat whose looks at the database are counted, and may be held up; who follows is counted too. */
  async function counted(changes: ChangeNotices, lookAgainMs = NEVER_MS) {
    const seen = { looks: 0, read: 0, over: 0, following: 0 };
    const gate: { held: Promise<void> | null } = { held: null };
    const followed: ChangeNotices = {
      announce: (id) => changes.announce(id),
      follow(id, changed) {
        Object.assign(seen, { looks: 0, read: 0, over: 0, following: seen.following + 1 });
        const stop = changes.follow(id, changed);
        return () => {
          seen.following -= 1;
          stop();
        };
      },
    };
    const watched: Store = {
      ...store,
      async run(work, ...given) {
        seen.looks += 1;
        try {
          const found = await store.run(work, ...given);
          seen.read += 1;
          await gate.held;
          return found;
        } finally {
          seen.over += 1;
        }
      },
    };
    const chat = await serveChat(watched, {
      changes: followed,
      options: { answerWaitMs: NEVER_MS, lookAgainMs },
      streams: { everyMs: NEVER_MS },
    });
    serving.push(chat);
    return { chat, seen, gate };
  }

  /** Asks, and gives control once the request waits and its message was read. */
  async function waiting(at: Awaited<ReturnType<typeof counted>>, conversation: string) {
    const asked = at.chat.ask("u1", { message_id: "m1", conversation_id: conversation });
    const workers = workersOn(store, `chat:u1:${conversation}`);
    const id = await until("the message", async () => (await workers.idOf()) || null);
    const question = await workers.read("m1");
    await until("the request to follow", async () => at.seen.following === 1);
    return { asked, workers, id, question };
  }

  test("is answered at the notice, before its own slow look, with one look at the database a notice", async () => {
    const changes = localNotices();
    const at = await counted(changes);
    const { asked, workers, id, question } = await waiting(at, "with-a-notice");
    changes.announce("another conversation");
    await turn();
    assert.equal(at.seen.looks, 0, "a notice about another conversation makes no request look");
    changes.announce(id);
    await until("the look to be over", async () => at.seen.over > 0);
    assert.equal(at.seen.looks, 1, "a notice of a change that answers nothing costs one look");
    await workers.end(question, "escalated");
    changes.announce(id);
    const { body } = await asked;
    assert.equal(body["status"], "escalated");
    assert.equal(at.seen.looks, 2);
    assert.equal(at.seen.following, 0, "who has the answer follows no more");
  });

  test("is answered at its own slow look when every notice is lost, and looks no more often", async () => {
    const pauseMs = 400;
    const lost = { announce: () => undefined, follow: () => () => undefined };
    const at = await counted(lost, pauseMs);
    const began = performance.now();
    const { asked, workers, question } = await waiting(at, "without-a-notice");
    await workers.end(question, "escalated");
    const { body } = await asked;
    const tookMs = performance.now() - began;
    assert.equal(body["status"], "escalated");
    const most = 1 + tookMs / (pauseMs - 5);
    assert.ok(at.seen.looks >= 1 && at.seen.looks <= most, `${at.seen.looks} looks, ${tookMs} ms`);
    assert.equal(at.seen.following, 0);
  });
});

const Answer = z.object({ reply: z.string(), status: z.string(), conversation_id: z.string() });

test("a visitor who waits is told so in the language of what they asked", () => {
  const policy = loadPolicy(sandboxText, "sandbox.yaml");
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  const told = (asked: string, paused = false) =>
    wordsFor({ parts: { policy, guard } }, { status: "pending", asked, paused });
  assert.match(told("Wo ist meine Bestellung?"), /^Das muss zuerst jemand/);
  assert.match(told("Gdzie jest moje zamówienie?", true), /^Odpowiedź zajmuje/);
  for (const plain of ["", "Where is my order?"]) assert.equal(told(plain), policy.texts.pending);
});

test("an answer that is only late is not said to wait for a person, in the language of what was asked", async (context) => {
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const policy = loadPolicy(sandboxText, "sandbox.yaml");
  const transcript = { write: async () => undefined, has: async () => false };
  const woken: string[] = [];
  const routes = chatRoutes(
    {
      store: opened.store,
      blobs: memoryBlobs(),
      ids: { next: (prefix) => `${prefix}_1` },
      clock: { now: () => NOW },
      log: silentLog,
      guard: openGuard({ languageOf: languageOfMessages }),
      policy,
      channels: new Map([["chat", chat({ transcript })]]),
      codes: oneTimeCodes("a secret of this test"),
      // No worker takes it, as when the model takes its time.
      changes: localNotices(),
      wake: async (conversationId) => void woken.push(conversationId),
    },
    {
      tokens: {
        secrets: ["an identity secret of at least 32 characters"],
        publicKeys: [],
        audience: null,
        issuer: null,
        lifetimeMsMax: 3_600_000,
      },
      origins: new Set(),
      streams: chatStreams({
        store: opened.store,
        clock: { now: () => NOW },
        log: silentLog,
        changes: localNotices(),
      }),
      answerWaitMs: 100,
      messagesPerMinute: { perUser: 20, perAddress: 60 },
    },
  );
  const server = express().use("/chat", routes).listen(0, "127.0.0.1");
  context.after(() => void server.close());
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const response = await fetch(`http://127.0.0.1:${address.port}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user_id: "guest", message: "Wo ist meine Bestellung 456?" }),
  });
  const answer = Answer.parse(await response.json());
  assert.equal(woken.length, 1);
  assert.equal(answer.status, "pending");
  assert.match(answer.reply, /^Ihre Antwort dauert gerade länger/);
});

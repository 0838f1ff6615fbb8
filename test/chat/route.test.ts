import { localNotices } from "#jobs/queue/change-notices.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import express from "express";
import { z } from "zod";
import { chat } from "#adapters/chat/index.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { chatStreams } from "#server/chat/stream-updates.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { wordsFor } from "#server/chat/access.ts";
import { chatRoutes } from "#server/chat/message-route.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { sharedDatabase, NOW, silentLog } from "#test/store/bench.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { sandboxText } from "#test/policy/policy-files.ts";

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

test("an answer that is only late is not said to wait for a person", async (context) => {
  const { opened } = await sharedDatabase("pglite");
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
      guard: openGuard(),
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
    body: JSON.stringify({ user_id: "guest", message: "Where is my order 456?" }),
  });
  const answer = Answer.parse(await response.json());
  assert.equal(woken.length, 1);
  assert.equal(answer.status, "pending");
  assert.notEqual(answer.reply, policy.texts.pending);
  assert.match(answer.reply, /longer than usual/);
});

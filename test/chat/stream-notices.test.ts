/** An open chat window shows what its process is told of at once, and what was not announced at the next look. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Store } from "#store/db/database.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { bearer, serveChat, mainStore, workersOn } from "./chat-server.ts";
import { openWindow, type Seen } from "./window.ts";

const isStatus =
  (status: string) =>
  ({ event, data }: Seen) =>
    event === "status" && data["status"] === status;

describe(`notices of open chat windows on ${MAIN_DATABASE}`, { timeout: 120_000 }, () => {
  let store: Store;
  before(async () => {
    store = await mainStore();
  });
  after(async () => {
    await store.close();
  });

  /** A window of a process with this rhythm, whose own first look is over, and what the workers do with its chat. */
  async function waiting(user: string, everyMs: number) {
    const chat = await serveChat(store, { streams: { everyMs } });
    const asked = await chat.ask(user, { message_id: "m1" });
    const conversation = String(asked.body["conversation_id"]);
    const workers = workersOn(store, `chat:${user}:${conversation}`);
    const question = await workers.read("m1");
    const window = await openWindow(`${chat.url}/${conversation}/events`, await bearer(user));
    await window.until(isStatus("working"));
    await delay(500);
    return {
      changes: chat.changes,
      idOf: () => workers.idOf(),
      async answer() {
        await workers.say("r1", "It is on its way.");
        await workers.end(question, "answered");
      },
      async arrived() {
        const seen = await window.until(isStatus("answered"));
        assert.ok(seen.some(({ data }) => data["text"] === "It is on its way."));
      },
      async close() {
        await window.close();
        await chat.stop();
      },
    };
  }

  test("a window shows an answer as soon as its process is told that the conversation changed", async () => {
    const chat = await waiting("u1", 19_000);
    await chat.answer();
    const began = performance.now();
    chat.changes.announce("another conversation");
    chat.changes.announce(await chat.idOf());
    await chat.arrived();
    assert.ok(performance.now() - began < 8_000);
    await chat.close();
  });

  test("a window whose notices are lost gets its answer by the next look at all of them", async () => {
    const chat = await waiting("u2", 1_000);
    await chat.answer();
    await chat.arrived();
    await chat.close();
  });
});

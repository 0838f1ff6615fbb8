/** An open chat window shows what its process is told of at once, and what was not announced at the next look. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { Store } from "#store/db/database.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { bearer, serveChat, mainStore, workersOn } from "./chat-server.ts";
import { openWindow, type Seen } from "./window.ts";

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
        run(work) {
          seen.asking += 1;
          return store.run(work).finally(() => (seen.asking -= 1));
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

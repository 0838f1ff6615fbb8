/** A request that waits for its answer gets it at the notice of a change, and without one at its next look. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import type { ChangeNotices } from "#core/contracts/ports.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { Store } from "#store/db/database.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { serveChat, mainStore, workersOn } from "./chat-server.ts";

/** A waiting request looks by itself this often. */
const SLOW_LOOK_MS = 2_000;

/** The pause before the first look, and some more. */
const FIRST_LOOK_MS = 700;

/** What is answered within this time was answered before the next slow look. */
const NOTICED_MS = 1_500;

describe(`a request that waits for its answer on ${MAIN_DATABASE}`, { timeout: 60_000 }, () => {
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
  async function counted(changes: ChangeNotices) {
    const seen = { looks: 0, following: 0 };
    const gate: { held: Promise<void> | null } = { held: null };
    const followed: ChangeNotices = {
      announce: (id) => changes.announce(id),
      follow(id, changed) {
        seen.following += 1;
        const stop = changes.follow(id, changed);
        return () => {
          seen.following -= 1;
          stop();
        };
      },
    };
    const watched: Store = {
      ...store,
      async run(work) {
        seen.looks += 1;
        const found = await store.run(work);
        await gate.held;
        return found;
      },
    };
    const chat = await serveChat(watched, {
      changes: followed,
      options: { answerWaitMs: 20_000 },
      streams: { everyMs: 60_000 },
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
    // A new message gets its first look a moment after it was accepted, in case its notice came too early.
    await delay(FIRST_LOOK_MS);
    await settled(() => at.seen.looks);
    at.seen.looks = 0;
    return { asked, workers, id, question };
  }

  async function settled(count: () => number): Promise<void> {
    let before = -1;
    while (before !== count()) {
      before = count();
      await delay(100);
    }
  }

  test("is answered at the notice, before its own slow look, with one look at the database a notice", async () => {
    const changes = localNotices();
    const at = await counted(changes);
    const { asked, workers, id, question } = await waiting(at, "with-a-notice");
    changes.announce("another conversation");
    await delay(50);
    assert.equal(at.seen.looks, 0, "a notice about another conversation makes no request look");
    changes.announce(id);
    await delay(300);
    assert.equal(at.seen.looks, 1, "a notice of a change that answers nothing costs one look");
    await workers.end(question, "escalated");
    const began = performance.now();
    changes.announce(id);
    const { body } = await asked;
    const tookMs = performance.now() - began;
    assert.equal(body["status"], "escalated");
    assert.ok(tookMs < NOTICED_MS, `${tookMs} ms`);
    assert.equal(at.seen.looks, 2);
    assert.equal(at.seen.following, 0, "who has the answer follows no more");
  });

  test("looks once more for a change that was announced while it looked", async () => {
    const changes = localNotices();
    const at = await counted(changes);
    const { asked, workers, id, question } = await waiting(at, "overlapping");
    const { promise, resolve } = Promise.withResolvers<void>();
    at.gate.held = promise;
    changes.announce(id);
    await until("the look", async () => at.seen.looks === 1);
    await delay(100);
    await workers.end(question, "escalated");
    changes.announce(id);
    at.gate.held = null;
    const began = performance.now();
    resolve();
    const { body } = await asked;
    const tookMs = performance.now() - began;
    assert.equal(body["status"], "escalated");
    assert.ok(tookMs < NOTICED_MS, `${tookMs} ms`);
    assert.equal(at.seen.looks, 2);
  });

  test("is answered at its own slow look when every notice is lost, and looks no more often", async () => {
    const at = await counted({ announce: () => undefined, follow: () => () => undefined });
    const { asked, workers, question } = await waiting(at, "without-a-notice");
    await workers.end(question, "escalated");
    const began = performance.now();
    const { body } = await asked;
    const tookMs = performance.now() - began;
    assert.equal(body["status"], "escalated");
    assert.ok(tookMs < SLOW_LOOK_MS + 5_000, `${tookMs} ms`);
    assert.ok(at.seen.looks <= 3, `${at.seen.looks} looks`);
    assert.equal(at.seen.following, 0);
  });

  test("is told at once that its answer comes later when its process stops", async () => {
    const at = await counted(localNotices());
    const { asked } = await waiting(at, "stopping");
    const began = performance.now();
    await at.chat.stop();
    const { status, body } = await asked;
    const tookMs = performance.now() - began;
    assert.equal(status, 200);
    assert.equal(body["status"], "pending");
    assert.ok(tookMs < NOTICED_MS, `${tookMs} ms`);
    assert.equal(at.seen.following, 0);
  });
});

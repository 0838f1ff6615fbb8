/** A request that waits for its answer gets what its process is told of at once, and what was not announced at the next look. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ChangeNotices } from "#core/contracts/ports.ts";
import { createInputGuard, languageOfMessages } from "#guard/input/input-guard.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { wordsFor } from "#server/chat/access.ts";
import type { Store } from "#store/db/database.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { until } from "#test/support/waiting.ts";
import { mainStore, serveChat, workersOn } from "./chat-server.ts";

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

  /** A chat whose looks at the database are counted; who follows is counted too. */
  async function counted(changes: ChangeNotices, lookAgainMs = NEVER_MS) {
    const seen = { looks: 0, over: 0, following: 0 };
    const followed: ChangeNotices = {
      announce: (id) => changes.announce(id),
      follow(id, changed) {
        Object.assign(seen, { looks: 0, over: 0, following: seen.following + 1 });
        const stop = changes.follow(id, changed);
        return () => {
          seen.following -= 1;
          stop();
        };
      },
    };
    const watched: Store = {
      ...store,
      run(work, ...given) {
        seen.looks += 1;
        return store.run(work, ...given).finally(() => (seen.over += 1));
      },
    };
    const chat = await serveChat(watched, {
      changes: followed,
      options: { answerWaitMs: NEVER_MS, lookAgainMs },
      streams: { everyMs: NEVER_MS },
    });
    serving.push(chat);
    return { chat, seen };
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

  test("an answer that is only late is not said to wait for a person, in the language of what was asked", async () => {
    const guard = openGuard({ languageOf: languageOfMessages });
    const chat = await serveChat(store, { guard, options: { answerWaitMs: 100 } });
    serving.push(chat);
    const { body } = await chat.ask(null, { message: "Wo ist meine Bestellung 456?" });
    assert.equal(body["status"], "pending");
    assert.match(String(body["reply"]), /^Ihre Antwort dauert gerade länger/);
  });
});

test("a visitor who waits is told so in the language of what they asked", () => {
  const policy = loadPolicy(sandboxText, "sandbox.yaml");
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  const told = (asked: string, paused = false) =>
    wordsFor({ parts: { policy, guard } }, { status: "pending", asked, paused });
  assert.match(told("Wo ist meine Bestellung?"), /^Das muss zuerst jemand/);
  assert.match(told("Gdzie jest moje zamówienie?", true), /^Odpowiedź zajmuje/);
  for (const plain of ["", "Where is my order?"]) assert.equal(told(plain), policy.texts.pending);
});

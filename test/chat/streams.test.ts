/** Windows that listen: what arrives in them, when they come back, and what they cost. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { migratedFreshDatabase } from "#test/support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "#test/support/loopback.ts";
import { until } from "#test/support/waiting.ts";
import type { Action } from "#core/values/action.ts";
import { setPause } from "#store/effects/pause.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import type { Store } from "#store/db/database.ts";
import { conversationKey } from "#store/db/schema.ts";
import { ChatRefusal } from "#server/chat/schema.ts";
import { intend } from "#store/effects/intend.ts";
import { moveEffect } from "#store/effects/ledger.ts";
import { bearer, serveChat, storeOn, tokenOf, workersOn } from "./chat-server.ts";
import { silentLog } from "#test/store/bench.ts";
import { openWindow, told } from "./window.ts";

const isStatus =
  (status: string) =>
  ({ event, data }: { event: string; data: Readonly<Record<string, unknown>> }) =>
    event === "status" && data["status"] === status;
const isMessage =
  (text: string) =>
  ({ event, data }: { event: string; data: Readonly<Record<string, unknown>> }) =>
    event === "message" && data["text"] === text;
const isEnd = ({ event }: { event: string }) => event === "end";

describe(`open chat windows on ${MAIN_DATABASE}`, () => {
  let store: Store;
  let beside: Store;
  let databaseProxy: TcpProxy | null = null;
  let chat: Awaited<ReturnType<typeof serveChat>>;
  let drop = async (): Promise<void> => undefined;
  let names = 0;
  before(async () => {
    const database = MAIN_DATABASE === "postgres" ? await migratedFreshDatabase() : null;
    if (database !== null) {
      drop = () => database.drop();
      databaseProxy = await startTcpProxy(database.url);
    }
    store = await storeOn(databaseProxy?.url(database?.url ?? "") ?? null);
    beside = database === null ? store : await storeOn(database.url);
    chat = await serveChat(store);
  });
  after(async () => {
    await chat.stop();
    await store.close();
    if (beside !== store) await beside.close();
    await databaseProxy?.close();
    await drop();
  });

  /** A chat of a signed user in which a question was read. */
  async function openChat(at = chat, isProven = true) {
    const user = `user${(names += 1)}`;
    const asked = await at.ask(isProven ? user : null, { message_id: "m1" });
    const conversation = String(asked.body["conversation_id"]);
    const key = `chat:${isProven ? user : ""}:${conversation}`;
    const workers = workersOn(beside, key);
    const question = await workers.read("m1");
    const headers = isProven ? await bearer(user) : {};
    return {
      user,
      conversation,
      key,
      workers,
      question,
      headers,
      url: `${at.url}/${conversation}`,
    };
  }

  /** A reply to the question that is about to be written. */
  async function intendReply({
    key,
    workers,
    question,
  }: Pick<Awaited<ReturnType<typeof openChat>>, "key" | "workers" | "question">): Promise<void> {
    const id = await workers.idOf();
    const action: Action = {
      target: "chat",
      operation: "reply",
      arguments: {
        conversationId: id,
        to: { label: "you", audience: "private", address: {} },
        subject: "",
        text: "It is on its way.",
        answers: [question],
        automatic: true,
      },
    };
    const planned = { key: `${key}:reply`, label: "Reply", facts: [], action };
    const now = new Date();
    await beside.run((transaction) =>
      intend(transaction, [planned], {
        conversationId: id,
        approvalId: null,
        turnId: null,
        bundle: `b_${key}`,
        revision: null,
        approvedBy: "policy",
        notBefore: now,
        now,
      }),
    );
  }

  test("a visitor whose answer is held by a pause is told so in the policy's text, and gets it when the pause is over", async () => {
    const { url, headers, workers, question, key, user, conversation } = await openChat();
    const pause = (paused: boolean) =>
      beside.run((transaction) =>
        setPause(transaction, { scope: "chat", paused, by: "Sam", auditedAs: "p:sam" }, new Date()),
      );
    await intendReply({ key, workers, question });
    const window = await openWindow(`${url}/events`, headers);
    await window.until(isStatus("working"));
    await pause(true);
    const paused = await window.until(isStatus("pending"));
    assert.equal(paused.at(-1)?.data["text"], chat.policy.texts.paused);
    const asked = await chat.ask(user, { message_id: "m1", conversation_id: conversation });
    assert.deepEqual(
      [asked.body["status"], asked.body["reply"]],
      ["pending", chat.policy.texts.paused],
    );
    await pause(false);
    await window.until(isStatus("working"));
    await workers.say("reply", "It is on its way.");
    await beside.run(moveEffect, `${key}:reply`, { state: "done", ref: "x", now: new Date() });
    await workers.end(question, "answered");
    assert.ok((await window.until(isStatus("answered"))).some(isMessage("It is on its way.")));
    await window.close();
  });

  test("a visitor whom a text told that people have it is told so once", async () => {
    const chat = await openChat();
    await intendReply(chat);
    await chat.workers.say("reply", "A person will answer you.");
    await beside.run(moveEffect, `${chat.key}:reply`, { state: "done", ref: "x", now: new Date() });
    await chat.workers.end(chat.question, "escalated");
    const window = await openWindow(`${chat.url}/events`, chat.headers);
    const seen = await window.until(isStatus("escalated"));
    assert.equal(seen.at(-1)?.data["text"], "");
    await window.close();
  });

  test("a visitor waits for a person until one has the chat, then reads that one answers and not who, and nothing more once it is closed", async () => {
    const { url, headers, workers, question, conversation } = await openChat();
    await workers.end(question, "escalated");
    const window = await openWindow(`${url}/events`, headers);
    const waits = await window.until(isStatus("escalated"));
    assert.equal(waits.at(-1)?.data["taken"], undefined);
    const change = (to: Parameters<typeof updateConversation>[2]) =>
      beside.run(async (transaction) => {
        const [row] = await transaction
          .select({ id: conversationKey.conversationId })
          .from(conversationKey)
          .where(sql`${conversationKey.key} like ${`%:${conversation}`}`);
        await updateConversation(transaction, row?.id ?? "", to, new Date());
      });
    const holder = { name: "Lea", voter: "lea@ourshop.test" };
    await change({ owner: "human", ownerReason: { words: "", holder, delicate: null } });
    const taken = await window.until(isStatus("escalated"));
    assert.deepEqual([taken.at(-1)?.data["taken"], taken.at(-1)?.data["text"]], [true, ""]);
    assert.doesNotMatch(JSON.stringify(taken), /Lea/);
    await change({ solvedAt: new Date() });
    await window.until(isStatus("answered"));
    await window.close();
  });

  test("a window that comes back goes on after the last message it has, without loss or repetition", async () => {
    const { url, headers, workers, question } = await openChat();
    await workers.end(question, "escalated");
    await workers.say("r1", "One");
    // A clock that is behind must not put a later line before one that was seen.
    await workers.say("r2", "Two", new Date(Date.now() - 60_000));
    const first = await openWindow(`${url}/events`, headers);
    const seen = await first.until(isStatus("escalated"));
    assert.deepEqual(told(seen), ["message One", "message Two", "status escalated"]);
    await first.close();
    await workers.say("r3", "Three", new Date(Date.now() - 3_600_000));
    const lastId = seen[1]?.id ?? "";
    const back = await openWindow(`${url}/events`, { ...headers, "last-event-id": lastId });
    const since = await back.until(isStatus("escalated"));
    assert.deepEqual(told(since), ["message Three", "status escalated"]);
    await back.close();
    for (const strange of ["0-00000000", "nonsense", lastId.replace(/.$/, "x"), "9999999"]) {
      const anew = await openWindow(`${url}/events`, { ...headers, "last-event-id": strange });
      const all = await anew.until(isStatus("escalated"));
      assert.equal(all.filter(({ event }) => event === "message").length, 3, strange);
      await anew.close();
    }
  });

  test("several windows in several processes get what any process wrote, once each", async () => {
    const other = await serveChat(beside);
    const { url, headers, workers, conversation } = await openChat();
    const windows = await Promise.all(
      [url, url, `${other.url}/${conversation}`].map((at) => openWindow(`${at}/events`, headers)),
    );
    for (const window of windows) await window.until(isStatus("working"));
    for (const name of ["a", "b", "c", "d"]) await workers.say(name, name);
    for (const window of windows) {
      const got = await window.until(isMessage("d"));
      assert.deepEqual(told(got), ["message a", "message b", "message c", "message d"]);
    }
    for (const window of windows) await window.close();
    await other.stop();
  });

  test("another customer's chat, a visitor's without the token, and one that never was are not found alike", async () => {
    const { conversation } = await openChat();
    const tries: readonly (readonly [string, Record<string, string>])[] = [
      [conversation, {}],
      [conversation, { ...(await bearer("mallory")) }],
      ["never-was-here-at-all", {}],
      ["x", {}],
      ["a:b-12345678", {}],
    ];
    for (const [id, headers] of tries)
      for (const path of [id, `${id}/events`]) {
        const response = await fetch(`${chat.url}/${path}`, { headers });
        assert.equal(response.status, 404, path);
        const { error, message } = ChatRefusal.parse(await response.json());
        assert.equal(error, "chat.gone");
        assert.match(message, /nothing that you may see has this id/);
      }
  });

  test("a user whose id begins another's, or ends it with a colon, reads nothing of theirs", async () => {
    const asked = await chat.ask("shop:7", { message_id: "m1" });
    const conversation = String(asked.body["conversation_id"]);
    for (const [user, id] of [
      ["shop", `7:${conversation}`],
      ["shop", encodeURIComponent(`7:${conversation}`)],
    ] as const) {
      const response = await fetch(`${chat.url}/${id}`, { headers: await bearer(user) });
      assert.equal(response.status, 404);
    }
    const own = await chat.ask("shop", { message_id: "m1" });
    assert.equal(own.status, 200);
    assert.notEqual(own.body["conversation_id"], conversation);
  });

  test("a stream does not outlive its token", async () => {
    const { user, url } = await openChat();
    const window = await openWindow(`${url}/events`, {
      authorization: `Bearer ${await tokenOf(user, 1)}`,
    });
    const events = await window.until(isEnd);
    assert.deepEqual(events.at(-1)?.data, { reason: "expired" });
    await assert.rejects(window.until(isEnd), /ended/);
  });

  test("a chat that was erased ends its windows", async () => {
    const { url, headers, key } = await openChat();
    const window = await openWindow(`${url}/events`, headers);
    await window.until(isStatus("working"));
    await beside.run((transaction) =>
      transaction.execute(sql`delete from conversation_key where key = ${key}`),
    );
    assert.deepEqual((await window.until(isEnd)).at(-1)?.data, { reason: "gone" });
  });

  test("a chat that only a newer version can read keeps none of the others from their news, and is logged once for each state", async () => {
    const logged: string[] = [];
    const log = { ...silentLog, warn: (text: string) => void logged.push(text) };
    const looking = await serveChat(beside, { log, streams: { everyMs: 20 } });
    const openWindowOf = async ({ url, headers }: Awaited<ReturnType<typeof openChat>>) => {
      const window = await openWindow(`${url}/events`, headers);
      await window.until(isStatus("working"));
      return window;
    };
    const unreadable = await openChat(looking);
    const other = await openChat(looking);
    // Chats are looked at in the order in which their windows were opened.
    const windows = [await openWindowOf(unreadable), await openWindowOf(other)];
    await intendReply(unreadable);
    const id = await unreadable.workers.idOf();
    await beside.run((transaction) =>
      transaction.execute(
        sql`update effect set action = action || '{"$version": 99}' where conversation_id = ${id}`,
      ),
    );
    await unreadable.workers.say("r1", "It is on its way.");
    await other.workers.say("r1", "It is on its way, too.");
    await windows[1]?.until(isMessage("It is on its way, too."));
    await other.workers.say("r2", "It is there.");
    await windows[1]?.until(isMessage("It is there."));
    // It may have been looked at before and after its line was written, and was looked at dozens of times.
    assert.ok(logged.length >= 1 && logged.length <= 2, logged.join("\n"));
    for (const window of windows) await window.close();
    await looking.stop();
  });

  test("a quiet stream shows that it lives, and a stop ends it at once with the reason", async () => {
    const short = await serveChat(beside, { streams: { heartbeatMs: 100 } });
    const { url, headers } = await openChat(short);
    const window = await openWindow(`${url}/events`, headers);
    await window.until(({ event }) => event === "comment");
    const stopped = short.stop();
    assert.deepEqual((await window.until(isEnd)).at(-1)?.data, { reason: "restart" });
    await stopped;
  });

  test("open streams are limited by user, by address and in all, and closing one makes room", async () => {
    const limits = { perUser: 2, perAddress: 3, strangers: 4, overall: 5 };
    const small = await serveChat(beside, { streams: { limits }, proxies: 1 });
    const { url, headers } = await openChat(small, false);
    const other = await openChat(small, false);
    const third = await openChat(small, false);
    const proven = await openChat(small);
    const from = (ip: string) => ({ "x-forwarded-for": ip });
    const one = await openWindow(`${url}/events`, { ...headers, ...from("192.0.2.1") });
    const two = await openWindow(`${url}/events`, { ...headers, ...from("192.0.2.1") });
    const status = async (at: string, more: Record<string, string>) => {
      const window = await openWindow(at, more);
      await window.close();
      return window.response.status;
    };
    assert.equal(await status(`${url}/events`, { ...headers, ...from("192.0.2.2") }), 429);
    const three = await openWindow(`${other.url}/events`, {
      ...other.headers,
      ...from("192.0.2.1"),
    });
    assert.equal(three.response.status, 200);
    assert.equal(
      await status(`${third.url}/events`, { ...third.headers, ...from("192.0.2.1") }),
      429,
    );
    const four = await openWindow(`${third.url}/events`, {
      ...third.headers,
      ...from("192.0.2.3"),
    });
    assert.equal(four.response.status, 200);
    assert.equal(
      await status(`${third.url}/events`, { ...third.headers, ...from("192.0.2.4") }),
      503,
    );
    // Neither the crowd at an address nor all strangers together take a proven user's place.
    const ofProven = { ...proven.headers, ...from("192.0.2.1") };
    assert.equal(await status(`${proven.url}/events`, ofProven), 200);
    await two.close();
    await until("room for one more", async () => {
      const again = await openWindow(`${url}/events`, { ...headers, ...from("192.0.2.2") });
      await again.close();
      return again.response.status === 200;
    });
    for (const window of [one, three, four]) await window.close();
    await small.stop();
  });

  test(
    "a database that is away for a while costs a window nothing but time",
    { skip: MAIN_DATABASE !== "postgres" },
    async () => {
      const { url, headers, workers } = await openChat();
      const window = await openWindow(`${url}/events`, headers);
      await window.until(isStatus("working"));
      await databaseProxy?.shut();
      await workers.say("r1", "Written while this process was cut off");
      const refused = await fetch(`${url}/events`, { headers });
      assert.equal(refused.status, 503);
      assert.ok(refused.headers.get("retry-after"));
      await databaseProxy?.open();
      assert.deepEqual(told(await window.until(({ event }) => event === "message")), [
        "message Written while this process was cut off",
      ]);
      await window.close();
    },
  );
});

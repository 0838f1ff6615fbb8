/** The chat's routes over HTTP: owners of conversations, origins, rate limits and responses. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ChatEvents, ChatRefusal, OPERATIONS } from "#server/chat/schema.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { describedRefusals } from "#test/server/api/bench.ts";
import { bearer, serveChat, mainStore, workersOn } from "./chat-server.ts";
import { openWindow } from "./window.ts";

const SHOP = "https://shop.example";
const Document = z.looseObject({
  openapi: z.literal("3.1.1"),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        requestBody: z
          .object({ content: z.object({ "application/json": z.object({ schema: z.json() }) }) })
          .optional(),
        responses: z.object({
          200: z.object({ content: z.record(z.string(), z.json()) }),
          default: z.strictObject({ $ref: z.literal("#/components/responses/Refusal") }),
        }),
      }),
    ),
  ),
});

describe(`the chat's routes on ${MAIN_DATABASE}`, () => {
  let store: Store;
  let chat: Awaited<ReturnType<typeof serveChat>>;
  before(async () => {
    store = await mainStore();
    chat = await serveChat(store, { options: { origins: new Set([SHOP]) } });
  });
  after(async () => {
    await chat.stop();
    await store.close();
  });
  const read = async (id: string, headers: Readonly<Record<string, string>> = {}) =>
    (await fetch(`${chat.url}/${id}`, { headers })).status;

  test("an unsigned visitor's conversation has an id made here, and one that was not is not taken", async () => {
    const first = await chat.ask(null, {});
    const id = String(first.body["conversation_id"]);
    assert.match(id, /^[\w-]{32}$/);
    assert.equal((await chat.ask(null, { conversation_id: id })).body["conversation_id"], id);
    assert.equal(await read(id), 200);
    for (const guessed of ["conversation-1", id.toLowerCase(), `${id}x`]) {
      const other = await chat.ask(null, { conversation_id: guessed });
      assert.equal(other.status, 200);
      assert.notEqual(other.body["conversation_id"], guessed);
      assert.notEqual(other.body["conversation_id"], id);
      assert.equal(await read(guessed), 404);
    }
    // Names as short as these may be another visitor's as well.
    const same = { user_id: "me", conversation_id: "conversation-1" };
    const [one, two] = [await chat.ask(null, same), await chat.ask(null, same)];
    assert.notEqual(one.body["conversation_id"], two.body["conversation_id"]);
  });

  test("who signs in later begins anew, and who signs out again does not get at what was said signed in", async () => {
    const visitor = String((await chat.ask(null, {})).body["conversation_id"]);
    await workersOn(store, `chat::${visitor}`).say("r1", "to the visitor");
    const signed = await chat.ask("u1", { conversation_id: visitor });
    assert.equal(signed.body["conversation_id"], visitor);
    const mine = await (
      await fetch(`${chat.url}/${visitor}`, { headers: await bearer("u1") })
    ).text();
    assert.doesNotMatch(mine, /to the visitor/);
    await workersOn(store, `chat:u1:${visitor}`).say("r1", "to the user");
    const out = await (await fetch(`${chat.url}/${visitor}`)).text();
    assert.match(out, /to the visitor/);
    assert.doesNotMatch(out, /to the user/);
    assert.equal(await read(visitor, await bearer("u2")), 404);
    const chosen = String(
      (await chat.ask("u1", { conversation_id: "chosen-by-u1" })).body["conversation_id"],
    );
    assert.equal(chosen, "chosen-by-u1");
    assert.equal(await read(chosen), 404);
    const anew = await chat.ask(null, { conversation_id: chosen });
    assert.notEqual(anew.body["conversation_id"], chosen);
  });

  test("what needs no answer gets an empty one, not the promise of one", async () => {
    const thanks = { conversation_id: "thanks-of-u1", message_id: "m1" };
    await chat.ask("u1", thanks);
    const workers = workersOn(store, "chat:u1:thanks-of-u1");
    await workers.end(await workers.read("m1"), "ignored");
    const { body } = await chat.ask("u1", thanks);
    assert.deepEqual([body["status"], body["reply"]], ["answered", ""]);
  });

  test("a message sent again finds its conversation, also with people by now; its id with another text is refused", async () => {
    const asked = { message: "Where is my parcel?", message_id: "m1" };
    const first = await chat.ask("sent-again", asked);
    const id = String(first.body["conversation_id"]);
    await store.run((transaction) =>
      transaction.execute(
        sql`update conversation set owner = 'human' where id = (select conversation_id from conversation_key where key = ${`chat:sent-again:${id}`})`,
      ),
    );
    assert.equal((await chat.ask("sent-again", asked)).body["conversation_id"], id);
    const other = { ...asked, message: "And my refund?" };
    assert.equal((await chat.ask("sent-again", other)).status, 422);
    const next = await chat.ask("sent-again", { ...other, message_id: "m2" });
    assert.notEqual(next.body["conversation_id"], id);
  });

  test("a message of nothing but white space asks nothing", async () => {
    assert.equal((await chat.ask("u1", { message: "  " })).status, 400);
  });

  test("a token that does not hold is refused at every route, never taken for none", async () => {
    const { body } = await chat.ask(null, {});
    const id = String(body["conversation_id"]);
    for (const [method, path] of [
      ["POST", ""],
      ["GET", `/${id}`],
      ["GET", `/${id}/events`],
      ["POST", `/${id}/rating`],
    ] as const) {
      const response = await fetch(`${chat.url}${path}`, {
        method,
        headers: { authorization: "Bearer a.b.c" },
      });
      assert.equal(response.status, 401, path);
    }
    const foreign = await chat.ask("u1", { user_id: "u2" });
    assert.equal(foreign.status, 403);
  });

  test("scripts of listed origins may read, those of others may not, and never with cookies", async () => {
    const preflight = (origin: string, path = "") =>
      fetch(`${chat.url}${path}`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type,last-event-id",
        },
      });
    for (const path of ["", "/some-conversation/events", "/some-conversation/rating"]) {
      const allowed = await preflight(SHOP, path);
      assert.equal(allowed.status, 204);
      assert.equal(allowed.headers.get("access-control-allow-origin"), SHOP);
      assert.match(
        allowed.headers.get("access-control-allow-headers") ?? "",
        /Authorization.*Last-Event-ID/,
      );
      assert.match(allowed.headers.get("access-control-allow-methods") ?? "", /POST/);
      assert.match(allowed.headers.get("vary") ?? "", /Origin/i);
      assert.equal(allowed.headers.get("access-control-allow-credentials"), null);
    }
    const evils = [
      "https://evil.example",
      `${SHOP}.evil.example`,
      `${SHOP}:8443`,
      "http://shop.example",
      "null",
      "*",
    ];
    for (const evil of evils) {
      const refused = await preflight(evil);
      assert.equal(refused.headers.get("access-control-allow-origin"), null, evil);
      assert.match(refused.headers.get("vary") ?? "", /Origin/i);
    }
    const answered = await fetch(`${chat.url}/never-was`, { headers: { origin: SHOP } });
    assert.equal(answered.status, 404);
    assert.equal(
      answered.headers.get("access-control-allow-origin"),
      SHOP,
      "refusals are readable too",
    );
    assert.equal(answered.headers.get("access-control-expose-headers"), "Retry-After");
    const closed = await serveChat(store);
    const silent = await fetch(`${closed.url}/never-was`, { headers: { origin: SHOP } });
    assert.equal(silent.headers.get("access-control-allow-origin"), null);
    await closed.stop();
  });

  test("an address is limited as its proxy saw it, by network where it has many, and no header is believed without a proxy", async () => {
    const limits = { messagesPerMinute: { perUser: 100, perAddress: 2 } };
    const behind = await serveChat(store, { options: limits, proxies: 1 });
    const ask = async (at: typeof chat, forwarded: string) =>
      (await at.ask(null, {}, { "x-forwarded-for": forwarded })).status;
    for (const forwarded of ["192.0.2.1", "203.0.113.9, 192.0.2.1"])
      assert.equal(await ask(behind, forwarded), 200);
    assert.equal(await ask(behind, "198.51.100.7, 192.0.2.1"), 429);
    assert.equal(await ask(behind, "192.0.2.2"), 200);
    for (const forwarded of ["2001:db8:0:7::1", "2001:db8:0:7:ffff::2"])
      assert.equal(await ask(behind, forwarded), 200);
    assert.equal(await ask(behind, "2001:db8::7:1:2:3:4"), 429);
    assert.equal(await ask(behind, "2001:db8:0:8::1"), 200);
    await behind.stop();
    const open = await serveChat(store, { options: limits });
    for (const status of [200, 200, 429])
      assert.equal(await ask(open, `192.0.2.${status}`), status);
    await open.stop();
  });

  test("the answers can be rated by the one who got them, once there is one, and again", async () => {
    const { body } = await chat.ask("u7", { message_id: "m1" });
    const id = String(body["conversation_id"]);
    const key = `chat:u7:${id}`;
    const workers = workersOn(store, key);
    const rate = async (verdict: unknown, user: string | null = "u7") => {
      const response = await fetch(`${chat.url}/${id}/rating`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(user === null ? {} : await bearer(user)),
        },
        body: JSON.stringify(verdict),
      });
      return [response.status, z.json().parse(await response.json())] as const;
    };
    assert.equal((await rate({ score: "good" }))[0], 409);
    const question = await workers.read("m1");
    await workers.say("r1", "It is on its way.");
    await workers.end(question, "answered");
    for (const stranger of ["u8", null])
      assert.equal((await rate({ score: "bad" }, stranger))[0], 404);
    for (const nonsense of [
      {},
      { score: 0 },
      { score: 6 },
      { score: 1.5 },
      { score: "great" },
      { score: "good", comment: "x".repeat(2_001) },
    ])
      assert.equal((await rate(nonsense))[0], 400);
    const told = { conversation_id: id };
    assert.deepEqual(await rate({ score: "good" }), [200, { ...told, score: "good", stars: null }]);
    assert.deepEqual(await rate({ score: 3, comment: "so so" }), [
      200,
      { ...told, score: "bad", stars: 3 },
    ]);
    assert.deepEqual(await rate({ score: 4 }), [200, { ...told, score: "good", stars: 4 }]);
    const kept = await store.run(async (transaction) =>
      rowsOf(
        transaction,
        z.object({ kind: z.string() }),
        sql`select kind from hint where conversation_id = ${await workers.idOf()} order by id`,
      ),
    );
    assert.deepEqual(
      kept.map(({ kind }) => kind),
      ["message", "signal", "signal", "signal"],
    );
    const state = await fetch(`${chat.url}/${id}`, { headers: await bearer("u7") });
    assert.match(await state.text(), /"status":"answered"/, "a rating is nothing to wait for");
  });

  test("the OpenAPI document names every route, and every answer is as it says", async () => {
    const raw = await (await fetch(`${chat.url}/openapi.json`)).json();
    const document = Document.parse(raw);
    const refusals = describedRefusals(document);
    assert.doesNotMatch(JSON.stringify(raw), /"\$schema"/);
    const { body } = await chat.ask("u9", { message_id: "m1" });
    const id = String(body["conversation_id"]);
    const workers = workersOn(store, `chat:u9:${id}`);
    await workers.read("m1");
    await workers.say("r1", "An answer");
    const bodies: Readonly<Record<string, unknown>> = {
      sendMessage: { user_id: "u9", message: "Hello", conversation_id: id, message_id: "m1" },
      rateConversation: { score: 5, comment: "thanks" },
    };
    let seen = 0;
    for (const operation of OPERATIONS) {
      const described = document.paths[operation.path]?.[operation.method];
      assert.equal(described?.operationId, operation.id);
      const url = new URL(operation.path.replace("{conversation}", id), chat.url).href;
      const headers = await bearer("u9");
      if (typeof operation.answer === "string") {
        const window = await openWindow(url, headers);
        for (const { event, data } of await window.until(({ event }) => event === "status")) {
          const schema = event === "message" ? ChatEvents.message : ChatEvents.status;
          assert.deepEqual(schema.parse(data), data);
        }
        await window.close();
      } else {
        const given = bodies[operation.id];
        assert.equal(described?.requestBody !== undefined, given !== undefined);
        const response = await fetch(url, {
          method: operation.method,
          headers: { ...headers, "content-type": "application/json" },
          ...(given === undefined ? {} : { body: JSON.stringify(given) }),
        });
        assert.equal(response.status, 200, operation.id);
        const answer: unknown = await response.json();
        assert.deepEqual(operation.answer.parse(answer), answer);
      }
      for (const [status, more] of [
        [401, { headers: { authorization: "Bearer a.b.c" } }],
        [
          operation.body === null ? 404 : 400,
          { headers: { ...headers, "content-type": "application/json" }, body: "{" },
        ],
        [
          413,
          {
            headers: { ...headers, "content-type": "application/json" },
            body: `"${"x".repeat(70_000)}"`,
          },
        ],
      ] as const) {
        if (operation.body === null && status === 413) continue;
        const isRead = operation.body === null;
        const response = await fetch(status === 404 ? url.replace(id, "never-was") : url, {
          method: operation.method,
          headers: more.headers,
          ...(isRead || !("body" in more) ? {} : { body: more.body }),
        });
        assert.equal(response.status, status, operation.id);
        assert.ok(refusals.has(status), `${operation.id} may answer ${status}`);
        ChatRefusal.parse(await response.json());
        seen += 1;
      }
    }
    assert.equal(seen, 10);
  });
});

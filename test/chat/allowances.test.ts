/** What one may send and ask in a minute: no visitor can use up another's allowance. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Store } from "#store/db/database.ts";
import { bearer, serveChat, mainStore } from "./chat-server.ts";

describe("allowances of the chat", () => {
  let store: Store;
  before(async () => {
    store = await mainStore();
  });
  after(async () => {
    await store.close();
  });

  test("no stranger can use up what a proven user may do, by their name or behind the same address", async () => {
    const limits = {
      messagesPerMinute: { perUser: 2, perAddress: 3 },
      looksPerMinute: 2,
    };
    const own = await serveChat(store, { options: limits });
    const first = await own.ask("cara", {});
    const id = String(first.body["conversation_id"]);
    for (const status of [200, 200, 200, 429, 429])
      assert.equal((await own.ask(null, { user_id: "cara" })).status, status);
    // A token that does not hold is a stranger's as well.
    assert.equal((await own.ask(null, {}, { authorization: "Bearer no.to.ken" })).status, 429);
    for (const status of [404, 404, 429])
      assert.equal((await fetch(`${own.url}/some-other-id`)).status, status);
    assert.equal((await own.ask("bob", {})).status, 200);
    const headers = await bearer("cara");
    for (const status of [200, 200, 429])
      assert.equal((await fetch(`${own.url}/${id}`, { headers })).status, status);
    assert.equal((await own.ask("cara", {})).status, 200);
    assert.equal((await own.ask("cara", {})).status, 429);
    await own.stop();
  });

  test("a visitor's own allowance is that of their conversation, not of the name they give", async () => {
    const limits = { messagesPerMinute: { perUser: 2, perAddress: 100 } };
    const own = await serveChat(store, { options: limits });
    const { body } = await own.ask(null, { user_id: "guest" });
    const talk = { user_id: "guest", conversation_id: String(body["conversation_id"]) };
    for (const status of [200, 429]) assert.equal((await own.ask(null, talk)).status, status);
    assert.equal((await own.ask(null, { ...talk, user_id: "somebody else" })).status, 429);
    assert.equal((await own.ask(null, { user_id: "guest" })).status, 200);
    // A user whose proven name looks like a visitor's conversation is still counted apart.
    const name = `visitor:chat::${talk.conversation_id}`;
    assert.equal((await own.ask(name, {})).status, 200);
    await own.stop();
  });

  test("of a stranger it is kept from which network they write, as a digest; of a proven user it is not", async () => {
    const own = await serveChat(store, { proxies: 1 });
    const networkOf = async (user: string | null, ip: string) => {
      const { body } = await own.ask(user, { message_id: "m1" }, { "x-forwarded-for": ip });
      const key = `chat:${user ?? ""}:${String(body["conversation_id"])}:m1`;
      const rows = await store.run((transaction) =>
        rowsOf(
          transaction,
          z.object({ network: z.string().nullable() }),
          sql`select payload -> 'data' ->> 'network' as network from hint where event_id = ${key}`,
        ),
      );
      return rows[0]?.network;
    };
    const one = await networkOf(null, "192.0.2.1");
    assert.match(one ?? "", /^[\da-f]{64}$/);
    assert.equal(await networkOf(null, "192.0.2.1"), one);
    assert.notEqual(await networkOf(null, "192.0.2.2"), one);
    assert.equal(
      await networkOf(null, "2001:db8:0:7::1"),
      await networkOf(null, "2001:db8:0:7:ffff::2"),
    );
    assert.equal(await networkOf("ann", "192.0.2.1"), null);
    await own.stop();
  });
});

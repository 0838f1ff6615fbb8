/** Codes that are kept back are kept back aloud, and counted where they were asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { SendCodeArguments } from "#core/values/action.ts";
import { sql } from "#store/db/drizzle.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { ANN, codesWorld, signal } from "./code-bench.ts";

onEveryDatabase("limits of one-time codes", (bench) => {
  test("the team is warned before the installation's limit, and told with its cause of every code that is kept back", async () => {
    const { target, ask, arrived, conversationId, warned, clock } = await codesWorld(bench);
    const alerts = async () =>
      (
        await bench.rows(
          z.object({ text: z.string() }),
          sql`select action -> 'arguments' ->> 'text' as text from effect
              where operation = 'alert' and conversation_id = ${conversationId} order by created_at, key`,
        )
      ).map(({ text }) => text);
    const mailed = (number: number) =>
      bench.run((transaction) =>
        transaction.execute(sql`
          insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
          select ${conversationId} || ':' || i, 'elsewhere:' || i, 'a', 'h' || i, 'x@y.test', 'c', 'open', ${clock.at}, ${clock.at}
          from generate_series(1, ${number}::integer) i`),
      );
    await mailed(46);
    await target.commit(await ask(ANN), "a", signal());
    assert.deepEqual(await alerts(), []);
    await target.commit(await ask(ANN), "b", signal());
    const [soon, ...more] = await alerts();
    assert.match(soon ?? "", /^48 one-time codes were mailed within an hour; after 60 none/);
    assert.deepEqual(more, []);
    await target.commit(await ask(ANN), "c", signal());
    // A fourth within the hour: hers are used up, and then those of all customers.
    await target.commit(await ask(ANN), "d", signal());
    await bench.run((transaction) =>
      transaction.execute(
        sql`update challenge set conversation_id = 'x' where conversation_id like 'elsewhere:%'`,
      ),
    );
    await bench.run((transaction) =>
      transaction.execute(sql`
        insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
        select ${conversationId} || ':late:' || i, 'x', 'a', 'l' || i, 'x@y.test', 'c', 'open', ${clock.at}, ${clock.at}
        from generate_series(1, 11) i`),
    );
    for (const key of ["e", "f"]) await target.commit(await ask(ANN), key, signal());
    assert.equal(arrived.length, 3);
    const told = (await alerts()).filter((text) => text !== soon);
    assert.equal(told.length, 2);
    assert.ok(
      told.every((text) => text.startsWith("A customer was told that a one-time code is on")),
    );
    assert.ok(told.some((text) => text.includes("one address was asked for too often")));
    assert.ok(told.some((text) => text.includes("60 codes were mailed within an hour")));
    assert.equal(warned.length, 3);
    assert.ok(!JSON.stringify([warned, told]).includes("customer.test"));
  });

  test("one conversation asks for three an hour, whatever addresses it names", async () => {
    const { target, ask, conversationId } = await codesWorld(bench);
    for (const name of ["one", "two", "three", "four"])
      await target.commit(await ask(`${name}@nowhere.test`), name, signal());
    const rows = await bench.rows(
      z.object({ state: z.string() }),
      sql`select state from challenge where conversation_id = ${conversationId} order by created_at, id`,
    );
    assert.equal(rows.length, 4);
    assert.equal(rows.filter(({ state }) => state === "limited").length, 1);
  });

  test("codes are counted by the network the messages that asked came from", async () => {
    const { target, ask, conversationId } = await codesWorld(bench);
    const action = await ask("nobody@nowhere.test");
    const [key = ""] = SendCodeArguments.parse(action.arguments).answers;
    const payload = {
      channel: "chat",
      eventId: key,
      conversationKeys: [key],
      kind: "message",
      keepBody: false,
      data: { network: "digest" },
    };
    await bench.run((transaction) =>
      transaction.execute(sql`
        insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
        values ('chat', ${key}, ${conversationId}, 'message', ${JSON.stringify(payload)}::jsonb, ${NOW})`),
    );
    await target.commit(action, "key", signal());
    const rows = await bench.rows(
      z.object({ network_hash: z.string() }),
      sql`select network_hash from challenge where conversation_id = ${conversationId}`,
    );
    assert.deepEqual(rows, [{ network_hash: "digest" }]);
  });
});

/**
 * Signing in to Zendesk: tokens that run out, that are refused, and that were never enough. Judged by the calls that went
 * over the wire, with the vault in a real PostgreSQL.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { accountForTests, MINUTE } from "#test/zendesk/account.ts";
import { failsWith } from "#test/zendesk/bench.ts";

const account = accountForTests();
const { answered, calls, clients, forget, grants, issue, lines, processWith, read, revoke, time } =
  account;

describe("signing in to Zendesk", () => {
  test("a token is asked for once, used by all processes, and renewed before its end", async () => {
    const ticketId = await account.people.ask("Where is 123?");
    const [first, second] = [processWith().channel, processWith().channel];
    await read(first, ticketId);
    await read(second, ticketId);
    await read(first, ticketId);
    assert.equal(grants().length, 1);
    time.ms += 26 * MINUTE;
    await read(second, ticketId);
    assert.equal(grants().length, 1);
    time.ms += 2 * MINUTE;
    await Promise.all([read(first, ticketId), read(second, ticketId), read(first, ticketId)]);
    assert.equal(grants().length, 2);
    assert.equal(answered(401), 0);
  });

  test("a 401 in mid-run is one exchange for all calls under way, and each is made once more", async () => {
    const ticketId = await account.people.ask("Where is 456?");
    const processes = [processWith().channel, processWith().channel];
    for (const channel of processes) await read(channel, ticketId);
    await revoke("writer");
    forget();
    const found = await Promise.all(
      [...processes, ...processes].map((channel) => read(channel, ticketId)),
    );
    assert.ok(found.every(({ messages }) => messages.length === 1));
    assert.equal(grants().length, 1);
    const refused = calls().filter(({ status }) => status === 401);
    assert.ok(refused.length >= 1);
    assert.equal(new Set(refused.map(({ authorization }) => authorization)).size, 1);
  });

  test("a second 401 stops it: nothing is asked for five minutes, and health says why", async () => {
    const ticketId = await account.people.ask("Where is 789?");
    const { channel, access } = processWith();
    await read(channel, ticketId);
    forget();
    await account.people.control("POST", "faults", { kind: "unauthorized", times: 100, path: "/" });
    await assert.rejects(read(channel, ticketId), failsWith("channel.unauthorized", /doctor/));
    assert.equal(grants().length, 1);
    const asked = calls().length;
    for (let round = 0; round < 20; round += 1)
      await assert.rejects(read(channel, ticketId), failsWith("channel.unauthorized"));
    assert.equal(calls().length, asked, "no call after the stop");
    assert.match(access.credentialStates["zendesk writer"]?.problem() ?? "", /refuses/);
    await account.people.control("DELETE", "faults");
    time.ms += 5 * MINUTE;
    assert.equal((await read(channel, ticketId)).messages.length, 1);
    assert.equal(access.credentialStates["zendesk writer"]?.problem(), null);
  });

  test("a refresh token is used once, by one process, and its successor is kept for all", async () => {
    const refreshToken = (await issue("writer", "read write")).refresh_token;
    const own = clients({ writer: { refreshToken } });
    const processes = [processWith(own), processWith(own), processWith(own)];
    const tokens = await Promise.all(processes.map(({ access }) => access.writerToken()));
    assert.equal(new Set(tokens).size, 1);
    assert.deepEqual(
      grants().map(({ status }) => status),
      [201],
    );
    time.ms += 29 * MINUTE;
    const later = await Promise.all(processes.map(({ access }) => access.writerToken()));
    assert.equal(new Set(later).size, 1);
    assert.notEqual(later[0], tokens[0]);
    assert.equal(grants().length, 2);
    // A start later on knows nothing but the first one, and the vault.
    time.ms += 29 * MINUTE;
    await processWith(own).access.writerToken();
    assert.equal(grants().length, 3);
    assert.ok(grants().every(({ status }) => status === 201));
  });

  test("tokens are in no row, no message and no line of the log as they are", async () => {
    const { access } = processWith();
    const tokens = [await access.writerToken(), await access.readerToken()];
    await revoke("writer");
    tokens.push(await access.writerToken(tokens[0]));
    const row = z.object({ name: z.string(), value: z.string() });
    const kept = await account.store.run((transaction) =>
      rowsOf(transaction, row, sql`select name, value from token_vault order by name`),
    );
    assert.deepEqual(
      kept.map(({ name }) => name),
      ["zendesk reader", "zendesk writer"],
    );
    const text = `${JSON.stringify(kept)}${lines.join()}`;
    for (const token of [...tokens, account.sandbox.oauth.writer.secret])
      assert.ok(!text.includes(token));
  });

  test("a worker never has the reader's token, neither from the account nor from the vault", async () => {
    await processWith().access.readerToken();
    forget();
    const { access } = processWith(clients(), "worker");
    await assert.rejects(
      access.readerToken(),
      failsWith(
        "config.invalid",
        /channels are read \(role channels, or all\); this process has the role worker/,
      ),
    );
    assert.equal(typeof (await access.writerToken()), "string");
    assert.equal(grants().length, 1);
    assert.deepEqual(Object.keys(access.credentialStates), ["zendesk writer"]);
  });
});

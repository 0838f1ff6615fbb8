/** What a start asks a Zendesk account about our identities, and how it refuses. Judged by the calls that were made. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SignIns } from "#connections/zendesk.ts";
import { accountForTests } from "#test/zendesk/account.ts";
import { failsWith } from "#test/zendesk/bench.ts";

const account = accountForTests();
const { calls, clients, grants, issue, lines, processWith, start, time } = account;

describe("the start at a Zendesk account", () => {
  const refusals = [
    ["a customer", "ann", "admin", /writer is a customer/],
    ["an admin as the writer, also the reader's own", "admin", "admin", /writer is an admin \(/],
    ["one user as both", "dana", "dana", /the writer and the reader are the same user/],
    ["a reader who is no admin", "bot", "dana", /incremental export: it must be an admin/],
  ] as const;
  for (const [what, writer, reader, words] of refusals)
    test(`refuses ${what}, by name`, async () => {
      const token = (who: keyof typeof account.sandbox.tokens, name: string) => ({
        kind: "token" as const,
        name,
        token: account.sandbox.tokens[who],
      });
      const { channel } = processWith({
        writer: token(writer, "ZENDESK_WRITER_TOKEN"),
        reader: token(reader, "ZENDESK_READER_TOKEN"),
      });
      await assert.rejects(start(channel), failsWith("config.invalid", words));
      assert.ok(calls().length <= 4, "it asked once and was told");
    });

  test("refuses the anonymous user, whom Zendesk answers with 200", async () => {
    await account.people.control("PUT", "settings", { anonymous: true });
    try {
      const { channel } = processWith();
      await assert.rejects(start(channel), failsWith("config.invalid", /Anonymous user/));
    } finally {
      await account.people.control("PUT", "settings", { anonymous: false });
    }
    assert.deepEqual(
      calls().map(({ path }) => path.split("?")[0]),
      ["/oauth/tokens", "/api/v2/users/me"],
    );
  });

  test("refuses a token that does not reach tickets although it may ask who it is", async () => {
    const { channel } = processWith({
      ...clients(),
      writer: {
        kind: "token",
        name: "ZENDESK_WRITER_TOKEN",
        token: (await issue("writer", "users:read")).access_token,
      },
    });
    await assert.rejects(start(channel), failsWith("config.invalid", /may not read tickets/));
  });

  test("refuses a light agent, who could not reply to a customer", async () => {
    await account.people.as("admin", "PUT", `/users/${account.sandbox.users.bot}`, {
      user: { only_private_comments: true },
    });
    try {
      await assert.rejects(
        start(processWith().channel),
        failsWith("config.invalid", /light agent/),
      );
    } finally {
      await account.people.as("admin", "PUT", `/users/${account.sandbox.users.bot}`, {
        user: { only_private_comments: false },
      });
    }
  });

  test("refuses a client it is not known by, and asks for a token once", async () => {
    const { channel } = processWith(clients({ writer: { clientId: "nobody" } }));
    await assert.rejects(start(channel), failsWith("config.invalid", /identifier and secret/));
    assert.deepEqual([grants().length, calls().length], [1, 1]);
  });

  test("does not mind an account that is away for a moment", async () => {
    await account.people.control("POST", "faults", { kind: "unavailable", times: 3, path: "/" });
    await start(processWith().channel);
    assert.match(lines.join(), /cannot be asked yet/);
  });

  test("signs in with an API token where there is still one, and says until when", async () => {
    const apiToken = account.sandbox.tokens;
    const signIns: SignIns = {
      writer: { kind: "api-token", email: "deskhand@ourshop.test", token: apiToken.bot },
      reader: { kind: "api-token", email: "admin@ourshop.test", token: apiToken.admin },
    };
    time.ms = Math.max(time.ms, Date.parse("2026-11-20T12:00:00Z"));
    await start(processWith(signIns).channel);
    assert.ok(calls().every(({ authorization }) => authorization.startsWith("Basic ")));
    const [, days] = /end on 30 April 2027.*?"days":(\d+)/.exec(lines.join()) ?? [];
    const left = (Date.parse("2027-05-01T00:00:00Z") - time.ms) / 86_400_000;
    assert.ok(Math.abs(Number(days) - left) <= 1, `${days} days are told, ${left} are left`);
    assert.equal(grants().length, 0);
  });
});

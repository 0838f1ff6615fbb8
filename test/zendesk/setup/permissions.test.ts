/** What a start asks a Zendesk account about our identities, and how it refuses. Judged by the calls that were made. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountForTests } from "#test/zendesk/account.ts";
import { failsWith } from "#test/zendesk/bench.ts";

const account = accountForTests();
const { calls, processWith, start } = account;

describe("the start at a Zendesk account", () => {
  const refusals = [
    ["a customer", "ann", "admin", /writer is a customer/],
    ["an admin as the writer, also the reader's own", "admin", "admin", /writer is an admin \(/],
    ["one user as both", "dana", "dana", /the writer and the reader are the same user/],
    ["a reader who is no admin", "bot", "dana", /incremental export: it must be an admin/],
  ] as const;
  for (const [what, writer, reader, words] of refusals)
    test(`refuses ${what}, by name`, async () => {
      const token = (who: typeof writer | typeof reader) => async () => account.sandbox.tokens[who];
      const channel = account.channelFor({
        writerToken: token(writer),
        readerToken: token(reader),
      });
      await assert.rejects(start(channel), failsWith("config.invalid", words));
      assert.ok(calls().length <= 4, "it asked once and was told");
    });

  test("refuses a light agent, who could not reply to a customer", async () => {
    const { bot } = account.sandbox.users;
    await account.people.edit("users", bot, { only_private_comments: true });
    try {
      await assert.rejects(
        start(processWith().channel),
        failsWith("config.invalid", /light agent/),
      );
    } finally {
      await account.people.edit("users", bot, { only_private_comments: false });
    }
  });
});

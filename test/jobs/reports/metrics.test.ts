/** Every figure leads are told, counted by hand over rows of two weeks, on both databases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareDays, type Compared } from "#jobs/reports/metrics.ts";
import { onEveryDatabase } from "#test/store/bench.ts";
import { berlinPolicy, seeder, type Seeder } from "./two-weeks.ts";

const POLICY = berlinPolicy();

onEveryDatabase("the figures of two weeks", (bench) => {
  /** The week from 9 to 15 November beside the one before it, over what was seeded. */
  const compared = async (seed: (seeding: Seeder) => Promise<void>): Promise<Compared> => {
    const found: Compared[] = [];
    const takenBack = new Error("what was seeded is taken back");
    await assert.rejects(
      bench.run(async (transaction) => {
        await seed(seeder(transaction));
        found.push(await compareDays(POLICY, transaction, POLICY.digest.weekBefore("2026-11-16")));
        throw takenBack;
      }),
      (error) => error === takenBack || (error instanceof Error && error.cause === takenBack),
    );
    const [result] = found;
    assert.ok(result);
    return result;
  };

  test("messages count for the week they came in and the week they ended in, by channel and the policy's zone", async () => {
    const { now, before } = await compared(async ({ conversation, message }) => {
      const mail = await conversation("2026-11-08T22:00:00Z");
      // Half past eleven at night in UTC is Monday already in Berlin, and the last half hour of a Sunday is not.
      await message(mail, "2026-11-08T22:30:00Z", { outcome: "answered" });
      await message(mail, "2026-11-08T23:30:00Z", { outcome: "answered" });
      await message(mail, "2026-11-15T22:30:00Z", {
        outcome: "answered",
        outcomeAt: "2026-11-15T23:30:00Z",
      });
      await message(mail, "2026-11-15T23:30:00Z", { outcome: "answered" });
      const chat = await conversation("2026-11-10T10:00:00Z", { channel: "chat" });
      await message(chat, "2026-11-10T10:00:00Z", { outcome: "escalated" });
      await message(chat, "2026-11-10T10:01:00Z", { outcome: "expired" });
      await message(chat, "2026-11-10T10:02:00Z", { outcome: "ignored" });
      await message(chat, "2026-11-10T10:03:00Z");
      await message(chat, "2026-11-10T10:04:00Z", { author: "bot" });
      // The past of a conversation that was read in, not a customer who writes now.
      await message(chat, "2026-11-10T10:05:00Z", { sentAt: "2026-03-01T10:00:00Z" });
    });
    assert.deepEqual(now.channels, [
      { channel: "chat", received: 3, answered: 0, toPeople: 2 },
      { channel: "email", received: 2, answered: 1, toPeople: 0 },
    ]);
    assert.deepEqual(before.channels, [
      { channel: "email", received: 1, answered: 1, toPeople: 0 },
    ]);
  });

  test("a conversation whose customer asked for a person counts once, where it was handed over", async () => {
    const { now, before } = await compared(async ({ conversation, turn }) => {
      const at = "2026-11-10T10:00:00Z";
      const asked = { outcome: "escalated", asksForPerson: true };
      const mail = await conversation(at);
      await turn(mail, at, asked);
      await turn(mail, at, asked);
      await turn(await conversation(at, { channel: "chat" }), at, asked);
      await turn(await conversation(at), at, { outcome: "escalated" });
      await turn(await conversation(at), at, { asksForPerson: true });
    });
    assert.deepEqual(now.askedForPerson, [
      { channel: "chat", count: 1 },
      { channel: "email", count: 1 },
    ]);
    assert.deepEqual(before.askedForPerson, []);
  });

  test("refunds that were done count by who allowed them, each currency for itself", async () => {
    const { now, before } = await compared(async ({ conversation, effect }) => {
      const id = await conversation("2026-11-10T08:00:00Z");
      const at = "2026-11-10T10:00:00Z";
      await effect(id, at, { minor: 500 });
      await effect(id, at, { minor: 250 });
      await effect(id, at, { minor: 12_000, by: "person" });
      await effect(id, at, { minor: 900, by: "teammate" });
      await effect(id, at, { minor: 700, currency: "EUR", by: "person" });
      await effect(id, at, { minor: 9_999, state: "unknown" });
      await effect(id, at, { minor: 9_999, state: "failed" });
      await effect(id, at, { minor: 9_999, state: "withdrawn" });
      await effect(id, at, { minor: 9_999, operation: "change_address" });
      await effect(id, "2026-11-08T10:00:00Z", { minor: 100 });
    });
    assert.deepEqual(now.refunds, [
      { by: "person", count: 1, sum: { minor: 700, currency: "EUR" } },
      { by: "person", count: 2, sum: { minor: 12_900, currency: "USD" } },
      { by: "policy", count: 2, sum: { minor: 750, currency: "USD" } },
    ]);
    assert.deepEqual(before.refunds, [
      { by: "policy", count: 1, sum: { minor: 100, currency: "USD" } },
    ]);
    assert.deepEqual([now.unknownEffects, before.unknownEffects], [1, 0]);
  });

  test("of the matters that ended in these days, those the bot resolved share all that the model cost in them", async () => {
    const { now, before, held } = await compared(async ({ conversation, turn, matter }) => {
      const at = "2026-11-10T10:00:00Z";
      for (const kind of ["confirmed", "durable", "assumed", "handed_off", "abandoned"] as const)
        await matter(await conversation(at), at, kind);
      await turn(await conversation(at), at, { costUsd: 0.5 });
      await turn(await conversation(at), "2026-11-15T22:59:59Z", { costUsd: 0.25 });
      await turn(await conversation(at), "2026-11-15T23:00:00Z", { costUsd: 100 });
      const earlier = await conversation("2026-11-03T10:00:00Z");
      await matter(earlier, "2026-11-08T22:59:59Z", "durable");
      await turn(earlier, "2026-11-03T10:00:00Z", { costUsd: null });
      await matter(await conversation(at), "2026-11-08T23:00:00Z", "abandoned");
    });
    assert.deepEqual(now.resolution, { resolved: 3, ended: 6 });
    assert.deepEqual(now.cost, { usd: 0.75, each: 0.25 });
    assert.deepEqual(before.resolution, { resolved: 1, ended: 1 });
    assert.deepEqual(before.cost, { usd: null, each: null });
    assert.deepEqual([held.first, held.last], ["2026-11-02", "2026-11-08"]);
  });

  test("an answer was reopened when its customer wanted something within seven days, whoever wrote it", async () => {
    const { now, before } = await compared(async ({ conversation, message, signal }) => {
      const at = "2026-11-04T10:00:00Z";
      const solved = async (author: "bot" | "teammate", when = at): Promise<string> => {
        const id = await conversation(when);
        await message(id, when, { author });
        await signal(id, when, { kind: "solved" });
        return id;
      };
      await message(await solved("bot"), "2026-11-11T10:00:01Z");
      await message(await solved("bot"), "2026-11-11T09:59:59Z");
      await message(await solved("bot"), "2026-11-05T10:00:00Z", { outcome: "ignored" });
      await signal(await solved("bot"), "2026-11-05T10:00:00Z", { kind: "reopened" });
      await solved("teammate");
      await solved("bot", "2026-10-27T10:00:00Z");
      const marked = await conversation(at);
      await message(marked, at, { author: "bot" });
      await signal(marked, at, { kind: "solved", automatic: "true" });
    });
    assert.deepEqual(now.reopened, {
      bot: { solved: 4, reopened: 2 },
      person: { solved: 1, reopened: 0 },
    });
    assert.deepEqual(before.reopened.bot, { solved: 1, reopened: 0 });
  });
});

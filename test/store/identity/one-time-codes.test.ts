import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { addMessages } from "#store/conversations/messages.ts";
import {
  codeAskedBy,
  challengeById,
  knownCodes,
  checkCode,
  CODE_LIVES_MS,
  CODE_TRIES_MAX,
  isOpen,
  openChallenge,
  CODE_LIMITS,
} from "#store/identity/one-time-codes.ts";
import { isFull } from "#store/privacy/clear-rows.ts";
import { cutoffsAt, RETENTION_RULES } from "#store/privacy/retention.ts";
import { later, messageOf, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RIGHT = "hash of the right code";

/** Asks for a code as Ann in a conversation of her own, unless said otherwise. */
function ask(
  bench: StoreBench,
  changes: Partial<Parameters<typeof openChallenge>[1]> = {},
  now = NOW,
) {
  const asked = {
    id: bench.id("code"),
    conversationId: bench.id("conversation"),
    authorId: "chat:visitor:1",
    addressHash: bench.id("address"),
    emailOnFile: "ann@customer.test",
    codeHash: RIGHT,
    networkHash: null,
    ...changes,
  };
  return bench.run(async (transaction) => {
    const { challenge, ...booked } = await openChallenge(transaction, asked, now);
    return { ...challenge, ...booked };
  });
}

/** A process has ten connections; more callers than that only wait, for as long as a busy machine makes them. */
async function askedTogether(bench: StoreBench, count: number, now: Date) {
  const asked: Awaited<ReturnType<typeof ask>>[] = [];
  while (asked.length < count) {
    const together = Math.min(10, count - asked.length);
    asked.push(...(await Promise.all(Array.from({ length: together }, () => ask(bench, {}, now)))));
  }
  return asked;
}

function enter(bench: StoreBench, challengeId: string, codeHash: string, now = NOW, key = "") {
  const messageKey = key === "" ? bench.id("message") : key;
  return bench.run(checkCode, { messageKey, challengeId, codeHashes: [codeHash] }, now);
}

const stateOf = async (bench: StoreBench, id: string) =>
  (await bench.run(challengeById, id))?.state;

onEveryDatabase("one-time codes", (bench) => {
  test("the right code is accepted once", async () => {
    const { id } = await ask(bench);
    assert.equal((await enter(bench, id, RIGHT))?.accepted, true);
    assert.equal(await stateOf(bench, id), "used");
    assert.equal(await enter(bench, id, RIGHT), null);
  });

  test("the same message again gets the answer it got and costs no try", async () => {
    const right = await ask(bench);
    const key = bench.id("message");
    const first = await enter(bench, right.id, RIGHT, NOW, key);
    assert.deepEqual(await enter(bench, right.id, RIGHT, later(MINUTE_MS), key), first);
    const wrong = await ask(bench);
    const guess = bench.id("message");
    for (let round = 0; round < CODE_TRIES_MAX + 1; round += 1)
      assert.equal((await enter(bench, wrong.id, "wrong", NOW, guess))?.accepted, false);
    assert.equal((await enter(bench, wrong.id, RIGHT))?.accepted, true);
  });

  test("of fifty guesses at the same moment five are looked at", async () => {
    const { id } = await ask(bench);
    const guesses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => enter(bench, id, `wrong ${index}`)),
    );
    assert.equal(guesses.filter((guess) => guess !== null).length, CODE_TRIES_MAX);
    assert.equal(
      await bench.count(sql`select count(*) from challenge_try where challenge_id = ${id}`),
      CODE_TRIES_MAX,
    );
  });

  test("a code lives ten minutes and not a moment longer", async () => {
    const early = await ask(bench);
    assert.ok(isOpen(early, later(CODE_LIVES_MS - 1)));
    assert.equal((await enter(bench, early.id, RIGHT, later(CODE_LIVES_MS - 1)))?.accepted, true);
    const late = await ask(bench);
    assert.ok(!isOpen(late, later(CODE_LIVES_MS)));
    assert.equal(await enter(bench, late.id, RIGHT, later(CODE_LIVES_MS)), null);
  });

  test("for an address the shop does not have no code is right, and the tries count alike", async () => {
    const { id, state } = await ask(bench, { emailOnFile: null });
    assert.equal(state, "open");
    for (let tries = 0; tries < CODE_TRIES_MAX; tries += 1)
      assert.equal((await enter(bench, id, RIGHT))?.accepted, false);
    assert.equal(await stateOf(bench, id), "dead");
  });

  test("a new code kills the one before it for the same writer and no other", async () => {
    const conversationId = bench.id("conversation");
    const first = await ask(bench, { conversationId });
    const other = await ask(bench, { conversationId, authorId: "somebody else" });
    const elsewhere = await ask(bench);
    const second = await ask(bench, { conversationId });
    assert.equal(await stateOf(bench, first.id), "dead");
    assert.equal(await enter(bench, first.id, RIGHT), null);
    for (const { id } of [other, elsewhere, second]) assert.equal(await stateOf(bench, id), "open");
  });

  test("asked again under its id it is the same challenge, whatever became of it", async () => {
    const first = await ask(bench);
    await enter(bench, first.id, RIGHT);
    const again = await ask(bench, { id: first.id }, later(MINUTE_MS));
    assert.equal(again.state, "used");
    assert.deepEqual(again.createdAt, first.createdAt);
  });

  test("one address is asked for three times an hour, and the fourth leaves the third alone", async () => {
    const addressHash = bench.id("address");
    const conversationId = bench.id("conversation");
    for (let times = 1; times < CODE_LIMITS.addressPerHour; times += 1)
      await ask(bench, { addressHash });
    const last = await ask(bench, { addressHash, conversationId });
    assert.equal(last.state, "open");
    const over = await ask(bench, { addressHash, conversationId }, later(MINUTE_MS));
    assert.equal(over.state, "limited");
    assert.equal(await enter(bench, over.id, RIGHT), null);
    assert.equal((await enter(bench, last.id, RIGHT))?.accepted, true);
    assert.equal((await ask(bench, { addressHash }, later(HOUR_MS))).state, "open");
  });

  test("one address is asked for ten times a day, and what was over the limit does not count", async () => {
    const addressHash = bench.id("address");
    const states: string[] = [];
    for (let hour = 0; hour < 23; hour += 1)
      states.push((await ask(bench, { addressHash }, later(hour * HOUR_MS))).state);
    assert.equal(states.filter((state) => state === "open").length, CODE_LIMITS.addressPerDay);
    assert.equal((await ask(bench, { addressHash }, later(24 * HOUR_MS))).state, "open");
  });

  test("one conversation asks three times an hour, whatever the address", async () => {
    const conversationId = bench.id("conversation");
    const states: string[] = [];
    for (let times = 0; times < 4; times += 1)
      states.push((await ask(bench, { conversationId })).state);
    assert.deepEqual(states, ["open", "open", "open", "limited"]);
  });

  test("codes that were not sent use up nothing of the sixty, and the sixty hold for known and unknown alike", async () => {
    const day = later(60 * 24 * HOUR_MS);
    for (let times = 0; times < 70; times += 1)
      assert.equal((await ask(bench, { emailOnFile: null }, day)).state, "open");
    const asked = await askedTogether(bench, 61, day);
    assert.deepEqual(
      asked.map(({ limitedBy }) => limitedBy).filter((limit) => limit !== null),
      ["overall"],
    );
    assert.equal(Math.max(...asked.map(({ mailed }) => mailed)), CODE_LIMITS.overallPerHour);
    assert.equal((await ask(bench, { emailOnFile: null }, day)).limitedBy, "overall");
  });

  test("one network asks ten times an hour, and another one as often", async () => {
    const networkHash = bench.id("network");
    const day = later(70 * 24 * HOUR_MS);
    const from = async (network: string, at = day) =>
      (await ask(bench, { networkHash: network, emailOnFile: null }, at)).limitedBy;
    for (let times = 0; times < CODE_LIMITS.networkPerHour; times += 1)
      assert.equal(await from(networkHash), null);
    assert.equal(await from(networkHash), "network");
    assert.equal(await from(bench.id("network")), null);
    assert.equal(await from(networkHash, later(70 * 24 * HOUR_MS + HOUR_MS)), null);
  });

  test("one network cannot use up what the owner of an address may ask for elsewhere, in an hour or a day", async () => {
    const addressHash = bench.id("address");
    const [stranger, owner] = [bench.id("network"), bench.id("network")];
    const begin = 80 * 24 * HOUR_MS;
    const from = async (networkHash: string | null, ms: number) =>
      (await ask(bench, { addressHash, networkHash }, later(begin + ms))).limitedBy;
    for (let hour = 0; hour < 20; hour += 1)
      for (let times = 0; times < 5; times += 1) await from(stranger, hour * HOUR_MS);
    assert.equal(await from(stranger, 20 * HOUR_MS), "address");
    for (const network of [owner, owner, owner])
      assert.equal(await from(network, 20 * HOUR_MS), null);
    assert.equal(await from(owner, 20 * HOUR_MS), "address");
    // A mail has no network we know, and counts apart from every one of them.
    assert.equal(await from(null, 20 * HOUR_MS), null);
  });

  test("an unknown address counts and is kept like a known one", async () => {
    const columns = async (emailOnFile: string | null) => {
      const addressHash = bench.id("address");
      const states: string[] = [];
      const at = later(50 * 24 * HOUR_MS);
      for (let times = 0; times < 4; times += 1)
        states.push((await ask(bench, { addressHash, emailOnFile }, at)).state);
      return states;
    };
    assert.deepEqual(await columns(null), await columns("ann@customer.test"));
  });

  test("after a day everything about it is forgotten", async () => {
    const { id } = await ask(bench, {}, later(100 * 24 * HOUR_MS));
    await enter(bench, id, "wrong", later(100 * 24 * HOUR_MS));
    const now = later(101 * 24 * HOUR_MS + 1);
    const cutoffs = cutoffsAt(now, { contentDays: 90, auditMonths: 24 });
    for (const rule of RETENTION_RULES.filter(({ name }) => name.endsWith("codes")))
      while (isFull(await bench.run((transaction) => rule.remove(transaction, cutoffs, now))));
    assert.equal(await stateOf(bench, id), undefined);
    assert.equal(
      await bench.count(sql`select count(*) from challenge_try where challenge_id = ${id}`),
      0,
    );
  });

  test("a conversation knows its codes of the last hour, oldest first", async () => {
    const conversationId = bench.id("conversation");
    const old = await ask(bench, { conversationId });
    const young = await ask(bench, { conversationId }, later(MINUTE_MS));
    await ask(bench);
    const known = async (at: number) =>
      (await bench.run(knownCodes, conversationId, [], later(at))).challenges.map(({ id }) => id);
    assert.deepEqual(await known(2 * MINUTE_MS), [old.id, young.id]);
    assert.deepEqual(await known(HOUR_MS), [young.id]);
  });

  test("the owner of a code is known from the messages that asked, when they are of one writer", async () => {
    const conversationId = await bench.conversation();
    const [ann, bob, note] = [bench.id("m"), bench.id("m"), bench.id("m")];
    const author = (id: string, kind: "requester" | "teammate" = "requester") => ({
      author: { kind, id, name: "" },
    });
    await bench.run(
      addMessages,
      conversationId,
      [
        messageOf(ann, author("ann")),
        messageOf(bob, author("bob")),
        messageOf(note, author("dana", "teammate")),
      ],
      NOW,
    );
    const of = async (keys: readonly string[], conversation = conversationId) =>
      (await bench.run(codeAskedBy, conversation, keys)).authorId;
    assert.equal(await of([ann]), "ann");
    assert.equal(await of([ann, bob]), null);
    assert.equal(await of([note]), null);
    assert.equal(await of([ann], await bench.conversation()), null);
  });
});

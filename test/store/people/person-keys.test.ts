/** The audit knows people by pseudonyms that can be made to lead nowhere, without a word of it being changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { appendAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { forgetPerson, personPseudonym } from "#store/people/person-names.ts";
import { NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

const SECRET = "the secret of this installation";

function pseudonym(bench: StoreBench, person: string, secret = SECRET): Promise<string> {
  return bench.run(personPseudonym, person, secret);
}

onEveryDatabase("pseudonyms", (bench) => {
  test("one person has one pseudonym, however the address is spelled, and no other person has it", async () => {
    const sam = await pseudonym(bench, "sam@ourshop.test");
    assert.equal(await pseudonym(bench, " Sam@OurShop.test "), sam);
    assert.notEqual(await pseudonym(bench, "lea@ourshop.test"), sam);
    assert.match(sam, /^[0-9a-f]{16}$/);
  });

  test("two who need the same person's key for the first time get the same one", async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => pseudonym(bench, "new@ourshop.test")),
    );
    assert.equal(new Set(all).size, 1);
  });

  test("neither the person nor an unkeyed digest of them is in the table", async () => {
    await pseudonym(bench, "dana@ourshop.test");
    await pseudonym(bench, "dana@ourshop.test", "another installation");
    const rows = await bench.rows(
      z.object({ person: z.string(), key: z.string() }),
      sql`select person, key from person_key`,
    );
    assert.ok(rows.length >= 2);
    assert.ok(!JSON.stringify(rows).includes("dana"));
    assert.equal(new Set(rows.map(({ person }) => person)).size, rows.length);
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  });

  test("forgetting a person changes no entry, and nothing leads to them any more", async () => {
    const before = await pseudonym(bench, "gone@ourshop.test");
    await bench.run(appendAudit, { kind: "vote", data: { voter: before } }, NOW);
    const verified = await bench.run(verifyAudit);
    assert.equal(verified.brokenAt, null);

    assert.equal(await bench.run(forgetPerson, "Gone@ourshop.test", SECRET), true);
    assert.deepEqual(await bench.run(verifyAudit), verified);
    // An attacker with the whole database and the secret who guesses the right person computes something else.
    assert.notEqual(await pseudonym(bench, "gone@ourshop.test"), before);
    assert.equal(await bench.run(forgetPerson, "never@ourshop.test", SECRET), false);
  });

  test("a person who is needed in the middle of a transaction does not wait for a transaction that waits for it", async () => {
    const people = Array.from({ length: 6 }, (_, index) => `busy-${index % 2}@ourshop.test`);
    await Promise.all(
      people.map((person) =>
        bench.run(async (transaction) => {
          await appendAudit(transaction, { kind: "asked", data: {} }, NOW);
          const voter = await personPseudonym(transaction, person, SECRET);
          await appendAudit(transaction, { kind: "vote", data: { voter } }, NOW);
        }),
      ),
    );
    assert.equal((await bench.run(verifyAudit)).brokenAt, null);
  });
});

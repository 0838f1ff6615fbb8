/** A changed secret of the installation loses nothing that the one before made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import {
  instanceProof,
  isOurOwn,
  messageIdsInTokens,
  subjectTag,
  subjectTagsIn,
  tokenAddress,
} from "#email/threading/thread-keys.ts";
import { readHead } from "#email/mime/headers.ts";
import { acceptedKeys, currentKey } from "#core/connection/signing-keys.ts";
import { canaryFinder, canaryMark } from "#guard/output/leaks.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { rotateSecret } from "#cli/data-commands.ts";
import { erasedAt, listedName } from "#jobs/privacy/erase-person.ts";
import type { Store } from "#store/db/database.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { sql } from "#store/db/drizzle.ts";
import { installationSecrets, type SecretName } from "#store/db/installation-secrets.ts";
import { forgetPerson, personPseudonym } from "#store/people/person-names.ts";
import { NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

const OLD = "the secret before the change";
const NEW = "the secret after the change";
/** As a process started after the change has them. */
const CHANGED = [NEW, OLD] as const;
const ID = `r.${"0123456789abcdef".repeat(2)}@ourshop.test`;

test("marks in mails that were sent before a change are known after it, and those of a stranger never", () => {
  const before = { instance: "i", secret: OLD, messageIdDomain: "ourshop.test" };
  const own = { ...before, secret: CHANGED };
  const stranger = { ...own, secret: "a secret of somebody else" };
  const address = tokenAddress("t", "help@ourshop.test", ID, before) ?? "";
  const tag = subjectTag(ID, before);
  const mail = headOf({
    "Message-ID": `<${ID}>`,
    "X-Deskhand-Instance": instanceProof(ID, before),
  });
  assert.deepEqual(messageIdsInTokens(headOf({ To: address }), "t", own), [ID]);
  assert.deepEqual(subjectTagsIn(`Re: order ${tag}`, own), [tag]);
  assert.ok(isOurOwn(mail, own));
  assert.notEqual(tokenAddress("t", "help@ourshop.test", ID, own), address);
  assert.deepEqual(messageIdsInTokens(headOf({ To: address }), "t", stranger), []);
  assert.deepEqual(subjectTagsIn(`Re: order ${tag}`, stranger), []);
  assert.ok(!isOurOwn(mail, stranger));
});

function headOf(fields: Readonly<Record<string, string>>) {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return readHead(new TextEncoder().encode(`${lines.join("")}\r\n`));
}

test("a one-time code that was asked for before a change is the right one after it, and hidden in texts", () => {
  const [before, after] = [oneTimeCodes(OLD), oneTimeCodes(CHANGED)];
  fc.assert(
    fc.property(fc.string(), (id) => {
      const sent = before.codeOf(id);
      assert.ok(after.hashesOf(id, sent).includes(before.hashOf(id, sent)));
      assert.ok(after.codesOf(id).includes(sent));
    }),
  );
  assert.notEqual(after.hashOf("code_1", "1"), before.hashOf("code_1", "1"));
});

test("a leaked mark is found whichever of the accepted secrets made it", () => {
  const [before, after] = [canaryMark(OLD), canaryMark(CHANGED)];
  const isCanary = canaryFinder(CHANGED);
  assert.notEqual(before, after);
  for (const text of [before, after]) assert.ok(isCanary(`It says ${text}.`));
  assert.ok(!isCanary(`It says ${canaryMark("another secret")}.`));
});

test("a name erased before a change is known to be erased after it", () => {
  const name = { kind: "email" as const, value: "ann@customer.test" };
  const listed = [{ name: listedName(OLD, name), at: NOW }];
  assert.equal(erasedAt(listed, CHANGED, name), NOW);
  assert.equal(erasedAt(listed, CHANGED, { ...name, value: "bob@customer.test" }), null);
});

onEveryDatabase("the installation's secrets", (bench) => {
  const rotate = (name: SecretName) =>
    bench.run((transaction) =>
      rotateSecret(transaction, name, { chatHoursMax: 24, by: "0123456789abcdef", now: NOW }),
    );

  test("a process started after a change signs with the new secret, and accepts the old one for a day", async () => {
    const before = await secretsAt(bench, NOW);
    const old = currentKey(before.chatIdentity);
    const { madeAt, formerUntil, generation } = await rotate("chatIdentity");
    assert.ok(madeAt !== null && formerUntil !== null);
    assert.equal(generation, 2);
    assert.equal(formerUntil.getTime() - madeAt.getTime(), 24 * 3_600_000);
    const { chatIdentity, mail } = await secretsAt(bench, new Date(formerUntil.getTime() - 1));
    const fresh = currentKey(chatIdentity);
    assert.notEqual(fresh, old);
    assert.deepEqual(acceptedKeys(chatIdentity), [fresh, old]);
    assert.deepEqual(acceptedKeys((await secretsAt(bench, formerUntil)).chatIdentity), [fresh]);
    assert.equal(currentKey(mail), currentKey(before.mail));
  });

  test("a person keeps their pseudonym over a change, also in a process that was not started again", async () => {
    const { audit: late } = await secretsAt(bench, NOW);
    const of = (person: string, keys: typeof late) =>
      bench.run((transaction) => personPseudonym(transaction, person, keys));
    const sam = await of("sam@ourshop.test", late);
    await rotate("audit");
    const { audit } = await secretsAt(bench, NOW);
    assert.notEqual(currentKey(audit), currentKey(late));
    assert.equal(await of("sam@ourshop.test", audit), sam);
    assert.equal(await of("sam@ourshop.test", late), sam);
    const lea = await of("lea@ourshop.test", audit);
    assert.equal(await of("lea@ourshop.test", late), lea);
    assert.ok(
      await bench.run((transaction) => forgetPerson(transaction, "sam@ourshop.test", late)),
    );
    assert.notEqual(await of("sam@ourshop.test", audit), sam);
  });

  test("the audit tells of the change without the secret, and its chain verifies", async () => {
    await rotate("mail");
    const { brokenAt } = await bench.run(verifyAudit);
    assert.equal(brokenAt, null);
    const entries = await bench.rows(
      z.object({ data: z.unknown() }),
      sql`select data from audit where kind = 'secret_rotated' and data ->> 'secret' = 'mail'`,
    );
    assert.deepEqual(entries, [
      { data: { secret: "mail", generation: 2, by: "0123456789abcdef" } },
    ]);
    const { mail } = await secretsAt(bench, NOW);
    for (const value of acceptedKeys(mail)) assert.ok(!JSON.stringify(entries).includes(value));
  });
});

/** As a process has them that starts at this moment. */
function secretsAt(bench: StoreBench, moment: Date) {
  const store: Store = {
    kind: bench.kind,
    run: (work, ...given) => bench.run(work, ...given),
    close: async () => undefined,
  };
  return installationSecrets(store, { now: () => moment });
}

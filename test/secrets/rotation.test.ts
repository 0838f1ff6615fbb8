/** A changed secret of the installation loses nothing that the one before made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { instanceProof, isOurOwn } from "#email/threading/thread-keys.ts";
import { readHead } from "#email/mime/headers.ts";
import {
  messageIdsInTokens,
  subjectTag,
  subjectTagsIn,
  tokenAddress,
} from "#email/threading/reply-tokens.ts";
import { acceptedKeys, currentKey, type SigningKeys } from "#core/connection/signing-keys.ts";
import { canaryFinder, canaryMaker } from "#guard/output/canary.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-code.ts";
import { rotateSecret } from "#jobs/operating/rotate-secret.ts";
import { isListed, listedName } from "#jobs/privacy/erase-person.ts";
import type { Store } from "#store/db/database.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { sql } from "#store/db/drizzle.ts";
import { followSecrets } from "#store/db/follow-secrets.ts";
import {
  readSecrets,
  secretsFrom,
  secretsIn,
  type SecretName,
  USED_AFTER_MS,
} from "#store/db/installation-secrets.ts";
import { forgetPerson, pseudonymOf } from "#store/people/person-keys.ts";
import { NOW, onEveryDatabase, silentLog, type StoreBench } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

/** One key that gives way to another at `NOW`, as a process sees it at the moment the clock shows. */
function changed(clock: { at: Date }): SigningKeys {
  const at = (moment: Date): string => (moment < NOW ? OLD : NEW);
  return { at, current: () => at(clock.at), accepted: () => [NEW, OLD] };
}

const OLD = "the secret before the change";
const NEW = "the secret after the change";
const BEFORE = new Date(NOW.getTime() - 1_000);
const AFTER = new Date(NOW.getTime() + 1_000);
const ID = `r.${"0123456789abcdef".repeat(2)}@ourshop.test`;

test("marks in mails that were sent before a change are known after it, and those of a stranger never", () => {
  const clock = { at: BEFORE };
  const own = { instance: "i", secret: changed(clock), messageIdDomain: "ourshop.test" };
  const stranger = { ...own, secret: "a secret of somebody else" };
  const address = tokenAddress("t", "help@ourshop.test", ID, own) ?? "";
  const tag = subjectTag(ID, own);
  const mail = headOf({ "Message-ID": `<${ID}>`, "X-Deskhand-Instance": instanceProof(ID, own) });
  clock.at = AFTER;
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

test("a one-time code that was asked for before a change is the right one after it", () => {
  const clock = { at: BEFORE };
  const codes = oneTimeCodes(changed(clock));
  fc.assert(
    fc.property(fc.string(), (id) => {
      clock.at = BEFORE;
      const sent = codes.codeOf(id, BEFORE);
      const stored = codes.hashOf(id, BEFORE, sent);
      clock.at = AFTER;
      assert.equal(codes.codeOf(id, BEFORE), sent);
      assert.equal(codes.hashOf(id, BEFORE, sent), stored);
    }),
  );
  assert.notEqual(codes.hashOf("code_1", AFTER, "1"), codes.hashOf("code_1", BEFORE, "1"));
});

test("a leaked mark is found whichever of the accepted secrets made it", () => {
  const clock = { at: BEFORE };
  const mark = canaryMaker(changed(clock));
  const isCanary = canaryFinder(changed(clock));
  const before = mark("turn_1");
  clock.at = AFTER;
  assert.notEqual(mark("turn_1"), before);
  for (const text of [before, mark("turn_1")]) assert.ok(isCanary(`It says ${text}.`));
  assert.ok(!isCanary(`It says ${canaryMaker("another secret")("turn_1")}.`));
});

test("a name erased before a change is known to be erased after it", () => {
  const clock = { at: BEFORE };
  const keys = changed(clock);
  const name = { kind: "email" as const, value: "ann@customer.test" };
  const listed = new Set([listedName(keys, name)]);
  clock.at = AFTER;
  assert.ok(isListed(listed, keys, name));
  assert.ok(!isListed(listed, keys, { ...name, value: "bob@customer.test" }));
});

onEveryDatabase("the installation's secrets", (bench) => {
  const rotate = (name: SecretName) =>
    bench.run((transaction) =>
      rotateSecret(transaction, name, { chatHoursMax: 24, by: "0123456789abcdef", now: NOW }),
    );

  test("a new secret is accepted at once, used a minute later, and the old one accepted for a day after that", async () => {
    const clock = { at: NOW };
    const before = secretsFrom(await known(bench), { now: () => clock.at });
    const old = currentKey(before.chatIdentity);
    const { usedFrom, formerUntil, generation } = await rotate("chatIdentity");
    assert.ok(usedFrom !== null && formerUntil !== null);
    assert.equal(generation, 2);
    assert.equal(formerUntil.getTime() - usedFrom.getTime(), 24 * 3_600_000);
    const { chatIdentity: keys, mail } = secretsFrom(await known(bench), { now: () => clock.at });
    const [fresh = ""] = acceptedKeys(keys);
    const seen = (at: Date) => {
      clock.at = at;
      return { signs: currentKey(keys), accepts: acceptedKeys(keys) };
    };
    const moment = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
    assert.deepEqual(seen(moment(usedFrom, -USED_AFTER_MS)), { signs: old, accepts: [fresh, old] });
    assert.deepEqual(seen(usedFrom), { signs: fresh, accepts: [fresh, old] });
    assert.deepEqual(seen(moment(formerUntil, -1)), { signs: fresh, accepts: [fresh, old] });
    assert.deepEqual(seen(formerUntil), { signs: fresh, accepts: [fresh] });
    assert.equal(currentKey(mail), currentKey(before.mail));
    await assert.rejects(rotate("chatIdentity"), /is used from .+; change it again after that/);
  });

  test("a running process hears of a change, and a version that knows no change goes on with the first", async () => {
    const store = storeOf(bench);
    const far = new Date(Date.now() + 3_600_000);
    const followed = await followSecrets(store, {
      clock: { now: () => far },
      log: silentLog,
    });
    const { secrets } = followed;
    const before = currentKey(secrets.canary);
    await rotate("canary");
    await until("the new secret", async () => currentKey(secrets.canary) !== before);
    followed.stop();
    const [row] = await bench.rows(
      z.object({ value: z.object({ canary: z.string() }) }),
      sql`select value from setting where name = 'secrets'`,
    );
    assert.equal(row?.value.canary, before);
  });

  test("a person keeps their pseudonym over a change, also where a process has not heard of it", async () => {
    const late = secretsFrom(await known(bench), { now: () => NOW }).audit;
    const of = (person: string, keys: typeof late) =>
      bench.run((transaction) => pseudonymOf(transaction, person, keys));
    const sam = await of("sam@ourshop.test", late);
    await rotate("audit");
    const far = { now: () => new Date(Date.now() + 3_600_000) };
    const { audit } = secretsFrom(await known(bench), far);
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
    const { mail } = secretsFrom(await known(bench), { now: () => NOW });
    for (const value of acceptedKeys(mail)) assert.ok(!JSON.stringify(entries).includes(value));
  });
});

function storeOf(bench: StoreBench): Store {
  return { kind: bench.kind, run: (work) => bench.run(work), close: async () => undefined };
}

async function known(bench: StoreBench) {
  await readSecrets(storeOf(bench));
  const found = await bench.run(secretsIn);
  assert.ok(found !== null);
  return () => found;
}

/** Mail of Microsoft's customers, whose signature covers neither To nor Cc: a second witness proves it, and a replay has none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { benchForTests, resolved } from "#test/email/bench.ts";
import { signed, topped, written, type Written } from "#test/email/mails.ts";

/** As in the public signatures of Microsoft 365 from 2019 on; the headers of its own behind these have changed since. */
const MICROSOFT =
  "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck:X-MS-Exchange-AntiSpam-MessageData-ChunkCount:X-MS-Exchange-AntiSpam-MessageData-0";
const FROM_ANN = "spf=pass (sent by 192.0.2.1) smtp.mailfrom=ann@customer.test";

const bench = benchForTests({ ownServer: { authservId: "mx.ourshop.test", hops: 1 } });
const unaware = benchForTests();

/** A mail that Ann wrote, as Microsoft signs it. */
function fromAnn(id: string, mail: Written = {}): Promise<Buffer> {
  const named = written({ messageId: `<${id}@customer.test>`, ...mail });
  return signed(named, "customer.test", { headerList: MICROSOFT });
}

/** The same as our own server hands it on. */
function arrived(raw: Buffer, spf = FROM_ANN): Buffer {
  return topped(
    raw,
    `Authentication-Results: mx.ourshop.test; ${spf}; dkim=pass header.d=customer.test; dmarc=pass`,
    "Received: from mail.customer.test by mx.ourshop.test; Fri, 20 Nov 2026 10:00:00 +0000",
  );
}

function minutesAgo(minutes: number): readonly [string, string] {
  const at = new Date(Date.now() - minutes * 60_000);
  return ["Date", at.toUTCString().replace("GMT", "+0000")];
}

async function identityOf(raw: Buffer, { channel } = bench): Promise<IdentityEvidence> {
  const [message] = (await resolved(channel, raw)).messages;
  assert.ok(message);
  return message.identity;
}

async function assertClaimed(raw: Buffer, reason: RegExp, at = bench): Promise<void> {
  const { reason: given, ...identity } = await identityOf(raw, at);
  assert.deepEqual(identity, {
    level: 1,
    method: "claimed",
    handle: { kind: "email", email: "ann@customer.test" },
  });
  assert.match(given, reason);
}

test("an honest mail is level 2 by two witnesses, and still is when it is read again; to change something it is a claim", async () => {
  const raw = arrived(await fromAnn("honest"));
  const identity = await identityOf(raw);
  assert.deepEqual(identity, {
    level: 2,
    actingLevel: 1,
    method: "dkim+spf",
    reason:
      "DKIM signature of customer.test matches the From address, and our mail server says spf=pass for it",
    handle: { kind: "email", email: "ann@customer.test" },
  });
  assert.deepEqual(await identityOf(raw), identity);
  const domainAlone = arrived(await fromAnn("domain"), "spf=pass smtp.mailfrom=customer.test");
  assert.equal((await identityOf(domainAlone)).level, 2);
});

test("sent again from another server, it is a claim", async () => {
  const raw = await fromAnn("other-server");
  await assertClaimed(
    arrived(raw, "spf=pass smtp.mailfrom=mallory@evil.test"),
    /neither To nor Cc, and our mail server .* does not say that a server of customer\.test sent it/,
  );
  // The rejection of the envelope sender, of HELO alone, and of what one server says twice.
  for (const spf of [
    "spf=fail smtp.mailfrom=ann@customer.test",
    "spf=pass smtp.helo=customer.test",
    `${FROM_ANN}; spf=fail smtp.mailfrom=mallory@evil.test`,
    "spf=pass smtp.mailfrom=mallory@evil.test smtp.mailfrom=ann@customer.test",
    "spf=pass smtp.mailfrom=mallory@customer.test",
    'spf=pass smtp.mailfrom="x; spf=pass smtp.mailfrom=ann@customer.test"@evil.test',
    "spf=none",
  ])
    await assertClaimed(arrived(raw, spf), /does not say that a server of customer\.test sent it/);
});

test("forwarded with a rewritten envelope sender, it is a claim", async () => {
  const srs = "spf=pass smtp.mailfrom=bob+srs=x1=y2=customer.test=ann@elsewhere.test";
  await assertClaimed(arrived(await fromAnn("forwarded"), srs), /does not say that a server/);
});

test("16 minutes old, or dated ahead, it is a claim; 14 minutes old it is not", async () => {
  const late = arrived(await fromAnn("late", { headers: [minutesAgo(16)] }));
  await assertClaimed(late, /older than 15 minutes and covers neither To nor Cc/);
  const ahead = arrived(await fromAnn("ahead", { headers: [minutesAgo(-16)] }));
  await assertClaimed(ahead, /dated in the future/);
  const inTime = arrived(await fromAnn("in-time", { headers: [minutesAgo(14)] }));
  assert.equal((await identityOf(inTime)).level, 2);
});

test("a second mail under one Message-ID is a claim, whichever way it is made another mail", async () => {
  const raw = await fromAnn("twice");
  assert.equal((await identityOf(arrived(raw))).level, 2);
  const other = await fromAnn("twice", { text: "And refund me." });
  await assertClaimed(arrived(other), /was believed before/);
  // A signature that leaves the Message-ID open makes the same bytes another mail.
  const again = topped(raw, "DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=t; h=from; b=AA==");
  await assertClaimed(arrived(again), /was believed before/);
});

test("without a name for our own server there is no second witness, and the advice says so", async () => {
  await assertClaimed(arrived(await fromAnn("alone")), /no second witness is set up/, unaware);
});

test("a mail that shows no address of ours is a claim, and so is one whose signature names others", async () => {
  const toBob = await fromAnn("to-bob", { to: "bob@elsewhere.test" });
  await assertClaimed(arrived(toBob), /no address of ours stands in To or Cc/);
  const signedTo = await signed(
    written({ messageId: "<signed-to@customer.test>", to: "bob@elsewhere.test" }),
    "customer.test",
    { headerList: `${MICROSOFT}:To` },
  );
  await assertClaimed(
    arrived(topped(signedTo, "Cc: support@ourshop.test")),
    /no address of ours stands in a signed To or Cc/,
  );
});

/** Mail of Microsoft's customers, whose signature covers neither To nor Cc: a second witness proves it, and a replay has none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { benchForTests, deliveryOf, messageOf } from "#test/email/bench.ts";
import { signal } from "#test/email/outbound/sending-bench.ts";
import { fromAnn, mailDate, MICROSOFT, signed, topped, written } from "#test/email/mails.ts";

const FROM_ANN = "spf=pass (sent by 192.0.2.1) smtp.mailfrom=ann@customer.test";

const bench = benchForTests({
  ownServer: { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: true },
});
const unaware = benchForTests();
const twoHosts = benchForTests({
  ownServer: { authservId: "mx.ourshop.test", hops: 1, isSole: false, isWitness: true },
});
const notSwitchedOn = benchForTests({
  ownServer: { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: false },
});
const atGmail = benchForTests({
  ownServer: { authservId: "mx.google.com", hops: 2, isSole: true, isWitness: true },
});

/** The same as our own server hands it on. */
function arrived(raw: Buffer, spf = FROM_ANN): Buffer {
  return topped(
    raw,
    `Authentication-Results: mx.ourshop.test; ${spf}; dkim=pass header.d=customer.test; dmarc=pass`,
    "Received: from mail.customer.test by mx.ourshop.test; Fri, 20 Nov 2026 10:00:00 +0000",
  );
}

function minutesAgo(minutes: number): readonly [string, string] {
  return ["Date", mailDate(new Date(Date.now() - minutes * 60_000))];
}

async function identityOf(raw: Buffer, { channel } = bench): Promise<IdentityEvidence> {
  return (await messageOf(channel, raw)).identity;
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
  const raw = arrived(await fromAnn("off"));
  await assertClaimed(raw, /no second witness is set up/, notSwitchedOn);
});

test("where another inbox is behind another server, ours is no second witness", async () => {
  const raw = arrived(await fromAnn("two-hosts"));
  await assertClaimed(raw, /not all inboxes are behind mx\.ourshop\.test/, twoHosts);
});

test("Gmail's trace fields are read as it writes them, and a stranger's below them never", async () => {
  const verdict = (spf: string): string =>
    `Authentication-Results: mx.google.com; dkim=pass header.i=@customer.test; spf=pass (google.com: domain of ${spf} designates 192.0.2.1 as permitted sender) smtp.mailfrom=${spf}; dmarc=pass (p=REJECT) header.from=customer.test`;
  const gmail = async (id: string, ...between: readonly string[]) =>
    topped(
      await fromAnn(id),
      "Delivered-To: support@ourshop.test",
      "Received: by 2002:a05:6358:1 with SMTP id x1; Thu, 26 Nov 2026 10:00:01 -0800 (PST)",
      "X-Received: by 2002:a17:906:1 with SMTP id x2; Thu, 26 Nov 2026 10:00:00 -0800 (PST)",
      "ARC-Authentication-Results: i=1; mx.google.com; spf=pass smtp.mailfrom=ann@customer.test",
      "Return-Path: <ann@customer.test>",
      "Received: from mail.customer.test by mx.google.com with ESMTPS id x3; Thu, 26 Nov 2026 10:00:00 -0800",
      ...between,
    );
  const spf = "Received-SPF: pass (google.com: domain of ann@customer.test) client-ip=192.0.2.1;";
  const honest = await gmail("gmail", spf, verdict("ann@customer.test"));
  assert.equal((await identityOf(honest, atGmail)).level, 2);
  const forged = verdict("ann@customer.test");
  for (const lines of [
    [spf, verdict("mallory@evil.test"), forged],
    [spf, "Received: from a by b; Thu, 26 Nov 2026 10:00:00 -0800", forged],
    [spf, "X-Other: here", forged],
  ])
    await assertClaimed(await gmail("gmail-forged", ...lines), /does not say that/, atGmail);
});

test("a domain alone counts only where it is the sender's own and has a policy", async () => {
  const parent = arrived(await fromAnn("parent"), "spf=pass smtp.mailfrom=mail.customer.test");
  await assertClaimed(parent, /does not say that a server of customer\.test sent it/);
  const plain = await signed(
    written({ messageId: "<plain@plain.test>", from: "Pia <pia@plain.test>" }),
    "plain.test",
    { headerList: MICROSOFT },
  );
  const identity = await identityOf(arrived(plain, "spf=pass smtp.mailfrom=plain.test"));
  assert.deepEqual([identity.level, identity.actingLevel], [1, undefined]);
});

test("read long after its server got it, a mail is as old as it was then", async () => {
  const at = new Date(Date.now() - 3 * 86_400_000);
  const raw = arrived(await fromAnn("late-read", { headers: [["Date", mailDate(at)]] }));
  const levelWhen = async (minutes: number): Promise<number | undefined> => {
    const arrivedAt = new Date(at.getTime() + minutes * 60_000).toISOString();
    const delivery = deliveryOf(raw);
    const headers = { ...delivery.headers, "x-arrived": arrivedAt };
    const [hint] = bench.channel.receive({ ...delivery, headers });
    assert.ok(hint);
    const { messages } = await bench.channel.resolve(hint, {
      ...delivery,
      proofs: new Map(),
      signal: signal(),
    });
    return messages[0]?.identity.level;
  };
  assert.equal(await levelWhen(16), 1);
  assert.equal(await levelWhen(14), 2);
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

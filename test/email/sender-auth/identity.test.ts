import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { readHead } from "#email/mime/headers.ts";
import { trustedReplyTo } from "#email/sender-auth/sender-identity.ts";
import { benchForTests, messageOf, resolved } from "#test/email/bench.ts";
import { signed, written, topped } from "#test/email/mails.ts";
import { limitedDns, cachedDns } from "#email/sender-auth/dkim.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { examined, OF_ANN } from "./judged.ts";

const bench = benchForTests();

async function identityOf(raw: Uint8Array): Promise<IdentityEvidence> {
  return (await messageOf(bench.channel, raw)).identity;
}

test("the sandbox's own signed mail is verified over its DNS, its unsigned mail is not", async () => {
  const { sandbox } = bench;
  const channel = bench.again({ resolver: sandbox.resolver, startAt: "all" });
  const levels = new Map<string, number>();
  for (const isSigned of [true, false])
    await sandbox.send({
      from: "ann@customer.test",
      to: sandbox.address,
      subject: isSigned ? "signed" : "unsigned",
      text: "Where is my order?",
      signed: isSigned,
    });
  const both = Promise.withResolvers<void>();
  await channel.start(async ({ body }) => {
    const { subject, messages } = await resolved(channel, body);
    levels.set(subject, messages[0]?.identity.level ?? -1);
    if (levels.size === 2) both.resolve();
  });
  await both.promise;
  await channel.stop();
  assert.deepEqual(Object.fromEntries(levels), { signed: 2, unsigned: 1 });
});

test("without a DMARC policy the signature alone decides, and must cover all of the mail", async () => {
  const raw = written({ from: "Pia <pia@plain.test>", text: "Hi.\r\nRefund me, too." });
  assert.equal((await identityOf(await signed(raw, "plain.test"))).level, 2);
  assert.equal((await identityOf(await signed(raw, "evil.test"))).level, 1);
  const part = await identityOf(await signed(raw, "plain.test", { maxBodyLength: 5 }));
  assert.equal(part.level, 1);
  assert.match(part.reason, /only part/);
});

test("a Reply-To is followed only when it is signed and stays in the sender's organisation", async () => {
  const to = async (replyTo: string, headerList?: string): Promise<unknown> => {
    const raw = written({ headers: [["Reply-To", replyTo]] });
    const options = headerList === undefined ? {} : { headerList };
    return (await messageOf(bench.channel, await signed(raw, "customer.test", options))).answerTo
      ?.address["to"];
  };
  assert.equal(await to("office@customer.test"), "office@customer.test");
  assert.equal(await to("office@desk.customer.test"), "office@desk.customer.test");
  assert.equal(await to("office@customer.test", "from:to:subject:date"), "ann@customer.test");
  assert.equal(await to("ann@evil.test"), "ann@customer.test");
  assert.equal(await to("ann@evilcustomer.test"), "ann@customer.test");
  assert.equal(await to("ann@customer.test.evil.test"), "ann@customer.test");
  assert.equal(await to("a@customer.test, b@customer.test"), "ann@customer.test");
});

test("a domain without a policy has no organisation beyond itself for a Reply-To", async () => {
  const to = async (replyTo: string): Promise<unknown> => {
    const raw = written({
      from: "pia@plain.test",
      messageId: `<${replyTo}>`,
      headers: [["Reply-To", replyTo]],
    });
    return (await messageOf(bench.channel, await signed(raw, "plain.test"))).answerTo?.address[
      "to"
    ];
  };
  assert.equal(await to("office@plain.test"), "office@plain.test");
  assert.equal(await to("office@desk.plain.test"), "pia@plain.test");
});

test("whatever Reply-To says, account data goes to the address that was proven", async () => {
  const raw = written({ headers: [["Reply-To", "office@customer.test"]] });
  const { answerTo, answerPrivatelyTo } = await messageOf(bench.channel, await signed(raw));
  assert.equal(answerTo?.audience, "shared");
  assert.equal(answerPrivatelyTo?.audience, "private");
  assert.equal(answerPrivatelyTo?.address["to"], "ann@customer.test");
  const plain = await messageOf(bench.channel, await signed(written({})));
  assert.equal(plain.answerTo?.audience, "private");
  assert.equal(plain.answerPrivatelyTo, null);
});

test("a Reply-To of a sender who is not verified is not followed, whatever a signature covers", async () => {
  const raw = written({ headers: [["Reply-To", "office@customer.test"]] });
  const { answerTo, identity } = await messageOf(bench.channel, raw);
  assert.equal(answerTo?.address["to"], "ann@customer.test");
  assert.equal(identity.level, 1);
  const covered = { evidence: identity, signedHeaders: ["from", "reply-to"], organisation: null };
  assert.deepEqual(trustedReplyTo(readHead(raw), "ann@customer.test", covered), {
    address: null,
    ignored: "the sender is not verified",
  });
});

/** A name server that answers what it is told to, and counts. */
function nameServer(answers: readonly (string | Error)[]) {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (name: string, type: string): Promise<string[][]> => {
      asked.push(`${type} ${name}`);
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? failure("ENOTFOUND");
      return [[answer]];
    },
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function clockAt(start: number) {
  let at = start;
  return { now: () => new Date(at), pass: (ms: number) => void (at += ms) };
}

const MINUTE_MS = 60_000;
const LIMITS = { mailMs: 5_000, questionsMax: 5, pausesMs: [] };

test("that there is nothing is remembered for a minute, a failure not at all", async () => {
  const clock = clockAt(0);
  const server = nameServer([failure("ENOTFOUND"), failure("ESERVFAIL"), "found"]);
  const dns = cachedDns(server.resolve, clock);
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ENOTFOUND" });
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ENOTFOUND" });
  assert.equal(server.asked.length, 1);
  clock.pass(2 * MINUTE_MS);
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ESERVFAIL" });
  assert.deepEqual(await dns("a.test", "TXT"), [["found"]]);
});

test("a failed question is asked again a few times for each mail, that there is nothing is believed", async () => {
  const shaky = nameServer([failure("ESERVFAIL"), failure("ECONNREFUSED"), "found"]);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const dns = limitedDns(shaky.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  assert.deepEqual(await dns("a.test", "TXT"), [["found"]]);
  const away = nameServer([failure("ESERVFAIL")]);
  const patient = limitedDns(away.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  await assert.rejects(async () => patient("a.test", "TXT"), { code: "ESERVFAIL" });
  await assert.rejects(async () => patient("b.test", "TXT"), { code: "ESERVFAIL" });
  assert.deepEqual(away.asked, ["TXT a.test", "TXT a.test", "TXT a.test", "TXT b.test"]);
  const empty = nameServer([failure("ENODATA")]);
  const once = limitedDns(empty.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  await assert.rejects(async () => once("a.test", "TXT"), { code: "ENODATA" });
  assert.equal(empty.asked.length, 1);
});

test("a name server that never answers holds a mail up for its time and no longer", async () => {
  const silent = limitedDns(
    () => new Promise<never>(() => {}),
    { ...LIMITS, mailMs: 30, pausesMs: [1] },
    AbortSignal.timeout(PATIENCE_MS),
  );
  await assert.rejects(async () => silent("a.test", "TXT"), { code: "ETIMEOUT" });
  await assert.rejects(async () => silent("b.test", "TXT"), { code: "ETIMEOUT" });
});

test("one mail makes us ask a limited number of questions", async () => {
  const server = nameServer(["x"]);
  const dns = limitedDns(server.resolve, LIMITS, AbortSignal.timeout(PATIENCE_MS));
  for (let at = 0; at < 5; at += 1) await dns(`${at}.test`, "TXT");
  await assert.rejects(async () => dns("6.test", "TXT"), { code: "ETIMEOUT" });
  assert.equal(server.asked.length, 5);
});

const OWN = { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: true };
const RECEIVED =
  "Received: from mx.customer.test by mx.ourshop.test; Fri, 20 Nov 2026 10:00:00 +0000";

test("the results of the own server can only speak against a sender, and only the first of them is read", async () => {
  const raw = await signed(written({}));
  const level = async (...lines: string[]): Promise<string> => {
    const { evidence } = await examined(topped(raw, ...lines), { ownServer: OWN });
    return `${evidence.level} ${evidence.reason}`;
  };
  const against = (what: string): string =>
    `1 our mail server mx.ourshop.test says ${what} for customer.test`;
  const said = (results: string): string => `Authentication-Results: MX.ourshop.test 1; ${results}`;
  const agreed = `2 ${OF_ANN}`;
  assert.equal(await level(RECEIVED), agreed);
  assert.equal(await level(said("dkim=pass header.d=customer.test; dmarc=pass"), RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail header.from=customer.test"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(await level(RECEIVED, said("dmarc=fail")), against("dmarc=fail"), "right below");
  assert.equal(await level(RECEIVED, "X-Other: 1", said("dmarc=fail")), agreed, "further down");
  assert.equal(await level(said("dmarc=fail")), agreed, "no Received line at all");
  assert.equal(await level("Authentication-Results: mx.evil.test; dmarc=fail", RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail"), said("dmarc=pass"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(await level(said("dmarc=pass"), said("dmarc=fail"), RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail (but (dmarc=pass; really) x)"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(
    await level(said('dmarc (x) = (y) fail reason="a; dmarc=pass"'), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(
    await level(said("dkim=none; spf=pass smtp.mailfrom=customer.test"), RECEIVED),
    against("dkim=none"),
  );
  assert.equal(await level(said("dkim=pass header.d=evil.test"), RECEIVED), against("dkim=pass"));
  const hidden = "dkim=none (not (really); dkim=pass header.d=customer.test)";
  assert.equal(await level(said(hidden), RECEIVED), against("dkim=none"));
  assert.equal(await level(said("dkim=temperror"), RECEIVED), agreed);
  assert.equal(await level(said("none"), RECEIVED), agreed);
});

test("with two own servers the headers between them count, too", async () => {
  const raw = await signed(written({}));
  const said = "Authentication-Results: mx.ourshop.test; dmarc=fail";
  const mail = topped(raw, RECEIVED, "X-Scanned: yes", said, RECEIVED);
  const level = async (hops: number): Promise<number> =>
    (await examined(mail, { ownServer: { ...OWN, hops } })).evidence.level;
  assert.deepEqual([await level(1), await level(2), await level(3)], [2, 1, 2]);
});

test("whose From names two addresses, in one header or in two, is nobody known and gets no answer", async () => {
  for (const froms of [
    ["Eve <x@evil.test>", "Ann Fields <ann@customer.test>"],
    ["Ann Fields <ann@customer.test>, x@evil.test"],
  ]) {
    const headers = froms.map((from) => ["From", from] as const);
    const said = await messageOf(bench.channel, await signed(written({ headers })));
    assert.deepEqual(
      [said.answerTo, said.answerPrivatelyTo, said.author.id, said.author.name],
      [null, null, "email:unknown", "unknown"],
    );
  }
});

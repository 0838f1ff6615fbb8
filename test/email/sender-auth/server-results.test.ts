import assert from "node:assert/strict";
import { test } from "node:test";
import { examined, OF_ANN } from "./judged.ts";
import { signed, topped, written } from "#test/email/mails.ts";

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

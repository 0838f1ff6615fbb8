import assert from "node:assert/strict";
import { test } from "node:test";
import { authenticate } from "mailauth";
import { useMail } from "./bench.ts";

const bench = useMail();
const DRAFT = {
  from: "ann@customer.test",
  to: "support@ourshop.test",
  subject: "Where is 456?",
  text: "Hello\n",
};

/** The newest mail of the support inbox as a reader over IMAP judges it: no client address, only the bytes. */
async function verdict(
  ip?: string,
): Promise<{ dmarc: string; aligned: boolean; domain: string | undefined }> {
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  const message = await client.fetchOne("*", { source: true });
  assert.ok(message && message.source);
  const result = await authenticate(message.source, {
    resolver: bench.mail.resolver,
    ...(ip === undefined ? {} : { ip, helo: "localhost", sender: DRAFT.from }),
    mta: "deskhand.test",
    trustReceived: false,
    disableBimi: true,
  });
  return {
    dmarc:
      result.dmarc === false || result.dmarc === undefined ? "none" : result.dmarc.status.result,
    aligned:
      result.dkim?.results.some(
        (one) => one.status.result === "pass" && Boolean(one.status.aligned),
      ) ?? false,
    domain: result.dkim?.results[0]?.signingDomain,
  };
}

for (const from of [
  "ann@customer.test",
  "bob@elsewhere.test",
  "cara@customer.test",
  "mallory@evil.test",
]) {
  test(`a mail written on the page as ${from} passes DMARC by an aligned signature`, async () => {
    await bench.write({ ...DRAFT, from });
    assert.deepEqual(await verdict(), { dmarc: "pass", aligned: true, domain: from.split("@")[1] });
  });
}

test("an unsigned mail fails, from the page as over SMTP", async () => {
  await bench.write({ ...DRAFT, signed: false });
  assert.equal((await verdict()).dmarc, "fail");
  await bench.smtp(DRAFT);
  assert.deepEqual(await verdict(), { dmarc: "fail", aligned: false, domain: undefined });
  // Not by its origin either: every sender here is on this machine.
  assert.equal((await verdict("127.0.0.1")).dmarc, "fail");
});

test("keys survive a restart, so that yesterday's mail still verifies", async () => {
  await bench.write({ ...DRAFT, from: "mallory@evil.test" });
  await bench.restart();
  assert.deepEqual(await verdict(), { dmarc: "pass", aligned: true, domain: "evil.test" });
});

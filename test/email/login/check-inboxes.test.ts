/** What the doctor says about inboxes, at servers that are well, locked, away or peculiar, and about their domains. */

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { examineInboxes, examineDomain } from "#email/check-inboxes.ts";
import type { Inbox } from "#email/options.ts";
import { loginStates } from "#email/login/sign-in.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { written } from "#test/email/mails.ts";
import { type Provider, startProvider } from "./sign-in-servers.ts";

const ADDRESS = "support@ourshop.test";
const clock = { now: () => new Date() };
const log = { info: () => {}, warn: () => {}, error: () => {} };
const providers: Provider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((one) => one.close()));
});

async function provider(): Promise<Provider> {
  const started = await startProvider({ user: ADDRESS, now: clock.now });
  providers.push(started);
  return started;
}

function inboxAt(
  { imap, smtp }: Pick<Provider, "imap" | "smtp">,
  pass: string,
  address = ADDRESS,
): Inbox {
  const signIn = { user: ADDRESS, pass };
  return { address, aliases: [], imap: { ...imap, ...signIn }, smtp: { ...smtp, ...signIn } };
}

const shown = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ state, check, found }) =>
    `${state} ${check}: ${found}`.replaceAll(/127\.0\.0\.1:\d+/g, "HERE"),
  );

describe("the doctor at an inbox", () => {
  test("tells what it may do and what it has, and neither marks nor sends anything", async () => {
    const plain = await provider();
    plain.deliver(written({}));
    const findings = await examineInboxes({ inboxes: [inboxAt(plain, "right")], clock, log });
    assert.deepEqual(shown(findings), [
      `ok IMAP login: HERE, no TLS, ${ADDRESS}`,
      "ok INBOX: can be read; 1 mails are there, and what is there at the first start stays untouched",
      "ok IMAP extensions: IDLE, UIDPLUS, SPECIAL-USE",
      "ok Sent folder: “Sent”",
      `ok SMTP login: HERE, no TLS, ${ADDRESS}`,
      "ok SMTP size: mails of up to 35 MB, as the server announces",
    ]);
    assert.deepEqual([plain.state.announced, plain.sent, plain.flags()], [0, [], [[]]]);
  });

  test("says which command a server refuses, that of the sender or that of the recipient", async () => {
    const strict = await provider();
    for (const [command, said] of [
      ["MAIL", "MAIL FROM"],
      ["RCPT", "RCPT TO"],
    ] as const) {
      strict.state.refusesSender = command;
      const findings = await examineInboxes({ inboxes: [inboxAt(strict, "right")], clock, log });
      assert.deepEqual(shown(findings.filter(({ state }) => state !== "ok")), [
        `problem SMTP sender: HERE: the mail server refused: ${said}:<${ADDRESS}>: 553 5.7.1 Sender address rejected: not owned by user`,
      ]);
    }
    assert.equal(strict.state.announced, 0);
  });

  test("names the inbox that is locked, tries it at once, and ends the waiting of others when it opens", async () => {
    const [locked, open] = [await provider(), await provider()];
    const inboxes = [inboxAt(locked, "wrong"), inboxAt(open, "right", "billing@ourshop.test")];
    const accounts = loginStates(inboxes, { clock, log });
    const findings = await examineInboxes({ inboxes, clock, log, accounts });
    const bad = findings.filter(({ state }) => state !== "ok");
    assert.deepEqual(
      bad.map(({ part, check }) => `${part} ${check}`),
      [`email ${ADDRESS} IMAP login`, `email ${ADDRESS} SMTP login`],
    );
    for (const { found, remedy } of bad) {
      assert.match(found, /put user and password right.*a password in a variable needs a restart/);
      assert.match(remedy ?? "", /docs\/email\.md/);
    }
    accounts.of(ADDRESS, "SMTP").refused("once", null);
    locked.state.password = "wrong";
    const later = await examineInboxes({ inboxes, clock, log, accounts });
    assert.ok(later.every(({ state }) => state === "ok"));
    assert.equal(accounts.credentialStates["mail support at ourshop.test"]?.problem(), null);
  });
});

type Zone = Readonly<Record<string, readonly string[]>>;

async function found(zone: Zone, smtpHost = "smtp.shop.test"): Promise<readonly string[]> {
  const findings = await examineDomain(
    { address: "Support@Mail.Shop.test", smtpHost },
    async (name, type) => {
      const texts = type === "TXT" ? zone[name] : undefined;
      if (texts === undefined) throw Object.assign(new Error(name), { code: "ENODATA" });
      // In strings of 255 bytes at most, as they come from a name server.
      return texts.map((text) => text.match(/.{1,20}/g) ?? []);
    },
    findingsAbout("email"),
  );
  for (const { state, remedy } of findings) assert.equal(state === "warning", remedy !== null);
  return findings.map((finding) => `${finding.state} ${finding.check}: ${finding.found}`);
}

const SPF = "v=spf1 include:spf.protection.outlook.com -all";
const DOMAIN = "mail.shop.test";

test("a domain that publishes all is ok, with its own policy or that of the domain above it", async () => {
  const zone = {
    [DOMAIN]: ["google-site-verification=1", SPF],
    "selector2._domainkey.mail.shop.test": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.shop.test": ["v=DMARC1; p=reject"],
  };
  assert.deepEqual(await found(zone, "smtp.office365.com"), [
    `ok SPF: ${DOMAIN}: ${SPF}`,
    `ok DKIM: ${DOMAIN}: v=DKIM1; k=rsa; p=MIIB`,
    `ok DMARC: ${DOMAIN}: v=DMARC1; p=reject`,
  ]);
  const own = { ...zone, "_dmarc.mail.shop.test": ["v=DMARC1; p=none"] };
  assert.ok((await found(own)).includes(`ok DMARC: ${DOMAIN}: v=DMARC1; p=none`));
});

test("what is missing, doubled, taken back or another provider's is named, each with its mend", async () => {
  const lacks = (check: string, where: string): string =>
    `warning ${check}: ${DOMAIN} has no record that counts at ${where}, so answers may end in spam`;
  const nothing = [
    lacks("SPF", DOMAIN),
    lacks("DKIM", `google._domainkey.${DOMAIN}`),
    lacks("DMARC", `_dmarc.${DOMAIN} or _dmarc.shop.test`),
  ];
  assert.deepEqual(await found({}, "smtp.gmail.com"), nothing);
  const wrong = {
    // Of another provider, and a key that was taken back.
    [DOMAIN]: [SPF],
    [`google._domainkey.${DOMAIN}`]: ["v=DKIM1; p="],
    [`_dmarc.${DOMAIN}`]: ["v=DMARC2; p=none"],
  };
  assert.deepEqual(await found(wrong, "smtp.gmail.com"), nothing);
  const [twice] = await found({ [DOMAIN]: [SPF, "v=spf1 mx -all"] });
  assert.equal(twice, lacks("SPF", DOMAIN));
});

test("of another server's keys nothing is known, and DNS that is away says nothing", async () => {
  assert.deepEqual(
    (await found({ [DOMAIN]: ["v=spf1 mx -all"] })).map((line) => line.split(":")[0]),
    ["ok SPF", "warning DMARC"],
  );
  const away = async (): Promise<never> => {
    throw Object.assign(new Error("queryTxt ETIMEOUT"), { code: "ETIMEOUT" });
  };
  const place = { address: "a@shop.test", smtpHost: "smtp.shop.test" };
  const findings = await examineDomain(place, away, findingsAbout("email"));
  assert.deepEqual(
    findings.map(({ state }) => state),
    ["unknown", "unknown"],
  );
});

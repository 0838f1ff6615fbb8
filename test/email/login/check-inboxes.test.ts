/** What the doctor says about inboxes, at servers that are well, locked, away or peculiar. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { examineInboxes } from "#email/check-inboxes.ts";
import type { Inbox } from "#email/options.ts";
import { loginStates } from "#email/login/sign-in.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
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

/**
 * Signing in to mailboxes: tokens that run out or are refused, passwords that are wrong, and inboxes that go on beside
 * one that is broken. Judged by what the servers were told.
 */
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { loginStates } from "#email/login/sign-in.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { configuredConnections, NOTHING_EMBEDDED } from "#connections/connect-all.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { redact } from "#telemetry/log.ts";
import { until } from "#test/support/waiting.ts";
import { resolved } from "#test/email/bench.ts";
import {
  answered,
  arrived,
  BILLING,
  CLIENT_SECRET,
  entry,
  isUnauthorized,
  mail,
  mailboxesForTests,
  MINUTE,
  oauth,
  POSITION,
  SUPPORT,
} from "./sign-in-bench.ts";

const { clock, configWith, lines, log, passwordFile, processFor, provider, store, time } =
  mailboxesForTests();

describe("signing in with a token", () => {
  test("reading, answering and the Sent folder use one token, which is asked for once", async () => {
    const google = await provider();
    const brand = { ...oauth(google, { scope: "mail" }), brand: "outlet" };
    const { channel, subjects, problem } = await processFor([entry(google, SUPPORT, brand)]);
    google.deliver(mail("a"));
    await arrived(subjects, "a");
    await answered(channel, "q1");
    assert.equal(google.sent.length, 1);
    assert.equal((await resolved(channel, mail("of a brand"))).brand, "outlet");
    assert.deepEqual(google.asked, [
      {
        client_id: "deskhand",
        client_secret: CLIENT_SECRET,
        grant_type: "refresh_token",
        refresh_token: "refresh-0",
        scope: "mail",
      },
    ]);
    assert.deepEqual(
      [google.refusals("IMAP"), google.refusals("SMTP"), problem(SUPPORT)],
      [0, 0, null],
    );
  });

  for (const direct535 of [false, true])
    test(`a token that is refused in mid-run is exchanged once, by IMAP and ${direct535 ? "a plain 535" : "a 334 with details"} of SMTP`, async () => {
      const google = await provider();
      google.state.direct535 = direct535;
      const { channel, subjects, problem } = await processFor([
        entry(google, SUPPORT, oauth(google)),
      ]);
      google.state.token = "revoked everything";
      google.cut();
      google.deliver(mail("a"));
      await arrived(subjects, "a");
      assert.deepEqual([google.asked.length, google.refusals("IMAP")], [2, 1]);
      time.aheadMs += 7 * MINUTE;
      // IMAP may look at its inbox at this very moment: a token it found revoked would be new already.
      google.state.smtpRefuses = 1;
      await answered(channel, "q2");
      assert.equal(google.sent.length, 1);
      assert.deepEqual([google.asked.length, google.refusals("SMTP")], [3, 1]);
      assert.equal(problem(SUPPORT), null);
    });

  test("a revoked refresh token is a state with what to do; its issuer is not asked again and again, and another inbox goes on", async () => {
    const [broken, whole] = [await provider(), await provider(BILLING)];
    broken.state.mood = "invalid_grant";
    const { channel, subjects, problem, cursors } = await processFor([
      entry(broken, SUPPORT, oauth(broken)),
      entry(whole, BILLING, oauth(whole)),
    ]);
    for (const name of ["a", "b", "c"]) {
      whole.deliver(mail(name));
      await arrived(subjects, name);
    }
    await assert.rejects(
      answered(channel, "q3"),
      isUnauthorized(/authorize the application once more/),
    );
    assert.match(problem(SUPPORT) ?? "", /IMAP needs login: .*authorize/);
    assert.equal(problem(BILLING), null);
    assert.deepEqual([broken.asked.length, broken.logins.length], [1, 0]);
    broken.state.mood = "good";
    time.aheadMs += 6 * MINUTE;
    await until("the first visit", async () => cursors.rows.has(POSITION));
    broken.deliver(mail("d"));
    await arrived(subjects, "d");
  });
});

describe("signing in with a password", () => {
  test("a wrong one is a state, tried seldom; put right in its file it goes on where it was, without a restart", async () => {
    const plain = await provider();
    const file = passwordFile();
    // At once: a folder's first connection may read it at any moment.
    const write = async (password: string): Promise<void> => {
      await writeFile(`${file}.new`, `${password}\n`);
      await rename(`${file}.new`, file);
    };
    await write("right");
    const { channel, subjects, problem } = await processFor([
      entry(plain, SUPPORT, { password: { file: "password" } }),
    ]);
    plain.deliver(mail("a"));
    await arrived(subjects, "a");
    await write("wrong");
    plain.cut();
    plain.deliver(mail("while it was locked out"));
    await until("the state", async () => problem(SUPPORT) !== null);
    assert.match(problem(SUPPORT) ?? "", /put user and password right/);
    await assert.rejects(answered(channel, "q4"), isUnauthorized(/needs login/));
    assert.equal(plain.sent.length, 0);
    const since = Date.now();
    const before = plain.refusals("IMAP");
    await until("two more tries", async () => plain.refusals("IMAP") >= before + 2);
    assert.ok(Date.now() - since >= 100, "the tries lie apart and grow");
    await write("right");
    await arrived(subjects, "while it was locked out");
    assert.deepEqual(subjects, ["a", "while it was locked out"]);
    await until("the answer", async () => {
      await answered(channel, "q5").catch(() => undefined);
      return plain.sent.length > 0;
    });
    assert.equal(problem(SUPPORT), null);
    assert.equal(lines.filter((line) => line.startsWith("an inbox needs login")).length, 2);
  });

  test("while a server is left alone no call connects to it: a hundred answers are one try", async () => {
    const accounts = loginStates([{ address: SUPPORT }], { clock, log });
    const account = accounts.of(SUPPORT, "SMTP");
    const words = "no";
    // Rounded, since the clock goes on while it is asked.
    assert.equal(Math.round((account.refused(words, null).retryAfterMs ?? 0) / MINUTE), 1);
    for (let round = 0; round < 100; round += 1)
      assert.throws(() => account.check(), isUnauthorized(/no/));
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      time.aheadMs += 15 * MINUTE;
      account.check();
      assert.throws(() => account.check(), isUnauthorized(/no/), "a second one is not let through");
      waits.push(Math.round((account.refused(words, null).retryAfterMs ?? 0) / MINUTE));
    }
    assert.deepEqual(waits, [2, 4, 8, 15, 15, 15]);
  });
});

describe("health", () => {
  test("tells the state of each inbox, under a name that logs do not drop", async () => {
    const plain = await provider();
    const config = await configWith([
      entry(plain, SUPPORT, oauth(plain)),
      { ...entry(plain, BILLING, oauth(plain)), user: BILLING },
    ]);
    const { credentialStates, email } = configuredConnections({
      config,
      embedded: NOTHING_EMBEDDED,
      store: store(),
      clock,
      log,
      policy: loadPolicy(readPolicyFile(config), config.policyFile),
      secrets: await installationSecrets(store(), clock),
    });
    email?.accounts?.of(SUPPORT, "IMAP").refused("no such user", null);
    const told = Object.entries(credentialStates).map(([name, one]) => [
      redact(name),
      one.problem(),
    ]);
    assert.deepEqual(
      told.filter(([name]) => name?.startsWith("mail")),
      [
        ["mail support at ourshop.test", "IMAP needs login: no such user"],
        ["mail billing at ourshop.test", null],
      ],
    );
  });
});

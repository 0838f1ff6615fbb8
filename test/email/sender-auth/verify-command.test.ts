import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command } from "commander";
import { z } from "zod";
import type { ExplainOptions } from "#email/sender-auth/explain-sender.ts";
import { addMailCommands } from "#cli/mail-verify.ts";
import { ownMailServerIn } from "#config/mail.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { resolver, sealed, signed, topped, written } from "#test/email/mails.ts";

const folder = mkdtempSync(join(tmpdir(), "deskhand-verify-"));
after(() => rmSync(folder, { recursive: true }));

const ARRIVED = new Date("2026-03-04T10:20:30Z");
const RECEIVED = "Received: from a by mx.ourshop.test; Wed, 04 Mar 2026 10:20:30 +0000";
const OWN = { authservId: "mx.ourshop.test", hops: 1 };

/** A mail signed on the day it arrived. */
async function ofThatDay(headers: readonly [string, string][] = []): Promise<Buffer> {
  const raw = written({ headers: [...headers, ["Date", "Wed, 04 Mar 2026 10:20:00 +0000"]] });
  return signed(raw, "customer.test", { signTime: ARRIVED });
}

async function verify(
  raw: Uint8Array,
  options: readonly string[] = [],
  mail: Partial<ExplainOptions> = {},
): Promise<string> {
  const file = join(folder, "mail.eml");
  writeFileSync(file, raw);
  let stdout = "";
  const program = new Command();
  const none = (): Promise<never> => Promise.reject(new Error("a saved mail needs no data"));
  const context = {
    store: { kind: "pglite", run: none, close: none },
    clock: { now: () => new Date() },
    mail: { resolver, ownServer: null, ours: null, ...mail },
  } as const;
  addMailCommands(program, context, (text) => (stdout += text));
  await program.parseAsync(["mail", "verify", file, ...options], { from: "user" });
  return stdout;
}

/** The screen as names with their lines, however they are broken. */
function rowsOf(screen: string): Readonly<Record<string, string>> {
  const rows: Record<string, string> = {};
  let current = "";
  for (const line of screen.split("\n")) {
    current = line.slice(0, 14).trim() || current;
    rows[current] = [rows[current] ?? "", line.slice(14).trim()].join(" ").trim();
  }
  return rows;
}

test("a verified sender is explained, as of when the mail arrived", async () => {
  const said = "Authentication-Results: mx.ourshop.test; dkim=pass (good) header.d=customer.test";
  const raw = topped(await ofThatDay([["Reply-To", "office@customer.test"]]), said, RECEIVED);
  const rows = rowsOf(await verify(raw, [], { ownServer: OWN }));
  assert.equal(rows["From"], "Ann Fields <ann@customer.test>");
  assert.equal(rows["Address"], "ann@customer.test");
  assert.equal(rows["Level"], "2, verified");
  assert.equal(rows["Why"], "DKIM signature of customer.test matches the From address.");
  assert.match(rows["DKIM"] ?? "", /^pass: customer\.test, key t; .*whole body; signed 2026-03-04/);
  assert.match(rows["DMARC"] ?? "", /^pass; .*"reject"/);
  assert.match(rows["SPF"] ?? "", /^not used/);
  assert.equal(rows["ARC"], "no seal");
  assert.equal(rows["Your server"], "mx.ourshop.test: dkim=pass header.d=customer.test");
  assert.match(
    rows["Reply-To"] ?? "",
    /^office@customer\.test followed for answers without account data/,
  );
  assert.match(rows["Judged as of"] ?? "", /^2026-03-04 10:20 UTC, when the mail arrived/);
});

test("the same mail judged today is too old, and the screen says what to do", async () => {
  const stdout = await verify(topped(await ofThatDay(), RECEIVED), ["--at", "2026-05-01"]);
  const rows = rowsOf(stdout);
  assert.equal(rows["Level"], "1, claimed");
  assert.match(rows["Why"] ?? "", /older than a week/);
  assert.equal(rows["To raise it"], "The sender has to write a new mail.");
  assert.match(rows["Judged as of"] ?? "", /as you said/);
});

test("a mail without a sender still shows what its signatures say", async () => {
  const raw = written({ from: "ann@customer.test, thief@evil.test" });
  const rows = rowsOf(await verify(await signed(raw, "evil.test")));
  assert.equal(rows["Level"], "0, unknown");
  assert.equal(rows["Address"], "none that can be believed");
  assert.match(rows["DKIM"] ?? "", /^pass: evil\.test/);
  assert.match(rows["To raise it"] ?? "", /one plain ASCII address/);
});

test("seals and other servers' results are shown as what they are: nothing that counts", async () => {
  const claim = "Authentication-Results: mx.evil.test; dmarc=pass";
  const raw = topped(await sealed(written({}), "evil.test", "dmarc=pass"), claim);
  const rows = rowsOf(await verify(raw));
  assert.equal(rows["Level"], "1, claimed");
  assert.match(rows["ARC"] ?? "", /^sealed by evil\.test: pass\. It counts for nothing/);
  assert.match(rows["Your server"] ?? "", /MAIL_AUTHSERV_ID is not set/);
  const own = rowsOf(await verify(raw, [], { ownServer: OWN }));
  assert.match(own["Your server"] ?? "", /^nothing of mx\.ourshop\.test .* \(1 Authentic/);
});

test("an ignored Reply-To comes with its reason", async () => {
  const reasonFor = async (raw: Uint8Array): Promise<string> =>
    rowsOf(await verify(raw))["Reply-To"] ?? "";
  const header = (replyTo: string): { headers: [string, string][] } => ({
    headers: [["Reply-To", replyTo]],
  });
  assert.match(await reasonFor(written(header("b@customer.test"))), /sender is not verified/);
  assert.match(await reasonFor(await signed(written(header("x@evil.test")))), /out of the sender/);
  const added = topped(await signed(written({})), "Reply-To: thief@customer.test");
  assert.match(await reasonFor(added), /does not cover it/);
});

test("for a program the same is one JSON document", async () => {
  const Report = z.object({
    level: z.literal(2),
    address: z.literal("ann@customer.test"),
    dkim: z.array(z.object({ domain: z.string(), result: z.literal("pass") })).length(1),
    accountAnswersTo: z.literal("ann@customer.test"),
    advice: z.null(),
  });
  Report.parse(JSON.parse(await verify(await signed(written({})), ["--json"])));
});

test("a mail's text cannot control the terminal", async () => {
  const raw = written({ headers: [["Reply-To", "\u001b[2J\u202E<x@evil.test>"]] });
  const stdout = await verify(raw);
  for (const character of "\u001b\u202E") assert.ok(!stdout.includes(character));
  assert.match(stdout, /x@evil\.test/);
});

test("what is no mail, no file or no time is said in a sentence", async () => {
  const noMail = Buffer.from("Dear support,\n\nwhere is my order?\n");
  await assert.rejects(verify(noMail), /has no mail headers/);
  await assert.rejects(verify(written({}), ["--at", "soon"]), /--at is a time/);
});

test("the own server comes from the environment, where nothing else need be set", () => {
  assert.equal(ownMailServerIn({ IMAP_PORT: "nonsense" }), null);
  assert.equal(ownMailServerIn({ MAIL_AUTHSERV_ID: " ", MAIL_TRUSTED_HOPS: "2" }), null);
  assert.deepEqual(ownMailServerIn({ MAIL_AUTHSERV_ID: "mx.ourshop.test" }), OWN);
  const two = { MAIL_AUTHSERV_ID: "mx.ourshop.test", MAIL_TRUSTED_HOPS: "2" };
  assert.deepEqual(ownMailServerIn(two), { ...OWN, hops: 2 });
  assert.throws(() => ownMailServerIn({ ...two, MAIL_TRUSTED_HOPS: "0" }), /MAIL_TRUSTED_HOPS/);
  assert.throws(() => ownMailServerIn({ MAIL_AUTHSERV_ID: "a b" }), /MAIL_AUTHSERV_ID/);
});

test("the command reads a file from the current folder, without any data", async () => {
  const main = join(import.meta.dirname, "../../../src/cli/main.ts");
  // No domain to ask about: no DNS is needed, so nothing leaves the machine.
  writeFileSync(join(folder, "here.eml"), written({ headers: [["From", ""]] }));
  const child = spawn(process.execPath, [main, "mail", "verify", "here.eml"], {
    cwd: folder,
    env: { ...BARE_ENVIRONMENT, HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 30_000,
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  await once(child, "close");
  assert.match(stdout, /^Level +0, unknown$/m);
});

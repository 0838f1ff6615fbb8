import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command } from "commander";
import { addMailCommands } from "#cli/mail-verify.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { mailDate, resolver, signed, topped, written } from "#test/email/mails.ts";
import type { ExplainOptions } from "#email/sender-auth/sender-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "deskhand-verify-"));
after(() => rmSync(folder, { recursive: true }));

const ARRIVED = new Date("2026-03-04T10:20:30Z");
const RECEIVED = "Received: from a by mx.ourshop.test; Wed, 04 Mar 2026 10:20:30 +0000";
const OWN = { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: true };

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
    print: (text: string) => void (stdout += text),
  } as const;
  addMailCommands(program, context);
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
  assert.match(rows["SPF"] ?? "", /^only what your own server says/);
  assert.equal(rows["Your server"], "mx.ourshop.test: dkim=pass header.d=customer.test");
  assert.match(
    rows["Reply-To"] ?? "",
    /^office@customer\.test followed for answers without account data/,
  );
  assert.match(rows["Judged as of"] ?? "", /^2026-03-04 10:20 UTC, when the mail arrived/);
});

test("a mail that two witnesses prove is said to be enough to read, and not to change something", async () => {
  const headerList = "from:date:subject:message-id:content-type:mime-version";
  const raw = await signed(written({}), "customer.test", { headerList });
  const said = "Authentication-Results: mx.ourshop.test; spf=pass smtp.mailfrom=ann@customer.test";
  const mail = topped(raw, said, `Received: from a by mx.ourshop.test; ${mailDate(new Date())}`);
  const ours = ["support@ourshop.test"];
  const rows = rowsOf(await verify(mail, [], { ownServer: OWN, ours }));
  assert.equal(rows["Level"], "2, verified");
  assert.match(rows["Means"] ?? "", /changes something asks a person/);
  const alone = rowsOf(await verify(await signed(written({})), [], { ownServer: OWN, ours }));
  assert.match(alone["Means"] ?? "", /actions follow the policy/);
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

test("a mail's text cannot control the terminal", async () => {
  const raw = written({ headers: [["Reply-To", "\u001b[2J\u202E<x@evil.test>"]] });
  const stdout = await verify(raw);
  for (const character of "\u001b\u202E") assert.ok(!stdout.includes(character));
  assert.match(stdout, /x@evil\.test/);
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

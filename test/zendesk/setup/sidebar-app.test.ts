/** `init zendesk --app`: the package of the app beside a ticket, uploaded to a sandbox account and installed there. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import JSZip from "jszip";
import { z } from "zod";
import { sidebarKey } from "#zendesk/sidebar.ts";
import { accountToSetUp } from "./bench.ts";

const account = accountToSetUp();
const { sandbox } = account;

function init(argv: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const environment = {
    ZENDESK_URL: sandbox.url,
    DESKHAND_PUBLIC_URL: "https://desk.ourshop.test/",
    ...more,
  };
  return account.init(environment, ["--app", "app.zip", ...argv]);
}

test("without a token the package is written, and how to upload it is said", async () => {
  const { stdout, exitCode } = await init([]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /Upload private app/);
  const archive = await readFile(join(account.directory, "app.zip"));
  const { files } = await JSZip.loadAsync(archive, { checkCRC32: true });
  assert.deepEqual(Object.keys(files), [
    "manifest.json",
    "translations/en.json",
    "assets/logo.svg",
    "assets/icon_ticket_sidebar.svg",
  ]);
  const Manifest = z.object({
    private: z.literal(true),
    signedUrls: z.literal(true),
    frameworkVersion: z.literal("2.0"),
    location: z.object({ support: z.object({ ticket_sidebar: z.object({ url: z.string() }) }) }),
  });
  const { location } = Manifest.parse(
    JSON.parse((await files["manifest.json"]?.async("text")) ?? ""),
  );
  assert.equal(location.support.ticket_sidebar.url, "https://desk.ourshop.test/zendesk/app");
  // The same content is the same bytes, so no file says when it was packed.
  for (const { date } of Object.values(files)) assert.equal(date.getUTCFullYear(), 1980);
});

test("a public address without https is refused, since Zendesk frames no other", async () => {
  const { stderr, exitCode } = await init([], { DESKHAND_PUBLIC_URL: "http://desk.ourshop.test" });
  assert.equal(exitCode, 1);
  assert.match(stderr, /DESKHAND_PUBLIC_URL: is http:.*https addresses alone/);
});

test("with --apply and a token it is uploaded and installed once, and what to set is shown", async () => {
  const token = { ZENDESK_ADMIN_TOKEN: sandbox.tokens.admin };
  const looked = await init([], token);
  assert.match(looked.stdout, /--apply uploads and installs it/);
  for (const argv of [["--apply"], ["--apply"]]) {
    const { stdout, stderr } = await init(argv, token);
    assert.equal(stderr, "");
    const [, installation, key = ""] =
      /ZENDESK_APP_INSTALLATION=(\d+)\s+ZENDESK_APP_PEM=(\S+)/.exec(stdout) ?? [];
    assert.equal(Number(installation), sandbox.app.installation);
    const pem = sidebarKey(key).export({ type: "spki", format: "pem" });
    assert.equal(pem, sandbox.app.publicKey);
  }
});

test("who is no admin is told Zendesk's words, and nothing is changed", async () => {
  const { stderr, exitCode } = await init(["--apply"], {
    ZENDESK_ADMIN_TOKEN: sandbox.tokens.dana,
  });
  assert.equal(exitCode, 1);
  assert.match(stderr, /Zendesk refused GET apps\/owned.json \(403\)/);
});

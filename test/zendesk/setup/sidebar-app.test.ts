/** `init zendesk --app`: the package of the app beside a ticket, uploaded to a sandbox account and installed there. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { runCommand } from "#cli/program.ts";
import type { CommandResult } from "#cli/control.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { sidebarKey } from "#zendesk/sidebar.ts";

let directory: string;
let sandbox: SandboxZendesk;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "deskhand-app-"));
  sandbox = await startSandboxZendesk({ directory, now: () => new Date() });
});
after(async () => {
  await sandbox?.close();
  await rm(directory, { recursive: true, force: true });
});

function init(
  argv: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const none = (): Promise<never> => Promise.reject(new Error("it never opens the data"));
  const environment = {
    ZENDESK_URL: sandbox.url,
    DESKHAND_PUBLIC_URL: "https://desk.ourshop.test/",
    ...more,
  };
  const caller = {
    environment,
    shell: environment,
    folder: directory,
    dataFolder: null,
    terminal: null,
  };
  const context = {
    store: { kind: "pglite" as const, run: none, close: none },
    clock: { now: () => new Date() },
    caller,
  };
  return runCommand(context, ["init", "zendesk", "--app", "app.zip", ...argv]);
}

/** The files of an archive in which nothing is compressed, each against its checksum (APPNOTE 4.3.7). */
async function unpacked(): Promise<ReadonlyMap<string, string>> {
  const archive = await readFile(join(directory, "app.zip"));
  const files = new Map<string, string>();
  let at = 0;
  while (archive.readUInt32LE(at) === 0x04034b50) {
    const [size, name] = [archive.readUInt32LE(at + 18), archive.readUInt16LE(at + 26)];
    const begins = at + 30 + name;
    const bytes = archive.subarray(begins, begins + size);
    assert.equal(crc32(bytes), archive.readUInt32LE(at + 14));
    files.set(archive.toString("utf8", at + 30, begins), bytes.toString());
    at = begins + size;
  }
  const end = archive.length - 22;
  assert.deepEqual(
    [archive.readUInt32LE(end), archive.readUInt16LE(end + 10), archive.readUInt32LE(end + 16)],
    [0x06054b50, files.size, at],
  );
  return files;
}

test("without a token the package is written, and how to upload it is said", async () => {
  const { stdout, exitCode } = await init([]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /Upload private app/);
  const files = await unpacked();
  assert.deepEqual(
    [...files.keys()],
    ["manifest.json", "translations/en.json", "assets/logo.svg", "assets/icon_ticket_sidebar.svg"],
  );
  const Manifest = z.object({
    private: z.literal(true),
    signedUrls: z.literal(true),
    frameworkVersion: z.literal("2.0"),
    location: z.object({ support: z.object({ ticket_sidebar: z.object({ url: z.string() }) }) }),
  });
  const { location } = Manifest.parse(JSON.parse(files.get("manifest.json") ?? ""));
  assert.equal(location.support.ticket_sidebar.url, "https://desk.ourshop.test/zendesk/app");
});

test("a public address without https is refused, since Zendesk frames no other", async () => {
  const { stderr, exitCode } = await init([], { DESKHAND_PUBLIC_URL: "http://desk.ourshop.test" });
  assert.equal(exitCode, 1);
  assert.match(stderr, /DESKHAND_PUBLIC_URL: is http:.*https addresses alone/);
});

test("with a token it is looked for, then uploaded and installed once, and what to set is shown", async () => {
  const token = { ZENDESK_ADMIN_TOKEN: sandbox.tokens.admin };
  assert.match((await init([], token)).stdout, /not installed in the account/);
  for (const argv of [["--apply"], ["--apply"], []]) {
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

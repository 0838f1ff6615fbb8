/** `doctor --fix`: what it says first, what it repairs, and what it leaves to people. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { doctorFix, doctorScreen, type FixSurroundings } from "#cli/doctor-command.ts";
import type { Terminal } from "#cli/init/terminal.ts";
import { readVariables } from "#config/environment-file.ts";
import { readConfig } from "#config/environment.ts";
import { examineHere } from "#doctor/index.ts";
import { findingsAbout } from "#core/connection/connection-board.ts";
import { ownFileFindings } from "#doctor/probes.ts";
import { startSandboxZendesk } from "#sandbox/zendesk/index.ts";
import { ask } from "#test/support/http-request.ts";
import { REAL_ENVIRONMENT, SECRET } from "#test/support/real-parts.ts";
import { testLong } from "#test/support/tiers.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const Webhooks = z.object({ webhooks: z.array(z.object({ id: z.string(), status: z.string() })) });
const PUBLIC_URL = "http://127.0.0.1:4747";

function folderFor(context: TestContext): string {
  const made = temporaryFolder(context);
  return made;
}

/** A person at the terminal who types these lines. */
function typing(lines: string[]): { readonly prompts: string[]; readonly open: () => Terminal } {
  const prompts: string[] = [];
  const terminal: Terminal = {
    say: () => undefined,
    ask: async (prompt) => {
      prompts.push(prompt);
      return lines.shift() ?? "";
    },
    close: () => undefined,
  };
  return { prompts, open: () => terminal };
}

async function fixed(given: Partial<FixSurroundings> & Pick<FixSurroundings, "site" | "look">) {
  const printed: string[] = [];
  const say = (text: string): void => void printed.push(text);
  const exitCode = await doctorFix({ say, terminal: null, isAgreed: false, ...given });
  return { printed: printed.join("\n"), exitCode };
}

test("files that others can read are closed after leave was given, and not before", async (context) => {
  const folder = folderFor(context);
  const dataFolder = join(folder, "data");
  const file = join(folder, ".env");
  writeFileSync(file, "DESKHAND_LOG=warn\n");
  chmodSync(file, 0o644);
  const environment = { DESKHAND_DATA: dataFolder, DESKHAND_ENV_FILE: file };
  const site = { environment, folder, dataFolder };
  const look = async () => ownFileFindings(readConfig(environment));
  const unasked = await fixed({ site, look });
  assert.equal(unasked.exitCode, 2);
  assert.match(unasked.printed, /✗ .*\n {4}It holds tokens/);
  assert.match(unasked.printed, new RegExp(`take other users' rights from ${file}`));
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const refusing = await fixed({ site, look, terminal: typing(["no"]).open });
  assert.match(refusing.printed, /Nothing was changed/);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const agreed = await fixed({ site, look, terminal: typing(["yes"]).open });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(agreed.exitCode, 0, agreed.printed);
});

test("a data folder that others can read is a problem, and one that is closed is none", (context) => {
  const folder = folderFor(context);
  const config = readConfig({ DESKHAND_DATA: folder, DESKHAND_ENV_FILE: join(folder, ".env") });
  assert.deepEqual(ownFileFindings(config), []);
  chmodSync(folder, 0o755);
  assert.deepEqual(
    ownFileFindings(config).map(({ check, state, fix }) => [check, state, fix]),
    [["data folder", "problem", "close_folder"]],
  );
});

testLong(
  "a Zendesk account gets what is missing, and the file of variables its secret",
  async (context) => {
    const folder = folderFor(context);
    const zendesk = await startSandboxZendesk({
      directory: join(folder, "zendesk"),
      now: () => new Date(),
    });
    context.after(() => zendesk.close());
    const file = join(folder, ".env");
    writeFileSync(file, `ZENDESK_WEBHOOK_SECRET=${SECRET}\n`, { mode: 0o600 });
    const environment = {
      ...REAL_ENVIRONMENT,
      DESKHAND_DATA: join(folder, "data"),
      DESKHAND_ENV_FILE: file,
      DESKHAND_PUBLIC_URL: PUBLIC_URL,
      ZENDESK_URL: zendesk.url,
      ZENDESK_WRITER_CLIENT_ID: zendesk.oauth.writer.id,
      ZENDESK_WRITER_CLIENT_SECRET: zendesk.oauth.writer.secret,
      ZENDESK_READER_CLIENT_ID: zendesk.oauth.reader.id,
      ZENDESK_READER_CLIENT_SECRET: zendesk.oauth.reader.secret,
      ZENDESK_GROUP_BOT: String(zendesk.groups.bot),
      ZENDESK_GROUP_TIER2: String(zendesk.groups.tier2),
      ZENDESK_GROUP_SENSITIVE: String(zendesk.groups.sensitive),
    };
    const webhooks = async () =>
      Webhooks.parse(
        await ask(`${zendesk.url}/api/v2/webhooks`, {
          headers: { authorization: `Bearer ${zendesk.tokens.admin}` },
        }),
      ).webhooks;
    const look = async () =>
      (await examineHere({ ...environment, ...readVariables(file) })).filter(
        ({ part }) => part === "zendesk",
      );
    const before = await look();
    assert.ok(before.some(({ check, fix }) => check === "webhook" && fix === "zendesk_account"));
    const site = { environment, folder, dataFolder: environment.DESKHAND_DATA };
    const someone = typing(["", zendesk.tokens.admin]);
    const { printed } = await fixed({ site, look, terminal: someone.open });
    assert.equal((await webhooks()).length, 1, printed);
    assert.ok(!printed.includes(zendesk.tokens.admin) && !printed.includes(SECRET));
    const after = await look();
    assert.deepEqual(
      after.filter(({ fix }) => fix !== undefined),
      [],
      printed,
    );
    assert.ok(!readFileSync(file, "utf8").includes(SECRET));
  },
);

test("the screen tells each problem once, at its end, with all its lines", () => {
  const finding = findingsAbout("policy and procedures");
  const screen = doctorScreen([
    finding("ok", "first", "is well"),
    finding("problem", "policy file", "cannot be used:\na mistake\nanother", "correct it"),
    finding("problem", "procedures", "none", "write one"),
  ]);
  assert.match(screen, /✗ policy file +see below\n +✗ procedures +see below/);
  assert.match(screen, /cannot be used:\n {4}a mistake\n {4}another\n {4}→ correct it/);
  for (const words of ["another", "correct it", "write one"])
    assert.equal(screen.split(words).length, 2, words);
});

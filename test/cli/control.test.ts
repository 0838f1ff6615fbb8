/** The control socket: its owner's alone, and a command through it is answered whatever comes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { callControl, CommandResult, startControl } from "#cli/control.ts";
import { typed } from "./typed-command.ts";
import { z } from "zod";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

const ECHO = async ({ argv }: { readonly argv: readonly string[] }): Promise<CommandResult> => ({
  stdout: `${argv.join(" ")}\n`,
  stderr: "",
  exitCode: 0,
});

/** Closed with the test, also when it fails. */
async function served(
  context: TestContext,
  folder: string,
  run: Parameters<typeof startControl>[1],
): Promise<{ close(): Promise<void> }> {
  const starting = startControl(folder, run);
  context.after(async () => (await starting).close());
  return starting;
}

describe("the control socket", () => {
  test("is its owner's alone, and gone when it is closed", async (context) => {
    const folder = temporaryFolder(context);
    const before_ = process.umask();
    const control = await served(context, folder, ECHO);
    const socket = join(folder, "control.sock");
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.ok(statSync(socket).isSocket());
    assert.equal(process.umask(), before_, "files made later would get the socket's mode");
    await control.close();
    assert.equal(existsSync(socket), false);
    assert.equal(await callControl(folder, ["status"]), null);
  });

  test("is never open to others while it is made", async (context) => {
    const folder = temporaryFolder(context);
    const starting = served(context, folder, ECHO);
    assert.equal(statSync(join(folder, "control.sock")).mode & 0o077, 0);
    await starting;
  });

  test("takes words of any script and of any length up to its limit, unharmed", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, ECHO);
    const argv = Array.from({ length: 6 }, (_, index) => `${"ä€😀".repeat(900)}${index}`);
    assert.deepEqual(await callControl(folder, argv), await ECHO({ argv }));
  });

  test("brings along the folder the command was typed in", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, async (call) => ({
      stdout: call.folder,
      stderr: "",
      exitCode: 0,
    }));
    assert.equal((await callControl(folder, ["status"]))?.stdout, process.cwd());
  });

  test("takes a command also where a line for the next start is wrong, which a restore is refused for", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, ECHO);
    const environment = { DESKHAND_PORT: "many" };
    const paused = await typed(folder, ["pause", "email"], { environment });
    assert.deepEqual(paused, { stdout: "pause email\n", stderr: "", exitCode: 0 });
    const refused = await typed(folder, ["restore", "file"], { environment });
    assert.match(refused.stderr, /DESKHAND_PORT: /);
  });

  test("takes doctor, which looks at the settings where it is typed as well", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, async () => ({ stdout: "[]", stderr: "", exitCode: 0 }));
    const environment = {
      MAIL_ALIAS: "a@ourshop.test",
      MAIL_AUTHSERVID: "mx",
      MAIL_PASS_DE: "of an inbox",
      S3_ENCRYPT: "aws:kms",
      CHAT_ORIGIN: "https://ourshop.test",
      ZENDESK_ADMIN_TOKEN: "t",
    };
    const { stdout } = await typed(folder, ["doctor", "--json"], { environment });
    assert.deepEqual(
      z.array(z.object({ check: z.string() })).parse(JSON.parse(stdout)),
      ["CHAT_ORIGIN", "MAIL_ALIAS", "MAIL_AUTHSERVID", "S3_ENCRYPT"].map((check) => ({ check })),
    );
  });

  test("reads a letter whole whose bytes arrive apart", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, ECHO);
    const body = Buffer.from(JSON.stringify({ argv: ["€"], folder: "/here" }));
    const middle = body.indexOf("€") + 1;
    const result = await posted(folder, [body.subarray(0, middle), body.subarray(middle)]);
    assert.equal(result.stdout, "€\n");
  });

  test("brings back long answers with every letter whole", async (context) => {
    const folder = temporaryFolder(context);
    const answer = { stdout: "x€😀".repeat(100_000), stderr: "ü", exitCode: 3 };
    await served(context, folder, async () => answer);
    assert.deepEqual(await callControl(folder, []), answer);
  });

  for (const [what, body, words] of [
    ["no JSON", "{", /JSON/],
    ["no command", '{"command":"status"}', /argv/],
    [
      "more than a command",
      JSON.stringify({ argv: ["x".repeat(70_000)], folder: "/" }),
      /too long/,
    ],
    ["too many words", JSON.stringify({ argv: Array(60).fill("x"), folder: "/" }), /argv|<=50/],
  ] as const)
    test(`answers ${what} with a failed command and goes on`, async (context) => {
      const folder = temporaryFolder(context);
      await served(context, folder, ECHO);
      const result = await posted(folder, [Buffer.from(body)]);
      assert.equal(result.exitCode, 1);
      assert.match(result.stderr, words);
      assert.equal((await callControl(folder, ["still"]))?.stdout, "still\n");
    });

  test("answers a command that throws with its reason", async (context) => {
    const folder = temporaryFolder(context);
    await served(context, folder, async () => {
      throw new Error("the database is away");
    });
    assert.deepEqual(await callControl(folder, ["status"]), {
      stdout: "",
      stderr: "the database is away\n",
      exitCode: 1,
    });
  });

  test("that a killed process left behind counts as none, and is replaced", async (context) => {
    const folder = temporaryFolder(context);
    const code = `
      import { startControl } from "#cli/control.ts";
      await startControl(process.argv[1], async () => ({ stdout: "", stderr: "", exitCode: 0 }));
      console.log("up");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    assert.equal((await callControl(folder, []))?.exitCode, 0);
    child.kill("SIGKILL");
    await ended;
    assert.ok(existsSync(join(folder, "control.sock")));
    assert.equal(await callControl(folder, []), null);
    await served(context, folder, ECHO);
    assert.equal((await callControl(folder, ["new"]))?.stdout, "new\n");
  });

  test("of something that is no Deskhand is an error, not an endless wait", async (context) => {
    const folder = temporaryFolder(context);
    const server = createServer((_incoming, response) => response.end("hello"));
    server.listen(join(folder, "control.sock"));
    context.after(() => server.close());
    await once(server, "listening");
    await assert.rejects(callControl(folder, []), /JSON/);
  });
});

/** Sends these bytes, each piece when the one before has had time to arrive. */
async function posted(folder: string, pieces: readonly Uint8Array[]): Promise<CommandResult> {
  const outgoing = request({ socketPath: join(folder, "control.sock"), method: "POST" });
  const answered = once(outgoing, "response");
  for (const piece of pieces) {
    outgoing.write(piece);
    await delay(20);
  }
  outgoing.end();
  const [response] = await answered;
  return CommandResult.parse(await json(response));
}

/** The sandbox Zendesk as a program of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { z } from "zod";

const First = z.object({
  url: z.string(),
  tokens: z.object({
    admin: z.string(),
    bot: z.string(),
    dana: z.string(),
    lee: z.string(),
    ann: z.string(),
  }),
  groups: z.strictObject({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
});

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "zendesk-alone-"));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Started the way npm starts it, in a folder of the test's. */
function start(context: TestContext, cwd: string, ...options: string[]) {
  const program = resolve("packages/sandbox/zendesk/main.ts");
  const child = spawn(process.execPath, [program, ...options], { cwd });
  const ended = once(child, "exit");
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended };
}

test("the first line is JSON with address, tokens and groups, and they work", async (context) => {
  const { child, ended } = start(context, folder(context), "--port", "0");
  const [line] = await once(createInterface(child.stdout), "line");
  const { url, tokens, groups } = First.parse(JSON.parse(String(line)));
  const as = async (who: keyof typeof tokens, path: string) => {
    const headers = { authorization: `Bearer ${tokens[who]}` };
    return await fetch(`${url}/api/v2${path}`, { headers });
  };
  for (const who of ["admin", "bot", "dana", "lee", "ann"] as const) {
    const me = z.looseObject({ user: z.looseObject({ name: z.string() }) });
    assert.notEqual(
      me.parse(await (await as(who, "/users/me")).json()).user.name,
      "Anonymous user",
    );
  }
  assert.equal((await as("lee", `/groups/${groups.tier2}`)).status, 200);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("a port that is taken and data in use are refused with words, and what runs goes on", async (context) => {
  const cwd = folder(context);
  const { child } = start(context, cwd, "--directory", "data");
  const [line] = await once(createInterface(child.stdout), "line");
  const { url } = First.parse(JSON.parse(String(line)));
  const port = new URL(url).port;
  const refusals = [
    { options: ["--port", port], words: new RegExp(`port ${port} cannot be had`, "u") },
    { options: ["--directory", "data"], words: /data is in use by process \d+/u },
    { options: ["--port", "no"], words: /--port wants a number/u },
    { options: ["--prot", "1"], words: /Usage/u },
  ];
  await Promise.all(
    refusals.map(async ({ options, words }) => {
      const second = start(context, cwd, ...options);
      const [out, error] = await Promise.all([
        text(second.child.stdout),
        text(second.child.stderr),
      ]);
      assert.deepEqual(await second.ended, [1, null]);
      assert.equal(out, "");
      assert.match(error, words);
    }),
  );
  assert.equal((await fetch(`${url}/api/v2/users/me`)).status, 200);
});
